"""Complaints about a party: what was said, and what happened to them."""

from typing import TYPE_CHECKING

import pgtrigger
from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cases.complaint_terms import BEFORE_US, OVER, ComplaintState
from cases.complaints import ComplaintLifecycle
from cases.conduct import OBJECTION
from cases.models.base import Row, Xid, along, fits
from cases.models.case import GENESIS, Case
from cases.models.event import CurrentXid
from cases.models.party import Marketplace, Party
from cases.models.policy import PolicyVersion

if TYPE_CHECKING:
    from cases.actors import Actor


class ComplaintQuerySet(models.QuerySet):
    """Complaints by who may see them."""

    def visible_to(self, actor: "Actor") -> "ComplaintQuerySet":
        """Keep those of the actor's marketplace that it is a side of; a service sees all."""
        own = self.filter(marketplace_id=actor.marketplace_id)
        if actor.role in {"buyer", "seller"}:
            return own.filter(Q(reporter=actor.party_id) | Q(accused=actor.party_id))
        return own


Complaints = models.Manager.from_queryset(ComplaintQuerySet)


class Complaint(ComplaintLifecycle, Row):
    """One complaint about a party. It has one clock at a time, which is part of the row."""

    FIXED = frozenset(
        {
            *("marketplace_id", "clock_id", "policy_id", "reporter_id", "reporter_role"),
            *("accused_id", "accused_role", "case_id", "ground", "opened_at"),
        }
    )
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    clock_id = models.UUIDField(null=True)  # a test clock; NULL: the database's
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reporter = models.ForeignKey(  # NULL: the marketplace's service, our people or the record
        Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reporter_role = models.CharField(max_length=12)
    accused = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    accused_role = models.CharField(max_length=10)
    case = models.ForeignKey(  # that it speaks of, and never touches
        Case, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    ground = models.CharField(max_length=30)
    opened_at = models.DateTimeField()

    version = models.IntegerField(default=0)
    sequence = models.IntegerField(default=0)  # of the last event
    head = models.BinaryField(default=GENESIS)  # its hash
    verdict = models.CharField(max_length=10, blank=True)  # upheld, dismissed
    instance = models.SmallIntegerField(default=1)  # 2: on appeal
    hearings = models.SmallIntegerField(default=0)
    heard = models.BooleanField(default=False)  # the accused has answered
    claims = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    # The docket
    rank_at = models.DateTimeField(null=True)  # review due, less the ground's hours
    holder = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True)
    excluded = models.JSONField(default=list)  # who has decided it before
    overdue = models.BooleanField(default=False)

    # The clock
    clock = models.CharField(max_length=20, blank=True)
    clock_key = models.UUIDField(null=True)
    length = models.CharField(max_length=10, blank=True)
    started_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # as `due_at`, unless its run has failed
    parked = models.SmallIntegerField(default=0)

    objects = ScopedManager(marketplace="marketplace", _manager_class=Complaints)
    everywhere = Complaints()

    class Meta:
        indexes = [
            models.Index(fields=["accused", "id"], name="complaint_of_accused"),
            models.Index(
                fields=["reporter", "id"],
                condition=Q(reporter__isnull=False),
                name="complaint_of_reporter",
            ),
            models.Index(fields=["marketplace", "id"], name="complaint_of_marketplace"),
            models.Index(
                fields=["clock_id", "next_at"],
                condition=Q(next_at__isnull=False),
                name="complaint_next",
            ),
            models.Index(
                fields=["rank_at", "id"],
                condition=Q(state__in=[str(s) for s in BEFORE_US]),
                name="complaint_rank",
            ),
        ]
        constraints = [
            fits("complaint_state", Q(state__in=[str(s) for s in ComplaintState if s != "new"])),
            fits(
                "complaint_ended",
                Q(state__in=[str(s) for s in OVER], ended_at__isnull=False, due_at=None)
                | ~Q(state__in=[str(s) for s in OVER]) & Q(ended_at=None, due_at__isnull=False),
            ),
            fits(
                "complaint_clock",
                Q(clock="", clock_key=None, due_at=None, next_at=None)
                | ~Q(clock="")
                & Q(clock_key__isnull=False, due_at__isnull=False, next_at__isnull=False),
            ),
            fits(
                "complaint_lease",
                Q(holder="", lease_until=None) | ~Q(holder="") & Q(lease_until__isnull=False),
            ),
            fits("complaint_of_another", ~Q(reporter=models.F("accused"))),
            models.UniqueConstraint(
                fields=["reporter", "accused", "ground"],
                condition=Q(reporter__isnull=False) & ~Q(state__in=[str(s) for s in OVER]),
                name="complaint_once",
            ),
            models.UniqueConstraint(  # the record complains once of the same thing
                fields=["accused", "ground"],
                condition=Q(reporter_role="clock")
                & ~Q(ground=OBJECTION)  # of which there is one for each penalty
                & ~Q(state__in=[str(s) for s in OVER]),
                name="complaint_of_the_record_once",
            ),
        ]
        triggers = [along(ComplaintLifecycle, besides="NEW.sequence <= OLD.sequence")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How people call the complaint: the end of its id."""
        return f"R-{self.id.hex[-12:].upper()}"


class ComplaintEvent(Row):
    """One thing that happened to a complaint; chained like the events of a case."""

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    sequence = models.IntegerField()
    name = models.CharField(max_length=30)  # of the step
    role = models.CharField(max_length=12)
    party_id = models.UUIDField(null=True)
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # decided: when the clock ran out
    clock = models.UUIDField(null=True, unique=True)  # the clock that ran out: once
    payload = models.TextField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    xact = Xid(db_default=CurrentXid())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "sequence"], name="complaint_event_sequence"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class ComplaintStatement(Row):
    """Typed words about a complaint, with the hashes of what proves them. It can be erased."""

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="statements", db_index=False
    )
    event_id = models.UUIDField()
    role = models.CharField(max_length=12)
    party_id = models.UUIDField(null=True)
    text = models.TextField()
    evidence = models.JSONField(default=list)  # [{"slot": …, "sha256": …}]
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["complaint", "id"], name="complaint_statement")]
