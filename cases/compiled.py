"""Querysets whose SQL is made once: to make it takes Django longer than PostgreSQL to answer."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Expression, Model, QuerySet
from django.db.models.query import get_related_populators

from cases.reading import prepared

M = TypeVar("M", bound=Model)


class Blank(Expression):
    """The place of a value in a compiled queryset."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        """Write the place; the value comes with each call."""
        return "%s", (self,)


def filled(params: Iterable[Any], **values: Any) -> list[Any]:
    """Put values in the places of blanks.

    :param values: one for each blank, by its name
    """
    return [values[each.name] if isinstance(each, Blank) else each for each in params]


class _Plan(NamedTuple):
    sql: str
    params: tuple[Any, ...]  # values and blanks
    own: slice  # columns of the model itself
    names: list[str]  # of its fields in them
    related: list[Any]  # what makes the joined objects
    annotations: dict[str, int]  # name → column


class Compiled(Generic[M]):
    """A queryset with blanks, to be read with other values each time.

    Make it when a module is imported: then no scope is set, so that a tenant can only be a blank.
    Values are sent beside the SQL and come back in binary form, as `reading` does; converters of
    fields are not asked.
    """

    def __init__(self, rows: QuerySet[M]) -> None:
        self._rows = rows

    def __call__(self, **values: Any) -> list[M]:
        """Read the rows.

        :param values: one for each blank, by its name
        """
        plan = self._plan
        with prepared() as cursor:
            cursor.execute(plan.sql, filled(plan.params, **values))
            return [self._made(row) for row in cursor.fetchall()]

    def first(self, **values: Any) -> M | None:
        """Read the first row; None: there is none."""
        return next(iter(self(**values)), None)

    @cached_property
    def _plan(self):
        compiler = self._rows.query.clone().get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        select, shape = compiler.select, compiler.klass_info
        own = slice(shape["select_fields"][0], shape["select_fields"][-1] + 1)
        return _Plan(
            sql=sql,
            params=params,
            own=own,
            names=[column.target.attname for column, *_ in select[own]],
            related=get_related_populators(shape, select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]
            annotations=compiler.annotation_col_map or {},
        )

    def _made(self, row):
        """Make an object of a row, as Django's `ModelIterable` does."""
        plan = self._plan
        made = self._rows.model.from_db(DEFAULT_DB_ALIAS, plan.names, row[plan.own])
        for each in plan.related:
            each.populate(row, made)
        for name, position in plan.annotations.items():
            setattr(made, name, row[position])
        return made
