"""How the writer talks to the database: SQL of fixed text, which is planned once per connection.

Values come in their binary form, of which the driver makes Python's in C. (What Django asks for
is text, and moments are read from it in Python: that alone took as long as the rest.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from psycopg import Cursor
from psycopg.types.json import set_json_loads

M = TypeVar("M", bound=Model)

set_json_loads(orjson.loads)  # of what comes in binary form; the rest is read by Django itself


class Prepared(Cursor):
    """A cursor that sends values beside the statement, not in it, and keeps the statement."""

    def execute(self, query: Any, params: Any = None, **_options: Any) -> "Prepared":
        """Execute, and prepare when it is for the first time."""
        return super().execute(query, params, prepare=True, binary=True)


def prepared() -> CursorWrapper:
    """Open such a cursor on Django's connection; what it executes is counted and logged as ever."""
    django = connections[DEFAULT_DB_ALIAS]
    django.ensure_connection()
    own: Any = Prepared(django.connection)
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


@cache
def _select(model: type[Model], which: str) -> str:
    columns = ", ".join(f't."{field.column}"' for field in model._meta.concrete_fields)
    return f'SELECT {columns} FROM "{model._meta.db_table}" AS t {which}'


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
