"""The timeline: append-only and chained."""

import pgtrigger
from django.db import models
from django.db.models import Func, Q

from cases.models.base import Row, Xid
from cases.models.case import Case
from cases.models.party import Marketplace


class CurrentXid(Func):
    """The id of the transaction that is running."""

    template = "pg_current_xact_id()"
    output_field = Xid()


class Event(Row):
    """One thing that happened to a case. Codes, ids, amounts and times, never words or names.

    `hash = sha256(previous ‖ sequence ‖ payload)`; `payload` is canonical JSON (RFC 8785) and
    tells all that the columns tell.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # that of its case, as the invariants watch
    )
    sequence = models.IntegerField()
    name = models.CharField(max_length=30)  # of the step
    role = models.CharField(max_length=12)
    party_id = models.UUIDField(null=True)
    before = models.CharField(max_length=30)
    after = models.CharField(max_length=30)
    at = models.DateTimeField()  # recorded: the moment of the run
    due_at = models.DateTimeField(null=True)  # decided: when the clock ran out
    clock = models.UUIDField(null=True, unique=True)  # the clock that ran out: once
    payload = models.TextField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    xact = Xid(db_default=CurrentXid())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="event_sequence"),
        ]
        indexes = [
            models.Index(fields=["marketplace", "xact", "id"], name="event_feed"),
            models.Index(  # when mediators began: few events, none of them by a clock
                fields=["marketplace", "at"],
                condition=Q(name__in=["claim", "assign"]),
                name="event_taken_up",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]
