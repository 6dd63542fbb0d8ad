"""`manage.py token_key bazaar`: keys that a marketplace signs tokens with, made and revoked."""

import json
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cases.ids import new_id
from cases.models import Marketplace, TokenKey
from mediation.steps import database_clock


class Command(BaseCommand):
    help = (
        "Make a key for tokens of a marketplace's own systems, or of its people, and print it "
        "this once. From its first key for systems on, no other key makes tokens for them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("marketplace", metavar="SLUG")
        parser.add_argument("--use", choices=TokenKey.Use.values, default=TokenKey.Use.SERVICE)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="name the keys; make none")
        what.add_argument("--revoke", metavar="KID", help="end all tokens of a key, at once")

    def handle(self, *, marketplace: str, use: str, **options: Any) -> None:
        found = Marketplace.objects.filter(slug=marketplace).first()
        if found is None:
            raise CommandError(f"There is no marketplace {marketplace}.")
        if options["list"]:
            for key in TokenKey.objects.filter(marketplace=found).order_by("id"):
                self.stdout.write(_line(key))
        elif options["revoke"]:
            self.stdout.write(_line(_revoke(found, options["revoke"])))
        else:
            key = _make(found, use)
            self.stdout.write(json.dumps({"kid": key.kid, "secret": key.secret}))


@transaction.atomic
def _make(marketplace, use):
    at = database_clock()
    if use == TokenKey.Use.SERVICE:
        Marketplace.objects.filter(pk=marketplace.pk).update(services_apart=True)
    return TokenKey.objects.create(
        id=new_id(at),
        marketplace=marketplace,
        kid=f"key-{secrets.token_hex(8)}",
        use=use,
        secret=secrets.token_urlsafe(48),
        made_at=at,
    )


def _revoke(marketplace, kid):
    key = TokenKey.objects.filter(marketplace=marketplace, kid=kid).first()
    if key is None:
        raise CommandError(f"{marketplace.slug} has no key {kid}.")
    if key.revoked_at is None:
        key.revoked_at = database_clock()
        key.save(update_fields=["revoked_at"])
    return key


def _line(key):
    ended = f"revoked {key.revoked_at:%F %T}Z" if key.revoked_at else "holds"
    return f"{key.kid}  {key.use}  made {key.made_at:%F %T}Z  {ended}"
