"""The change set: what one run of the writer wants written, and the SQL that writes it.

Rows travel as arrays, one per column: the same statement for one case and for a thousand.
"""

from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model

from cases.models import (
    Appeal,
    Application,
    ApplicationItem,
    Attachment,
    Bid,
    Case,
    Clock,
    Complaint,
    ComplaintEvent,
    ComplaintStatement,
    Dispute,
    Docket,
    Event,
    Evidence,
    EvidenceRequest,
    File,
    Message,
    Offer,
    Order,
    OrderLine,
    Parcel,
    ParcelEvent,
    Payment,
    Penalty,
    Posting,
    Proposal,
    Rating,
    Recovery,
    Refund,
    RefundPart,
    Ruling,
    RulingToken,
    Statement,
)
from cases.reading import pipelined, prepared
from mediation.arrays import array
from mediation.models import Effect, StoredAnswer

PARENTS_FIRST: tuple[type[Model], ...] = (
    Case,
    Application,
    ApplicationItem,
    Offer,
    Dispute,
    Docket,
    EvidenceRequest,
    Proposal,
    Bid,
    Ruling,
    RulingToken,
    Appeal,
    Parcel,
    ParcelEvent,
    Refund,
    RefundPart,
    Recovery,
    Statement,
    Evidence,
    Rating,
    Message,
    Attachment,
    Clock,
    Event,
    Posting,
    Complaint,
    ComplaintEvent,
    ComplaintStatement,
    Penalty,
    Effect,
    StoredAnswer,
)
MUTABLE: tuple[type[Model], ...] = (
    Case,
    Application,
    ApplicationItem,
    Offer,
    Dispute,
    Docket,
    EvidenceRequest,
    Proposal,
    Ruling,
    Parcel,
    ParcelEvent,
    Refund,
    Recovery,
    File,
    Clock,
    Complaint,
    Penalty,
)
# Changed by differences, in this order, after the cases: whoever locks lines early holds them
# already when it comes to the payments and the order.
COUNTED: tuple[type[Model], ...] = (
    OrderLine,
    Payment,
    Order,
)
TIMED: tuple[type[Model], ...] = (Clock, Complaint)  # what has a next moment
CHANNEL = "mediation_clocks"  # of NOTIFY
WAKE_WINDOW = timedelta(seconds=10)  # who waits for clocks looks at least so often

Write = tuple[str, list[str]]  # SQL and its arrays

MODELS = {model.__name__: model for model in PARENTS_FIRST}


