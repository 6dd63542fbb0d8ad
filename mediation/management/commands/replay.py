"""`manage.py replay DIR`: real orders become cases, and a simulated clock runs through them."""

import logging
import time
from pathlib import Path
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from rich.columns import Columns
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mediation import steps
from mediation.invariants import check
from mediation.simulation import stand, tables
from mediation.simulation.olist import Olist
from mediation.simulation.overlay import Overlay, worded
from mediation.simulation.replay import Replay
from mediation.simulation.shop import folded
from mediation.simulation.texts import Texts
from mediation.simulation.traces import Samples

NOTE = (
    "The orders and the complaints are real. How sellers, mediators, carriers and gateways answer "
    "is not in the data: it is a choice made with seed {seed}."
)
NOTE_B = (
    "Script B: texts and traces of parcels are real as well, but of other people's orders: good "
    "for load and flow, useless for how well anybody decides."
)
BAR = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


class Command(BaseCommand):
    help = "Replay the Olist orders in DIR (read where they are) as cases, on a simulated clock."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", type=Path, help="where olist_*.csv are")
        parser.add_argument("--seed", type=int, default=1, help="of the scripted choices")
        parser.add_argument(
            "--weeks", type=int, default=8, help="lay all orders over so many weeks; 0: do not"
        )
        parser.add_argument("--limit", type=int, help="only so many complaints, from the first on")

        parser.add_argument(
            "--script",
            choices=["a", "b"],
            default="a",
            help="b: lay Chinese texts and traces of parcels over the orders",
        )

    def handle(self, *_args, folder, seed, weeks, limit, script, **_options):
        self.stdout.ending = ""
        console = Console(file=cast("IO[str]", self.stdout), highlight=False)
        try:
            olist = Olist(folder)
            overlaid = (Texts(folder, seed), Samples.read(folder)) if script == "b" else None
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing") from error
        grievances = folded(olist.grievances()[:limit], weeks)
        if not grievances:
            raise CommandError("there is nothing to replay")
        console.print(NOTE.format(seed=seed))
        if weeks:
            console.print(f"Each order is moved by whole weeks, so that all begin within {weeks}.")
        market = stand.marketplace(grievances[0].at, at=steps.database_clock())
        run = self._run(console, market, grievances, overlaid, seed)
        logging.getLogger("mediation.payouts").setLevel(logging.ERROR)  # the gateway is told to
        began = time.monotonic()
        with Progress(*BAR, console=console) as progress:
            bar = progress.add_task("replay", total=len(grievances))
            run.run(lambda done: progress.update(bar, completed=done))
            progress.update(bar, completed=len(grievances))
        rare = report(console, run, olist)
        if isinstance(run, Overlay):
            report_overlay(console, run)
        console.print(f"{time.monotonic() - began:.0f} s, marketplace {market.slug}")
        if still := tables.still_running(market):
            raise CommandError(f"{still} cases have not ended")
        if rare and not limit and not overlaid:
            raise CommandError(f"too rare: {', '.join(rare)}")

    def _run(self, console, market, grievances, overlaid, seed):
        if overlaid is None:
            return Replay(market, grievances, seed=seed)
        console.print(NOTE_B)
        texts, samples = overlaid
        return Overlay(market, worded(grievances, texts), samples, seed=seed)


def report_overlay(console, run):
    """Print what carriers have sent; refuse if any of it counts twice."""
    console.print(tables.carriers(run.tally))
    console.print(tables.arrivals(run.market))
    again = run.feed_again()
    console.print(f"all {len(run.sent):,} bodies once more: {again} new scans or events")
    if again:
        raise CommandError("what carriers send twice counts twice")
    if broken := check(at=run.now):
        raise CommandError(f"invariants do not hold: {', '.join(broken)}")
    console.print("invariants: 0 violations")


def report(console, run, olist):
    """Print all tables; give what can be reached and was rare."""
    tally = tables.Tally.of(run.market)
    console.print(
        Columns(
            [tables.outcomes(run.market), tables.refunds(run.market), tables.letters(run.market)]
        )
    )
    console.print(Columns(tally.tables()))
    for title, notes in (("data", olist.notes), ("refused", run.refused)):
        for note, count in sorted(notes.items()):
            console.print(f"{title}: {note}: {count}")
    return tally.rare()
