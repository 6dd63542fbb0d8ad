"""Our own outages: what fell due while nobody saw to the clocks gets the gap and an hour more.

Every run of the clocks leaves a heartbeat. A run that finds the last one more than 5 minutes old
keeps the gap with its own heartbeat, so that all later runs know it: each clock whose end lies in
the gap gets more time, once, as its new end lies behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cases.reading import read
from mediation.models import Heartbeat

NAME = "lapse"
LONGEST_SILENCE = timedelta(minutes=5)
BEAT_EVERY = timedelta(seconds=5)
RECOVERY = timedelta(minutes=10)  # a second gap so soon after the first is one with it

Gap = tuple[datetime, datetime]


@dataclass(frozen=True)
class Pulse:
    """When the clocks were last seen to, as one run found it."""

    at: datetime  # of this run
    last: datetime | None  # heartbeat; None: never
    gap: Gap | None  # (since, until) of the last outage

    def beat(self) -> None:
        """Note that the clocks are being seen to; at most every few seconds, once of n workers."""
        if self.last is not None and self.at - self.last < BEAT_EVERY:
            return
        since, until = self.gap or (None, None)
        now = {"at": self.at, "gap_since": since, "gap_until": until}
        old = Heartbeat.objects.filter(name=NAME, at__lte=self.at - BEAT_EVERY)
        if not old.update(**now):  # no row, or another worker was faster
            Heartbeat.objects.bulk_create([Heartbeat(name=NAME, **now)], ignore_conflicts=True)


def gap_before(at: datetime) -> Callable[[], Gap | None]:
    """Give a function that tells the last outage: read when somebody asks, and once."""
    return cache(lambda: look(at).gap)


def look(at: datetime) -> Pulse:
    """Tell when the clocks were last seen to, and which outage that makes: one read."""
    found = read(Heartbeat, "WHERE name = %s", NAME)
    if not found:
        return Pulse(at, None, None)
    [row] = found
    known = (row.gap_since, row.gap_until) if row.gap_since and row.gap_until else None
    if at - row.at <= LONGEST_SILENCE:
        return Pulse(at, row.at, known)
    if known and row.at - known[1] < RECOVERY:
        return Pulse(at, row.at, (known[0], at))
    return Pulse(at, row.at, (row.at, at))
