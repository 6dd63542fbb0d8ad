"""Lengths of time and working days: "24h", "7d" (days of 24 hours), "5wd" (working days)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = "weekdays"  # the calendar of Monday to Friday without any public holiday

_LENGTH = re.compile(r"([1-9][0-9]{0,6})(s|h|d|wd)")
_SHARE = re.compile(r"([1-9][0-9]?)%")
_SECONDS = {"s": 1, "h": 3_600, "d": 86_400}
_LONGEST = timedelta(days=3_660)
_MOST_WORKING_DAYS = 1_000


class BadLength(ValueError):
    """A text is no length of time, or no reminder."""


class BadCalendar(ValueError):
    """A time zone or a calendar does not exist, or contradicts itself."""


@dataclass(frozen=True)
class Length:
    """How long something takes: a span of time, or a number of working days."""

    text: str  # as it stands in the policy file
    span: timedelta | None
    working_days: int = 0  # only when there is no span

    def __str__(self) -> str:
        return self.text

    def __hash__(self) -> int:  # of `due`, all the time; the text tells all
        return hash(self.text)


@dataclass(frozen=True)
class Reminder:
    """When somebody is reminded: at a share of the clock, or some time before its end."""

    text: str
    percent: int  # 1 to 99; 0: use `before`
    before: timedelta = timedelta(0)

    def __str__(self) -> str:
        return self.text

    def at(self, start: datetime, due: datetime) -> datetime:
        """Tell the moment of this reminder on a clock that runs from `start` to `due`."""
        if self.percent:
            return start + (due - start) * self.percent // 100
        return due - self.before


@dataclass(frozen=True)
class Calendar:
    """Working days of one place.

    :raises BadCalendar: zone or country is unknown, or a day is called free and not free
    """

    time_zone: str  # IANA: "Asia/Shanghai"
    country: str = WEEKDAYS  # or ISO 3166: "CN", "GB-SCT"
    working_days: frozenset[date] = frozenset()  # worked in spite of weekend or holiday
    holidays: frozenset[date] = frozenset()  # free in spite of all else

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            raise BadCalendar(f"unknown time zone {self.time_zone!r}") from None
        if self.country != WEEKDAYS:
            public_holidays(self.country)
        if both := self.working_days & self.holidays:
            raise BadCalendar(f"{min(both)} is both a working day and a holiday")

    def __hash__(self) -> int:  # of `due`, all the time; few differ in their extra days alone
        return hash((self.time_zone, self.country))

    def is_working_day(self, day: date) -> bool:
        """Say whether people work that day. Make-up Saturdays count where they are published."""
        if day in self.working_days:
            return True
        if day in self.holidays:
            return False
        if self.country == WEEKDAYS:
            return day.weekday() < 5  # noqa: PLR2004 -- Monday is 0, Saturday is 5
        return public_holidays(self.country).is_working_day(day)


@cache
def public_holidays(country: str) -> holidays.HolidayBase:
    """Load the holidays of a country or of one of its regions, once per process.

    Make-up days are known for published years only: the library is updated each winter, and
    until then a policy names the extra days itself.

    :param country: "CN", or with a region "GB-SCT"
    :raises BadCalendar: unknown
    """
    code, _, region = country.partition("-")
    try:
        return holidays.country_holidays(code, subdiv=region or None)
    except NotImplementedError:
        raise BadCalendar(f"unknown calendar {country!r}") from None


def parse(text: str, *, seconds: bool = False) -> Length:
    """Read a length.

    :param seconds: allow "20s" too; only a demo does
    :raises BadLength: not a whole positive number with h, d or wd, or longer than ten years
    """
    found = _LENGTH.fullmatch(text) if isinstance(text, str) else None
    if not found or (found[2] == "s" and not seconds):
        known = '"20s", "24h", "7d" or "5wd"' if seconds else '"24h", "7d" or "5wd"'
        raise BadLength(f"{text!r} is no length such as {known}")
    count, unit = int(found[1]), found[2]
    if unit == "wd":
        if count > _MOST_WORKING_DAYS:
            raise BadLength(f"{text!r} is longer than {_MOST_WORKING_DAYS} working days")
        return Length(text, None, count)
    span = timedelta(seconds=count * _SECONDS[unit])
    if span > _LONGEST:
        raise BadLength(f"{text!r} is longer than {_LONGEST.days} days")
    return Length(text, span)


def parse_reminder(text: str, *, seconds: bool = False) -> Reminder:
    """Read a reminder: "50%" of the clock, or "6h" before its end.

    :raises BadLength: neither of the two; working days are not possible here
    """
    if isinstance(text, str) and (share := _SHARE.fullmatch(text)):
        return Reminder(text, int(share[1]))
    try:
        before = parse(text, seconds=seconds).span
    except BadLength:
        before = None
    if before is None:
        raise BadLength(f'{text!r} is no reminder such as "50%" or "6h"')
    return Reminder(text, 0, before)


@lru_cache(maxsize=4_096)  # all cases of one run share its moment
def due(length: Length, start: datetime, calendar: Calendar) -> datetime:
    """Tell when a length that begins at `start` ends, in UTC.

    Hours and days are of absolute length, whatever a zone does to its clocks. n working days
    end at the same local time on the n-th working day after the local date of `start`; so a
    start on a free day counts from the next day. A local time that the change to summer time
    leaves out moves on by the gap; one that comes twice means the first.

    :raises ValueError: `start` has no time zone
    """
    if start.tzinfo is None:
        raise ValueError("the start of a length needs a time zone")
    if length.span is not None:
        return start.astimezone(UTC) + length.span
    local = start.astimezone(ZoneInfo(calendar.time_zone))
    day = nth_working_day(calendar, local.date(), length.working_days)
    return datetime.combine(day, local.time(), local.tzinfo).astimezone(UTC)


@lru_cache(maxsize=4_096)
def nth_working_day(calendar: Calendar, day: date, n: int) -> date:
    """Tell the n-th working day (n >= 1) after a day, which itself never counts."""
    while n:
        day += timedelta(days=1)
        n -= calendar.is_working_day(day)
    return day


def reminders(start: datetime, due: datetime, spec: Iterable[Reminder]) -> tuple[datetime, ...]:
    """Tell the moments of reminders, ascending, each once; those outside the clock fall away."""
    moments: list[datetime] = []
    for reminder in spec:
        at = reminder.at(start, due)
        if start < at < due and at not in moments:
            moments.append(at)
    return tuple(sorted(moments))
