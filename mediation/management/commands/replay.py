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
from mediation.simulation import stand, tables
from mediation.simulation.olist import Olist
from mediation.simulation.replay import Replay
from mediation.simulation.shop import folded

NOTE = (
    "The orders and the complaints are real. How sellers, mediators, carriers and gateways answer "
    "is not in the data: it is a choice made with seed {seed}."
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

    def handle(self, *_args, folder, seed, weeks, limit, **_options):
        self.stdout.ending = ""
        console = Console(file=cast("IO[str]", self.stdout), highlight=False)
        try:
            olist = Olist(folder)
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing") from error
        grievances = folded(olist.grievances()[:limit], weeks)
        if not grievances:
            raise CommandError("there is nothing to replay")
        console.print(NOTE.format(seed=seed))
        if weeks:
            console.print(f"Each order is moved by whole weeks, so that all begin within {weeks}.")
        market = stand.marketplace(grievances[0].at, at=steps.database_clock())
        run = Replay(market, grievances, seed=seed)
        logging.getLogger("mediation.payouts").setLevel(logging.ERROR)  # the gateway is told to
        began = time.monotonic()
        with Progress(*BAR, console=console) as progress:
            bar = progress.add_task("replay", total=len(grievances))
            run.run(lambda done: progress.update(bar, completed=done))
            progress.update(bar, completed=len(grievances))
        rare = report(console, run, olist)
        console.print(f"{time.monotonic() - began:.0f} s, marketplace {market.slug}")
        if still := tables.still_running(market):
            raise CommandError(f"{still} cases have not ended")
        if rare and not limit:
            raise CommandError(f"too rare: {', '.join(rare)}")


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
