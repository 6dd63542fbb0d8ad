"""A writer under watch: what every test of a step asserts besides its own.

No step asks the database anything; a refused step leaves everything as it was; after a flush the
rows in the database are the objects in memory, column by column; what is not flushed is not there.
"""

from collections import Counter
from contextlib import contextmanager
from enum import Enum

from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from cases.refusals import Refused
from mediation import stepping
from mediation.changes import COUNTED, MUTABLE, PARENTS_FIRST, Changes

NOT_OF_THE_CASE = {
    "actor",
    "lease",
    "fired",
    "_event_id",
    "told",
    "given",
    "lengths",
}  # of one step alone
taken: Counter[str] = Counter()
refused: Counter[tuple[str, str]] = Counter()


@contextmanager
def writer(monkeypatch):
    """Put the writer under watch."""
    move, take, flush = stepping.move, stepping.take, Changes.flush

    def moving(case, step, *args, **kwargs):
        with CaptureQueriesContext(connection) as asked:
            done = move(case, step, *args, **kwargs)
        assert [query["sql"] for query in asked] == [], step.name
        taken[step.name] += 1
        if "also" in case.facts.told:
            taken[case.facts.told["also"]] += 1
        return done

    def taking(case, step, by, changes, *args, **kwargs):
        before = picture(case, changes)
        try:
            return take(case, step, by, changes, *args, **kwargs)
        except Refused as refusal:
            for was, now in zip(before, picture(case, changes), strict=True):
                assert now == was, f"{step} refused, but changed something"
            refused[step, refusal.code] += 1
            raise

    def flushing(changes):
        flush(changes)
        compare(changes)

    monkeypatch.setattr(stepping, "move", moving)
    monkeypatch.setattr(stepping, "take", taking)
    monkeypatch.setattr(Changes, "flush", flushing)
    yield


def picture(case, changes):
    """Copy everything that a step may change, deeply, as plain values."""
    facts = {key: value for key, value in vars(case.facts).items() if key not in NOT_OF_THE_CASE}
    return plain(case, {}), plain(facts, {}), plain(vars(changes), {})


def plain(value, seen):
    if isinstance(value, Model):
        if id(value) in seen:
            return f"{type(value).__name__} again"
        seen[id(value)] = value
        own = {k: v for k, v in vars(value).items() if k not in {"_state", "facts"}}
        return {key: plain(inner, seen) for key, inner in own.items()}
    if isinstance(value, Changes):
        return "changes"
    if isinstance(value, dict):  # to look into a defaultdict leaves an empty entry
        inside = {str(key): plain(inner, seen) for key, inner in value.items()}
        return {key: inner for key, inner in inside.items() if inner not in ({}, [], set())}
    if isinstance(value, list | tuple):
        return [plain(inner, seen) for inner in value]
    return value if not hasattr(value, "__dict__") or isinstance(value, Enum) else repr(value)


def compare(changes):
    """See that the database holds what the objects say."""
    for model in MUTABLE:
        check_rows(model, changes.touched.get(model, {}).values(), changes)
    for model in PARENTS_FIRST:
        check_rows(model, changes.added.get(model, ()), changes)
    for model in COUNTED:
        assert changes.touched.get(model, {}) == {}


def check_rows(model, rows, changes):
    rows = {row.id: row for row in rows if row.id not in changes.ended}
    saved = model._base_manager.in_bulk(rows)
    assert saved.keys() == rows.keys()
    for key, row in rows.items():
        for field in model._meta.concrete_fields:
            if field.has_db_default():
                continue
            held, stored = getattr(row, field.attname), getattr(saved[key], field.attname)
            assert plain_column(stored) == plain_column(held), f"{model.__name__}.{field.attname}"


def plain_column(value):
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain_column(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_column(inner) for inner in value]
    return value
