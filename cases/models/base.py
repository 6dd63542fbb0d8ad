"""What all rows of the record share."""

from typing import Any, ClassVar

from django.db import models


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
