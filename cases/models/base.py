"""What all rows of the record share."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models

from cases.table import paths


class Row(models.Model):
    """A row whose id is made in Python (cases.ids), so that a child can name its parent."""

    # Attribute names that never change after the insert; the writer leaves them out of updates.
    FIXED: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True

    @property
    def is_new(self) -> bool:
        """Whether the row has not come from the database."""
        return self._state.adding


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
