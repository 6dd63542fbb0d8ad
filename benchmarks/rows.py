"""SQL that makes rows in the database itself: a column that is not named gets its default."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Field, JSONField, Model
from psycopg import sql
from psycopg.types.json import Jsonb

from mediation.changes import inserted


def insert(model: type[Model], source: str, given: Mapping[str, str]) -> str:
    """Make `INSERT … SELECT`.

    :param source: what comes after FROM
    :param given: attribute name → SQL expression
    :raises KeyError: a name in `given` is not a column that an insert fills
    """
    fields = {field.attname: field for field in inserted(model)}
    values = {name: literal(field) for name, field in fields.items() if name not in given}
    values |= {fields[name].attname: expression for name, expression in given.items()}
    names = ", ".join(f'"{fields[name].column}"' for name in values)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({names}) '
        f"SELECT {', '.join(values.values())} FROM {source}"
    )


def literal(field: Field) -> str:
    """Write the default of a column in SQL; a percent sign is doubled for the driver."""
    value = field.get_default()
    value = Jsonb(value) if isinstance(field, JSONField) and value is not None else value
    text = sql.Literal(value).as_string(connection.connection)
    return text.replace("%", "%%") + f"::{field.db_type(connection)}"


def table(model: type[Model]) -> str:
    """Name the table of a model."""
    return f'"{model._meta.db_table}"'


def iso(moment: str) -> str:
    """Write a moment as Python's `isoformat` does: microseconds only where there are some."""
    return (
        f"to_char({moment} AT TIME ZONE 'UTC', CASE WHEN date_part('microseconds', {moment})"
        f"::bigint %% 1000000 = 0 THEN 'YYYY-MM-DD\"T\"HH24:MI:SS+00:00' "
        f"ELSE 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00' END)"
    )


def canonical(**values: str) -> str:
    """Write canonical JSON (RFC 8785): keys in order, no spaces.

    :param values: key → SQL expression of its JSON text
    """
    members = (f"'\"{key}\":' || {values[key]}" for key in sorted(values))
    return "('{' || " + " || ',' || ".join(members) + " || '}')"


def quoted(text: str) -> str:
    """Put quotation marks around a text that needs no escaping: a code, an id or a moment."""
    return f"'\"' || {text} || '\"'"


def word(text: str) -> str:
    """Write a fixed word as JSON text."""
    return f"'\"{text}\"'"
