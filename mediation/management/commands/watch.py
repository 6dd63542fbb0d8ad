"""`manage.py watch`: one line for everything that happens, as it is committed."""

import time
from typing import IO, cast

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection
from rich.console import Console

from mediation import steps
from mediation.simulation import demo
from mediation.simulation.feed import Feed
from mediation.simulation.lines import line
from mediation.simulation.stage import Stage

LOOK = 0.25  # seconds between two looks
PATIENCE = 1  # seconds before a database that was away is asked again


class Command(BaseCommand):
    help = "Print a line for each event and letter of all marketplaces, until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--play", action="store_true", help="play the stories of the demo")

    def handle(self, *_args, play, **_options):
        self.stdout.ending = ""
        console = Console(file=cast("IO[str]", self.stdout), soft_wrap=True, highlight=False)
        feed = Feed()
        at = steps.database_clock()
        stage = Stage(demo.marketplace(at), at) if play else None
        while True:
            try:
                look(feed, stage, console)
                time.sleep(LOOK)
            except (OperationalError, InterfaceError):  # it restarts; so do we
                connection.close()
                time.sleep(PATIENCE)


def look(feed: Feed, stage: Stage | None, console: Console) -> None:
    """Let the stage act, then print what is new."""
    if stage is not None:
        for refused in stage.act(steps.database_clock()):
            console.print(f"{refused.code}: {refused}", style="red")
    for thing in feed.look():
        console.print(line(thing))
