"""`manage.py sandbox`: a marketplace with a clock of its own, and tokens to try it with."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from cases import tokens
from cases.models import Marketplace, PolicyVersion, TestClock
from cases.models.policy import in_force, install
from mediation import steps
from mediation.sandbox import making

DAY = 24 * 60 * 60
# Whoever the orders of the sandbox name; nobody needs to exist before.
PEOPLE = {"service": "", "buyer": "bea", "seller": "sam"}


class Command(BaseCommand):
    help = "Find or make a sandbox; print its clock and tokens for its service, a buyer, a seller."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", default="sandbox")
        parser.add_argument("--policy", default="default", help="the name of a preset")
        parser.add_argument("--start", metavar="MOMENT", help="of its clock; now, if not given")
        parser.add_argument("--days", type=int, default=7, help="that the tokens hold")

    def handle(self, *, slug: str, days: int, **options: Any) -> None:
        found = Marketplace.objects.filter(slug=slug).first()
        found = found or self._new(slug, options["policy"], options["start"])
        if not found.is_sandbox:
            raise CommandError(f"{slug} is a live marketplace.")
        told = {role: _token(found, role, party, days) for role, party in PEOPLE.items()}
        clock = TestClock.objects.get(marketplace=found)
        self.stdout.write(json.dumps({"marketplace": slug, "at": clock.at.isoformat(), **told}))

    def _new(self, slug, policy, start):
        at = steps.database_clock()
        start = parse_datetime(start) if start else at
        if start is None or start.tzinfo is None:
            raise CommandError("--start is a moment with its offset, such as 2026-03-02T08:00Z.")
        try:
            install(policy, since=start, at=at)
            in_force(policy, start)
        except KeyError:
            raise CommandError(f"There is no preset {policy}.") from None
        except PolicyVersion.DoesNotExist:
            raise CommandError(f"{policy} is not in force yet at {start:%F}.") from None
        return making.marketplace(slug, name="Sandbox", policy=policy, start=start, at=at)


def _token(marketplace, role, party, days):
    return tokens.issue(
        marketplace,
        role=role,
        party=party,
        person=f"developer-{role}",
        now=int(time.time()),
        seconds=days * DAY,
        key=tokens.newest_key(marketplace, role),
    )
