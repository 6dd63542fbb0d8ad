"""`manage.py pause SLUG`: let the clocks of a marketplace or a region stand still, or go on."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError

from cases.models import Marketplace, Pause
from mediation import pauses


class Command(BaseCommand):
    help = "Pause all clocks of a marketplace or a region; --lift lets them go on."

    def add_arguments(self, parser):
        parser.add_argument("marketplace", help="its slug")
        parser.add_argument("--region", default="", help="of orders; without it: everywhere")
        parser.add_argument("--reason", default="", help="for our own people to read")
        parser.add_argument("--by", required=True, help="who does it")
        parser.add_argument("--until", help="2026-03-09T08:00+08:00; without it: until lifted")
        parser.add_argument("--lift", action="store_true", help="let the clocks go on")

    def handle(self, *_args, marketplace, region, reason, by, until=None, lift, **_options):
        market = Marketplace.objects.filter(slug=marketplace).first()
        if market is None:
            raise CommandError(f"there is no marketplace {marketplace}")
        if lift:
            self._lift(market, region, by)
        else:
            self._begin(market, region, reason, by, _moment(until))
        self.stdout.write(f"{pauses.sweep()} cases")

    def _begin(self, market, region, reason, by, until):
        try:
            pauses.begin(market, region=region, reason=reason, by=by, until=until)
        except (pauses.PausedAlready, pauses.OverBefore) as refused:
            raise CommandError(str(refused)) from refused

    def _lift(self, market, region, by):
        running = Pause.objects.filter(marketplace=market, region=region, ended_at=None).first()
        if running is None:
            raise CommandError("no such pause runs")
        pauses.lift(running, by=by)


def _moment(given):
    if given is None:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise CommandError(f"--until: {error}") from error
    if found.tzinfo is None:
        raise CommandError("--until says how far it is from UTC: 2026-03-09T08:00+08:00")
    return found
