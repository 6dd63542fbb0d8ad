"""Asks for figures: for which marketplaces, for which period. One statement for each figure."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from cases import money
from cases.ids import first_id
from mediation.reports.figures import FIGURES, MONEY, Figure

LONGEST = 400  # days
USUAL = 30
MARGIN = timedelta(hours=1)  # between the id of a case and its opening
REGION = re.compile(r"[A-Za-z0-9-]{0,20}", re.ASCII)  # as orders have it
Row = tuple[Any, ...]


class BadPeriod(ValueError):
    """The period is empty, too long, or no period. The message says which."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Whole days in UTC, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, first: str, last: str, at: datetime) -> "Period":
        """Read a period; by itself it is the last USUAL days.

        :param first: as in ISO 8601, or empty
        :param last: the same; empty: today
        :raises BadPeriod: no days, in the wrong order, or more than LONGEST
        """
        try:
            end = date.fromisoformat(last) if last else at.astimezone(UTC).date()
            begin = date.fromisoformat(first) if first else end - timedelta(days=USUAL - 1)
        except (ValueError, OverflowError):
            raise BadPeriod("A day is written 2026-03-02.") from None
        if not begin <= end:
            raise BadPeriod("The period ends before it begins.")
        if (end - begin).days >= LONGEST or begin.year < 2000 or end.year > 2100:  # noqa: PLR2004
            raise BadPeriod(f"A period has at most {LONGEST} days.")
        return cls(first=begin, last=end)

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, UTC)

    @property
    def until(self) -> datetime:
        """Tell the moment after the last day."""
        return datetime.combine(self.last, time.min, UTC) + timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One figure with its rows."""

    figure: Figure
    rows: Sequence[Row]

    def dicts(self) -> list[dict[str, Any]]:
        """Give the rows by the names of their columns."""
        return [dict(zip(self.figure.columns, row, strict=True)) for row in self.rows]


def ask(
    markets: Collection[UUID],
    period: Period,
    *,
    at: datetime,
    only: Iterable[str] = tuple(FIGURES),
    reason: str = "",
    region: str = "",
) -> dict[str, Answer]:
    """Count figures.

    :param markets: the ids of the marketplaces; none: all is zero
    :param at: now, for what stands as it is
    :param only: the names of the figures, in this order
    :param reason: count cases of this reason alone; empty: of any
    :param region: the same by the region of the order
    :returns: name → answer: a statement for each, whatever the number of rows
    """
    asked = {
        "markets": list(markets),
        "since": period.since,
        "until": period.until,
        "low": first_id(period.since),
        "high": first_id(period.until),
        "earliest": first_id(period.since - MARGIN),
        "latest": first_id(period.until + MARGIN),
        "at": at,
        "reason": reason or None,
        "region": region or None,
    }
    with connection.cursor() as cursor:
        return {name: _answer(cursor, FIGURES[name], asked) for name in only}


def _answer(cursor, figure, asked):
    cursor.execute(figure.sql, asked)
    rows = [tuple(map(_plain, row)) for row in cursor.fetchall()]
    if MONEY in figure.columns.values():
        rows = [_in_decimals(figure, row) for row in rows]
    return Answer(figure=figure, rows=rows)


def _in_decimals(figure, row):
    """Write the amounts of a row, which are minor units, in its currency."""
    currency = row[list(figure.columns).index("currency")]
    units = figure.columns.values()
    return tuple(
        money.show(value, currency) if unit == MONEY else value
        for value, unit in zip(row, units, strict=True)
    )


def _plain(value):
    """Sums of integers come as decimals."""
    return int(value) if value is not None and not isinstance(value, (str, float, date)) else value
