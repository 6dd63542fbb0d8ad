"""`manage.py issue_token --role buyer`: a token for trying things out."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases import tokens
from cases.models import Marketplace, Order
from cases.roles import PARTIES

DEMO = "demo"
DAY = 24 * 60 * 60


class Command(BaseCommand):
    help = "Print a token for a buyer, a seller or the marketplace's own service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", required=True, choices=[str(role) for role in tokens.ROLES])
        parser.add_argument("--marketplace", metavar="SLUG", help="the demo's, or the first")
        parser.add_argument("--party", metavar="REF", help="the one with the latest order")
        parser.add_argument("--person", help="who acts for the party")
        parser.add_argument("--days", type=int, default=7)

    def handle(self, *, role: str, days: int, **options: Any) -> None:
        marketplace = self._marketplace(options["marketplace"])
        party, key = "", tokens.newest_key(marketplace, role)
        if key is None and not marketplace.secret:
            raise CommandError(
                f"{marketplace.slug} signs its tokens with keys that we do not have."
            )
        if role in PARTIES:
            party = options["party"] or self._party(marketplace, role)
        self.stdout.write(
            tokens.issue(
                marketplace,
                role=role,
                party=party,
                person=options["person"] or f"developer-{role}",
                now=int(time.time()),
                seconds=days * DAY,
                key=key,
            )
        )

    def _marketplace(self, slug):
        if slug:
            found = Marketplace.objects.filter(slug=slug).first()
        else:
            known = Marketplace.objects.exclude(secret="").order_by("slug")
            found = known.filter(slug=DEMO).first() or known.first()
        if found is None:
            raise CommandError(f"There is no marketplace {slug or 'yet'}.")
        return found

    def _party(self, marketplace, role):
        latest = Order.everywhere.filter(marketplace=marketplace).order_by("-placed_at", "-id")
        ref = latest.values_list(f"{role}__ref", flat=True).first()
        if ref is None:
            raise CommandError(f"{marketplace.slug} has no orders: name a --party.")
        return ref
