"""Cases opened over HTTP, and lists of them, beside django-helpdesk on the same machine.

Both have a web server with the options of `make up`, a database of the same server, and as many
rows to begin with; the load generator is one more process. What workers do afterwards is not in
it: our letters and webhooks are rows by then, and theirs sends no mail.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

from benchmarks import databases, fill, load, web
from benchmarks.load import Load, Request
from benchmarks.measuring import Figure, interleaved
from benchmarks.peers import helpdesk
from benchmarks.peers.helpdesk import Helpdesk
from benchmarks.report import Report, say
from benchmarks.servers import Servers

NAME = "bench_web"
AT_ONCE = (1, 4, 8)
PENDING = timedelta(days=1)  # until the first of the cases that are there falls due
PAGE = 25  # rows of a list
MOST = 300  # openings per second that are prepared
OK, CREATED = 200, 201


@dataclass(frozen=True, kw_only=True)
class Sizes:
    suffix: str
    rows: int
    seconds: float  # of one measurement
    rounds: int

    @property
    def openings(self) -> int:
        """How many there can be at most, with one of each number at once to warm up."""
        return int(MOST * self.seconds) * len(AT_ONCE) * (self.rounds + 1)


QUICK = Sizes(suffix="_10k", rows=10_000, seconds=2, rounds=2)
FULL = Sizes(suffix="", rows=100_000, seconds=5, rounds=5)


class Match:
    """Two web servers that are up, and the loads that they have been under."""

    openings: Iterator[Request]  # no order twice
    loads: list[Load]
    opened: dict[str, int]  # address of a server → how often it has answered 201

    def __init__(self, servers: Servers, sizes: Sizes, stack: ExitStack) -> None:
        """Fill both and start both."""
        logs, self.sizes = servers.supervisor.logs, sizes
        self.helpdesk = Helpdesk(servers)
        site = {"site": helpdesk.SITE, "python": helpdesk.PYTHON, **self.helpdesk.env}
        self.theirs = stack.enter_context(web.served(logs, **site))
        load.send(self.theirs, [self.helpdesk.opening()], at_once=1, seconds=1, expect=CREATED)
        self.helpdesk.fill(sizes.rows - 1)
        databases.create(NAME)
        servers.point_to(NAME)
        step = timedelta(days=2) / sizes.rows
        fill.fill(sizes.rows, first_due=datetime.now(UTC) + PENDING, step=step)
        self.openings = iter(web.openings(sizes.openings))
        fill.vacuum()
        self.ours = stack.enter_context(web.served(logs))
        self.loads, self.opened = [], {self.ours: 0, self.theirs: 0}
        say(f"{sizes.rows:,} cases and as many tickets are there, and both servers are up")

    def open_cases(self, at_once: int) -> float:
        """Give the cases per second."""
        some = [*islice(self.openings, int(MOST * self.sizes.seconds))]
        return self._send(self.ours, some, at_once, CREATED).rate

    def open_tickets(self, at_once: int) -> float:
        """Give the tickets per second."""
        some = [self.helpdesk.opening()] * int(MOST * self.sizes.seconds)
        return self._send(self.theirs, some, at_once, CREATED).rate

    def list_cases(self, at_once: int) -> float:
        """Give the milliseconds that 95 of 100 lists stay under."""
        some = [web.listing(limit=PAGE)] * int(MOST * self.sizes.seconds)
        return self._send(self.ours, some, at_once, OK).p95

    def list_tickets(self) -> float:
        """Give the seconds that one of theirs takes."""
        some = [self.helpdesk.listing(limit=PAGE)]
        return self._send(self.theirs, some, 1, OK).ms[0] / 1_000

    def _send(self, url, requests, at_once, expect):
        seconds = self.sizes.seconds
        done = load.send(url, requests, at_once=at_once, seconds=seconds, expect=expect)
        self.loads.append(done)
        self.opened[url] += len(done.ms) * (expect == CREATED)
        return done


def compare(report: Report, servers: Servers, *, quick: bool) -> None:
    """Measure both in turns."""
    sizes = QUICK if quick else FULL
    with ExitStack() as stack:
        match = Match(servers, sizes, stack)
        there = databases.number("SELECT count(*) FROM cases_case"), match.helpdesk.count()
        _creations(report, match)
        _lists(report, match)
        _count(match, *there)
    shares = Figure(values=tuple(load.cpu_share for load in match.loads))
    report.add("load generator, share of a core", shares, key="loadgen_cpu_share" + sizes.suffix)


def _creations(report, match):
    jobs = {}
    for at_once in AT_ONCE:
        jobs[f"ours c{at_once}"] = partial(match.open_cases, at_once)
        jobs[f"theirs c{at_once}"] = partial(match.open_tickets, at_once)
    for job in jobs.values():
        job()  # what is done first is never like the rest
    found = interleaved(jobs, match.sizes.rounds, say)
    for at_once in AT_ONCE:
        ours, theirs = found[f"ours c{at_once}"], found[f"theirs c{at_once}"]
        report.add(f"cases opened, {at_once} at once", ours, unit=" /s")
        report.add(f"django-helpdesk's tickets, {at_once} at once", theirs, unit=" /s")
        key = f"create_ratio_c{at_once}{match.sizes.suffix}"
        report.add(f"cases : tickets, {at_once} at once", ours.over(theirs), key=key, aim="≥ 2")


def _lists(report, match):
    jobs = {f"c{at_once}": partial(match.list_cases, at_once) for at_once in AT_ONCE}
    found = interleaved(jobs, match.sizes.rounds, lambda _line: None)
    suffix, rows = match.sizes.suffix, f"{match.sizes.rows:,}"
    for at_once in AT_ONCE:
        what, key = f"{PAGE} of {rows} cases, {at_once} at once", f"list_p95_ms_c{at_once}{suffix}"
        report.add(what + ", p95", found[f"c{at_once}"], key=key, aim="< 50", unit=" ms")
    theirs = Figure(values=(match.list_tickets(),))
    what, key = f"{PAGE} of {rows} of django-helpdesk's tickets", f"helpdesk_list_s{suffix}"
    report.add(what, theirs, key=key, unit=" s")


def _count(match, cases, tickets):
    """See that what was answered was written.

    :raises RuntimeError: it was not
    """
    added = databases.number("SELECT count(*) FROM cases_case") - cases
    events = databases.number("SELECT count(*) FROM cases_event WHERE name = 'open'") - cases
    theirs = match.helpdesk.count() - tickets
    if not added == events == match.opened[match.ours] or theirs != match.opened[match.theirs]:
        raise RuntimeError(f"{match.opened} were opened; {added}, {events}, {theirs} are there")
    say(f"opened in all: {added:,} cases, {theirs:,} tickets")
