"""How the writer talks to the database: SQL of fixed text, which is planned once per connection.

Values come in their binary form, of which the driver makes Python's in C. (What Django asks for
is text, and moments are read from it in Python: that alone took as long as the rest.)
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import count
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from psycopg import RawCursor
from psycopg.types.json import set_json_loads

M = TypeVar("M", bound=Model)
C = TypeVar("C", bound=Model)
PLACE = re.compile("%s|%%")
NEVER = sys.maxsize  # times that a statement is executed before the driver prepares it
MOST_KEPT = 500  # statements per connection; of each there is one for each set of types of values

set_json_loads(orjson.loads)  # of what comes in binary form; the rest is read by Django itself


class Prepared(RawCursor):
    """A cursor that sends values beside the statement, not in it, and keeps the statement."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> "Prepared":
        """Execute, and prepare when it is for the first time."""
        return super().execute(_numbered(query), params, prepare=True, binary=True)


@lru_cache(maxsize=1_000)
def _numbered(query: str) -> str:
    """Number the places of values, as the server has them; the driver does not keep long ones."""
    numbers = count(1)
    return PLACE.sub(lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", query)


def prepared() -> CursorWrapper:
    """Open such a cursor on Django's connection; what it executes is counted and logged as ever."""
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    driver: Any = django.connection
    driver.prepare_threshold = NEVER  # of itself: Django says None, which is not even when asked
    driver.prepared_max = MOST_KEPT
    own: Any = Prepared(driver)
    return django.make_debug_cursor(own) if django.queries_logged else django.make_cursor(own)


@contextmanager
def pipelined() -> Iterator[None]:
    """Send all statements of a block at once: none waits for the answer to the one before.

    :raises django.db.Error: at the end of the block, for the first that failed
    """
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def read(model: type[M], which: str, *params: Any) -> list[M]:
    """Read whole rows of a table.

    :param which: what follows `FROM "table" AS t`: a fixed text, `%s` for each parameter
    """
    with prepared() as cursor:
        cursor.execute(_select(model, which), params)
        names = _names(model)
        return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in cursor.fetchall()]


def read_with(
    model: type[M], child: type[C], which: str, *params: Any
) -> Iterator[tuple[M, C | None]]:
    """Read whole rows of a table, each beside those that belong to it: one statement for both.

    :param which: what follows `FROM "table" AS t LEFT JOIN "child's" AS u`
    :returns: the same object for the same row, with each of its own in turn; None: it has none
    """
    with prepared() as cursor:
        cursor.execute(_select_with(model, child, which), params)
        rows = cursor.fetchall()
    names, own = _names(model), _names(child)
    key, cut = names.index("id"), len(names)
    key_of_own = cut + own.index("id")
    made: dict[Any, M] = {}
    for row in rows:
        if row[key] not in made:
            made[row[key]] = model.from_db(DEFAULT_DB_ALIAS, names, row[:cut])
        is_there = row[key_of_own] is not None
        yield made[row[key]], child.from_db(DEFAULT_DB_ALIAS, own, row[cut:]) if is_there else None


@cache
def _select(model: type[Model], which: str) -> str:
    return f'SELECT {_columns(model, "t")} FROM "{model._meta.db_table}" AS t {which}'


@cache
def _select_with(model: type[Model], child: type[Model], which: str) -> str:
    tables = f'"{model._meta.db_table}" AS t LEFT JOIN "{child._meta.db_table}" AS u'
    return f"SELECT {_columns(model, 't')}, {_columns(child, 'u')} FROM {tables} {which}"


def _columns(model, alias):
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
