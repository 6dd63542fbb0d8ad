"""What all rows of the record share."""

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models.base import ModelState

from cases.table import paths


class Row(models.Model):
    """A row whose id is made in Python (cases.ids), so that a child can name its parent."""

    # Attribute names that never change after the insert; the writer leaves them out of updates.
    FIXED: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls,
        db: str | None,
        field_names: Collection[str],
        values: Collection[Any],
        **_later: Any,  # that newer versions of Django pass
    ) -> Self:
        """Make a row that was read; without `__init__` and its signals, twice as fast."""
        row = cls.__new__(cls)
        row.__dict__ = dict(zip(field_names, values, strict=False))
        row._state = state = ModelState()  # noqa: SLF001 -- as Django does
        state.adding, state.db = False, db
        return row

    @classmethod
    def fresh(cls, **values: Any) -> Self:
        """Make a new row of ids and values by attribute name, unchecked: for the writer."""
        row = cls.__new__(cls)
        made = {name: make() for name, make in _made(cls)}
        row.__dict__ = {**_defaults(cls), **made, **values}
        row._state = ModelState()  # noqa: SLF001 -- as Django does
        return row

    @property
    def is_new(self) -> bool:
        """Whether the row has not come from the database."""
        return self._state.adding


@cache
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    return {f.attname: f.get_default() for f in model._meta.concrete_fields if not _varies(f)}


@cache
def _made(model: type[models.Model]) -> list[tuple[str, Callable[[], Any]]]:
    """Name the columns whose default is an object of its own for each row."""
    return [(f.attname, f.get_default) for f in model._meta.concrete_fields if _varies(f)]


def _varies(field: models.Field) -> bool:
    return callable(field.default) and field.default is not models.NOT_PROVIDED


class Xid(models.Field):
    """The id of the transaction that wrote a row (PostgreSQL's `xid8`); filled by the database."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002 -- Django's signature
        return "xid8"


def fits(name: str, check: models.Q) -> models.CheckConstraint:
    """Make a CheckConstraint named after what it says."""
    return models.CheckConstraint(condition=check, name=name)


def along(machine: type[models.Model], *, besides: str = "FALSE") -> pgtrigger.Trigger:
    """Make the trigger that lets a state change only where the table of a machine leads.

    It looks at the two ends of a whole run of the writer; each step is in the timeline.

    :param besides: SQL over OLD and NEW: another reason to refuse
    """
    ways = ",".join(f"{before}>{after}" for before, after in sorted(paths(machine)))
    return pgtrigger.Trigger(
        name="along_the_table",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
        func=f"""
            IF OLD.state || '>' || NEW.state <> ALL ('{{{ways}}}'::text[]) OR {besides} THEN
                RAISE EXCEPTION 'no step leads from % to %', OLD.state, NEW.state;
            END IF;
            RETURN NEW;
        """,
    )
