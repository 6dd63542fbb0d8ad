"""When somebody is planned to be at work: shifts of the week, by the clocks of their places.

A shift is of the day on which it starts. On days on which the clocks change it is shorter or
longer by that hour; a time that does not exist or comes twice is read as before the change.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mediation.models import Shift

WEEK = 7  # days
LONGEST = timedelta(days=2)  # from the day of a start to the last moment of its shift


def is_planned(shifts: Iterable[Shift], at: datetime) -> bool:
    """Say whether one of the shifts goes on; its end is no part of it."""
    return any(start <= at < end for shift in shifts for start, end in _spans(shift, at))


def is_begun(shifts: Iterable[Shift], at: datetime) -> bool:
    """Say whether a plan speaks by now; one that begins on a later day does not."""
    return any(
        shift.valid_from is None
        or shift.valid_from <= at.astimezone(ZoneInfo(shift.time_zone)).date()
        for shift in shifts
    )


def next_boundary(shifts: Iterable[Shift], at: datetime) -> datetime | None:
    """Tell when the next of the shifts starts or ends, after a moment; None: none ever does."""
    moments = (each for shift in shifts for span in _spans(shift, at) for each in span)
    return min((each for each in moments if each > at), default=None)


def _spans(shift: Shift, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Go through the start and end of a shift around a moment: the last and the next are there."""
    zone = ZoneInfo(shift.time_zone)
    day = (at.astimezone(zone) - LONGEST).date()
    if shift.valid_from is not None:
        day = max(day, shift.valid_from)
    day += timedelta(days=(shift.weekday - day.weekday()) % WEEK)
    for first in (day, day + timedelta(days=WEEK)):
        if shift.valid_until is None or first <= shift.valid_until:
            last = first + timedelta(days=int(shift.ends <= shift.starts))
            start = datetime.combine(first, shift.starts, zone)
            yield start.astimezone(UTC), datetime.combine(last, shift.ends, zone).astimezone(UTC)
