"""`manage.py demo`: the demo marketplace, its people and orders. Safe to run again and again."""

from importlib import import_module
from importlib.util import find_spec

from django.core.management.base import BaseCommand

from mediation import steps
from mediation.simulation import demo


class Command(BaseCommand):
    help = "Make the demo marketplace with its people and orders, and tell the log-ins."

    def handle(self, *_args, **_options):
        at = steps.database_clock()
        market = demo.marketplace(at)
        demo.stock(market, at)
        for log_in in log_ins():
            self.stdout.write(log_in)


def log_ins() -> list[str]:
    """Make the demo's staff and tell how they log in, where there is a desk for them."""
    if find_spec("mediation.desk") is None or find_spec("mediation.desk.people") is None:
        return []
    return import_module("mediation.desk.people").demo_staff()