@dataclass(kw_only=True)
class Changes:
    """All rows that one run adds, changes or ends. A dry run is a run that is never flushed."""

    at: datetime  # aware; the one moment of the whole run, read after the lock
    touched: dict[type[Model], dict[UUID, Any]] = field(default_factory=lambda: defaultdict(dict))
    added: dict[type[Model], list[Any]] = field(default_factory=lambda: defaultdict(list))
    deltas: dict[type[Model], dict[UUID, dict[str, int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    )
    ended: list[UUID] = field(default_factory=list)  # clocks

    def touch(self, row: Any) -> None:
        """Note that a row was changed. A row that is new is written whole anyway."""
        if not row.is_new:
            self.touched[type(row)][row.id] = row

    def count(self, row: Any, **by: int) -> None:
        """Note differences of counters, and show them at once to what follows in this run."""
        deltas = self.deltas[type(row)][row.id]
        for name, difference in by.items():
            deltas[name] += difference
            setattr(row, name, getattr(row, name) + difference)

    def flush(self) -> None:
        """Write everything: one statement for what was there, and one for what is new."""
        counted = list(self._counted())
        with pipelined():
            # Before what is new: there is one open clock per case, name and party, one open offer.
            _at_once([*self._changed(), *counted[:1]])
            _at_once(self._new())
            for write in counted[1:]:  # two runs shall lock counters in the same order
                _at_once([write])
            if self._wakes():
                _execute(f"NOTIFY {CHANNEL}", [])

    def _changed(self) -> Iterator[Write]:
        if self.ended:
            yield delete_sql(Clock), [array(self.ended)]
            for clock_id in self.ended:  # a statement may not change and delete the same row
                self.touched[Clock].pop(clock_id, None)
        for model in MUTABLE:
            if rows := self.touched.get(model):
                yield update_sql(model), columns(changing(model), rows.values())

    def _new(self) -> Iterator[Write]:
        for model in PARENTS_FIRST:
            if new := self.added.get(model):
                yield insert_sql(model), columns(inserted(model), new)

    def _counted(self) -> Iterator[Write]:
        """Add differences in the order of the ids, so that two runs never wait for each other."""
        for model in COUNTED:
            if deltas := self.deltas.get(model):
                ids = sorted(deltas)
                counts = ([deltas[key][name] for key in ids] for name in counters(model))
                yield count_sql(model), [array(ids), *map(array, counts)]

    def _wakes(self) -> bool:
        """Whether a clock comes sooner than those who wait for clocks will look again.

        Only then: a NOTIFY in every transaction costs 44 % of the commits.
        """
        soon = self.at + WAKE_WINDOW
        return any(
            row.next_at is not None and row.next_at < soon and not row.clock_id
            for model in TIMED
            for row in (*self.added.get(model, ()), *self.touched.get(model, {}).values())
        )


def _at_once(writes: Iterable[Write]) -> None:
    """Carry out statements about different rows as one; PostgreSQL chooses their order."""
    parts = list(writes)
    if parts:
        sql = together(tuple(sql for sql, _ in parts))
        _execute(sql, [each for _, arrays in parts for each in arrays])


@cache
def together(parts: tuple[str, ...]) -> str:
    """Make one statement of several that may be carried out in any order (manual, 7.8.4)."""
    *others, last = parts
    named = ", ".join(f"part_{n} AS ({part})" for n, part in enumerate(others))
    return f"WITH {named} {last}" if others else last


def _execute(sql: str, arrays: list[str]) -> None:
    with prepared() as cursor:
        cursor.execute(sql, arrays)


@cache
def row_type(model: type[Model]) -> type:
    """Make the named tuple that stands for a new row: no model instance where none is needed."""
    return namedtuple(f"{model.__name__}Row", [f.attname for f in inserted(model)])  # noqa: PYI024


@cache
def inserted(model: type[Model]) -> tuple[Field, ...]:
    """List the fields that an insert fills; the rest is filled by the database."""
    return tuple(f for f in model._meta.concrete_fields if not f.has_db_default())


@cache
def changing(model: type[Model]) -> tuple[Field, ...]:
    """List the primary key and the fields that may change after the insert."""
    fixed: frozenset[str] = getattr(model, "FIXED", frozenset())
    return tuple(f for f in inserted(model) if f.primary_key or f.attname not in fixed)


@cache
def counters(model: type[Model]) -> tuple[str, ...]:
    """Name the integer columns with a default of 0: those that are counted by differences."""
    return tuple(f.attname for f in inserted(model) if f.default == 0)


def columns(fields: tuple[Field, ...], rows: Iterable[Any]) -> list[str]:
    """Turn rows (instances or named tuples) into one array per field, as PostgreSQL reads it."""
    values = zip(*map(attrgetter(*(f.attname for f in fields)), rows), strict=True)
    return [array(column, f) for f, column in zip(fields, values, strict=True)]


@cache
def insert_sql(model: type[Model]) -> str:
    """Make `INSERT … SELECT FROM unnest` of a table."""
    fields = inserted(model)
    names = ", ".join(f'"{field.column}"' for field in fields)
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT * FROM unnest({arrays})'


@cache
def update_sql(model: type[Model]) -> str:
    """Make `UPDATE … FROM unnest` of a table."""
    fields = changing(model)
    table = f'"{model._meta.db_table}"'
    sets = ", ".join(f'"{f.column}" = v."{f.column}"' for f in fields if not f.primary_key)
    return _from_unnest(table, sets, fields)


@cache
def count_sql(model: type[Model]) -> str:
    """Make an `UPDATE` that adds differences to the counters of a table."""
    key = model._meta.pk
    fields = (key, *(f for f in inserted(model) if f.attname in counters(model)))
    table = f'"{model._meta.db_table}"'
    sets = ", ".join(f'"{f.column}" = t."{f.column}" + v."{f.column}"' for f in fields[1:])
    return _from_unnest(table, sets, fields)


def _from_unnest(table, sets, fields):
    names = ", ".join(f'"{field.column}"' for field in fields)
    arrays = ", ".join(f"%s::{_type(field)}[]" for field in fields)
    return f"UPDATE {table} AS t SET {sets} FROM unnest({arrays}) AS v({names}) WHERE t.id = v.id"


@cache
def delete_sql(model: type[Model]) -> str:
    """Make a `DELETE` by ids."""
    return f'DELETE FROM "{model._meta.db_table}" WHERE id = ANY(%s::uuid[])'


def _type(field: Field) -> str | None:
    """Name the type of a column; of a foreign key, that of what it points to."""
    return field.db_type(connection)
