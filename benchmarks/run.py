"""The benchmark from beginning to end."""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks import claims as desk
from benchmarks import creations, databases, fill, lag, relay
from benchmarks.crew import Crew
from benchmarks.databases import LARGE, SMALL
from benchmarks.measuring import Figure, interleaved
from benchmarks.peers import schedulers
from benchmarks.report import Report, say
from benchmarks.servers import Servers
from mediation.steps import CLOCKS_PER_RUN, lapse

PENDING = timedelta(days=1)  # from now on; they fall due within the two days after
PER_SECOND = 300  # clocks that fall due while the lag is measured
FEW = 1_000  # pending clocks of the small database


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many of what. A rate is taken over one drain of so many cases."""

    suffix: str
    pending: int
    drain: int
    by_peers: int
    repeats: int
    lag_seconds: int
    rung: int = 20_000
    sent: int = 2_000


QUICK = Sizes(
    suffix="100k", pending=100_000, drain=3_000, by_peers=1_000, repeats=5, lag_seconds=20
)
FULL = Sizes(
    suffix="1m", pending=1_000_000, drain=10_000, by_peers=2_000, repeats=7, lag_seconds=30
)


def everything(servers: Servers, *, quick: bool) -> None:
    """Measure everything and report."""
    sizes = QUICK if quick else FULL
    report = Report("seller silent → escalated; the desk; cases over HTTP")
    prepare(servers, sizes)
    crew = Crew(2)
    try:
        rates(report, crew, servers, sizes)
    finally:
        crew.dismiss()
    relays(report, sizes)
    lags(report, servers, sizes, ending=f"_{sizes.suffix}" if quick else "")
    servers.start_broker()  # the last measurement has killed it
    databases.drop(SMALL, LARGE)
    desk.claims(report, quick=quick)
    creations.compare(report, servers, quick=quick)
    report.finish(pending=sizes.pending)


def claims(*, quick: bool) -> None:
    """Measure the desk with many disputes waiting."""
    report = Report("the desk")
    desk.claims(report, quick=quick)
    report.finish(partly=True)


def helpdesk(servers: Servers, *, quick: bool) -> None:
    """Measure cases over HTTP."""
    report = Report("cases over HTTP")
    creations.compare(report, servers, quick=quick)
    report.finish(partly=True)


def prepare(servers: Servers, sizes: Sizes) -> None:
    """Make both databases, with their pending clocks."""
    databases.create(SMALL, LARGE)
    for name, pending in ((SMALL, FEW), (LARGE, sizes.pending)):
        databases.use(name)
        servers.point_to(name)
        started = datetime.now(UTC)
        first = started + PENDING
        fill.fill(pending, first_due=first, step=timedelta(days=2) / pending)
        fill.vacuum()
        took = datetime.now(UTC) - started
        say(f"{name}: {pending:,} open cases in {took.total_seconds():.0f} s")


def rates(report: Report, crew: Crew, servers: Servers, sizes: Sizes) -> None:
    """Drain in all ways, in turns, and compare."""

    def drain(job: str, database: str, processes: int = 1) -> float:
        overdue(database, sizes.drain * processes)
        return crew.rate(job, database, processes=processes)

    def by_peer(peer: schedulers.Peer) -> float:
        databases.use(LARGE)
        databases.fresh()
        return schedulers.rate(peer, sizes.by_peers, servers.supervisor.logs)

    jobs = {
        "lapse": functools.partial(drain, "lapse", LARGE),
        "sql": functools.partial(drain, "sql", LARGE),
        "lapse, two processes": functools.partial(drain, "lapse", LARGE, 2),
        "lapse, 1k pending": functools.partial(drain, "lapse", SMALL),
        **{peer.name: functools.partial(by_peer, peer) for peer in schedulers.PEERS},
    }
    for job, database in (("lapse", SMALL), ("lapse", LARGE), ("sql", LARGE)):
        drain(job, database, 2)  # what is done first is never like the rest
    report.results["rows_per_lapse"] = rows_per_lapse()
    found = interleaved(jobs, sizes.repeats, say)
    one, two = found["lapse"], found["lapse, two processes"]
    names = {
        "lapse": "lapse, one process",
        "sql": "one SQL statement that leaves identical rows",
        "celery": "Celery eta, two processes",
        "huey": "huey, two processes",
    }
    for name, figure in found.items():
        report.add(names.get(name, name), figure, unit=" /s")
    best = max((found[peer.name] for peer in schedulers.PEERS), key=lambda figure: figure.median)
    tell = report.add
    tell("lapse : SQL", one.over(found["sql"]), key="sql_limit_ratio", aim="≥ 0.5")
    tell("lapse : Celery eta", two.over(found["celery"]), key="celery_eta_ratio", aim="≥ 25")
    tell("lapse : fastest peer", two.over(best), key="best_peer_ratio", aim="≥ 12")
    tell("two processes : one", two.over(one), key="two_process_ratio", aim="≥ 1.7")
    growth = one.over(found["lapse, 1k pending"])
    tell(f"{sizes.suffix} : 1k pending", growth, key=f"growth_1k_{sizes.suffix}", aim="≥ 0.9")


def overdue(database: str, n: int) -> None:
    """Add cases whose sellers have been silent for too long."""
    databases.use(database)
    fill.fill(n, first_due=datetime.now(UTC) - timedelta(hours=1), step=timedelta(microseconds=100))
    databases.fresh()


def rows_per_lapse() -> float:
    """Count the rows that one case's lapse inserts, updates or deletes."""
    overdue(SMALL, CLOCKS_PER_RUN)
    before = databases.written()
    moved = lapse()
    return round((databases.written() - before) / moved, 2)


def relays(report: Report, sizes: Sizes) -> None:
    """Tell workers of effects in both ways."""
    jobs = {
        "ring": lambda: relay.by_ring(sizes.rung),
        "apply_async": lambda: relay.by_apply_async(sizes.sent),
    }
    found = interleaved(jobs, sizes.repeats, lambda _line: None)
    report.add("effects told of, 100 ids a message", found["ring"], unit=" /s")
    report.add("effects told of, apply_async per row", found["apply_async"], unit=" /s")
    ratio = found["ring"].over(found["apply_async"])
    report.add("ring : apply_async", ratio, key="relay_ratio", aim="≥ 40")


def lags(report: Report, servers: Servers, sizes: Sizes, *, ending: str) -> None:
    """Let clocks fall due while a worker runs, with a broker and without."""
    databases.use(LARGE)
    servers.point_to(LARGE)
    measure = functools.partial(
        lag.measure,
        per_second=PER_SECOND,
        seconds=sizes.lag_seconds,
        logs=servers.supervisor.logs,
    )
    alive = measure()
    dead = measure(disturb=servers.kill_broker)
    for what, lags_, percent, key, aim in (
        ("due → committed, p50", alive, 50, "lag_p50_s", "≤ 0.005"),
        ("due → committed, p99", alive, 99, "lag_p99_s", "≤ 0.02"),
        ("the same, broker dead, p50", dead, 50, "lag_p50_broker_dead_s", ""),
        ("the same, broker dead, p99", dead, 99, "lag_p99_broker_dead_s", "≤ 0.02"),
    ):
        figure = Figure(values=(lags_.percentile(percent),))
        report.add(what, figure, key=key + ending, aim=aim, unit=" s")
    memory = Figure(values=(alive.worker_mb,))
    key = f"worker_mb_at_{sizes.suffix}"
    report.add(
        "memory of that worker, its child included", memory, key=key, aim="< 250", unit=" MB"
    )
