"""Our own outages: what fell due while nobody saw to the clocks gets the gap and an hour more."""

from datetime import datetime, timedelta

from mediation.models import Heartbeat

NAME = "lapse"
LONGEST_SILENCE = timedelta(minutes=5)
BEAT_EVERY = timedelta(seconds=5)


def gap(at: datetime) -> tuple[datetime, datetime] | None:
    """Tell since when nobody has seen to the clocks, if that is longer than 5 minutes ago."""
    last = Heartbeat.objects.filter(name=NAME).values_list("at", flat=True).first()
    return (last, at) if last is not None and at - last > LONGEST_SILENCE else None


def beat(at: datetime) -> None:
    """Note that nothing is due any more. While a gap is being made good there is no beat."""
    fresh = Heartbeat.objects.filter(name=NAME, at__gt=at - BEAT_EVERY)
    if not fresh.exists():
        Heartbeat.objects.update_or_create(name=NAME, defaults={"at": at})
