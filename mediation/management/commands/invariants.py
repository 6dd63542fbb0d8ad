"""`manage.py invariants`: ask the database what must always be true."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from cases.models import Clock
from mediation.invariants import INVARIANTS, check


class Command(BaseCommand):
    help = "Check what must always be true; exit 1 with the offending rows if something is not."

    def handle(self, **_options: Any) -> None:
        wrong = check()
        for name, rows in wrong.items():
            self.stderr.write(self.style.ERROR(f"Not true: {name}"))
            for row in rows:
                self.stderr.write("  " + ", ".join(f"{key}={value}" for key, value in row.items()))
        parked = Clock.objects.filter(parked__gt=0).values("case").distinct().count()
        self.stdout.write(f"{len(INVARIANTS)} invariants checked, {len(wrong)} violations")
        if parked:
            self.stdout.write(f"{parked} cases are parked: their clocks could not run out")
        if wrong:
            sys.exit(1)
