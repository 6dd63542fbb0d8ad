"""PostgreSQL's text form of an array: many times faster to make than to have the driver make it.

It goes to the database as one bound parameter, so only the array's own syntax needs quoting
(manual, section 8.15.6).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Field, ForeignKey, JSONField, Lookup, UUIDField

from cases.compiled import Blank


def array(values: Sequence[Any], field: Field | None = None) -> str:
    """Write values of one column as an array, None as NULL.

    :param field: the column, where a value's type does not tell how it is stored (JSON)
    """
    if not values:
        return "{}"
    if len(values) == 1 or _are_alike(values):
        [text] = map(_writer(values[:1], field), values[:1])
        return "{" + ",".join([text] * len(values)) + "}"
    return "{" + ",".join(map(_writer(values, field), values)) + "}"


def _are_alike(values: Sequence[Any]) -> bool:
    """Whether all are the same, as in most columns."""
    return values[0] == values[-1] and values.count(values[0]) == len(values)


def _writer(values: Sequence[Any], field: Field | None) -> Callable[[Any], str]:
    """Choose what writes each value: once for a column of one type."""
    if isinstance(field, JSONField):
        return _json
    types = set(map(type, values))
    return _ELEMENT.get(types.pop(), _quoted) if len(types) == 1 else _element


def _json(value: Any) -> str:
    return _quoted(orjson.dumps(value).decode())


def _element(value: Any) -> str:
    return _ELEMENT.get(type(value), _quoted)(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bytes(value: bytes | memoryview) -> str:
    return '"\\\\x' + value.hex() + '"'


def _interval(value: timedelta) -> str:
    return f'"{value.days} days {value.seconds}.{value.microseconds:06d} seconds"'


_ELEMENT: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "NULL",
    bool: lambda value: "t" if value else "f",
    int: int.__repr__,
    UUID: lambda value: f"{value.int:032x}",  # its hyphens are optional
    datetime: datetime.isoformat,  # no character of it needs quoting
    timedelta: _interval,
    bytes: _bytes,
    memoryview: _bytes,
}


@ForeignKey.register_lookup
@UUIDField.register_lookup
class AnyOf(Lookup):
    """`id = ANY(array)`: one parameter for any number of ids, where `IN` takes one for each."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Write the condition; the ids travel as one array."""
        column, params = self.process_lhs(compiler, connection)
        ids = self.rhs if isinstance(self.rhs, Blank) else array(list(self.rhs))
        return f"{column} = ANY(%s::uuid[])", (*params, ids)
