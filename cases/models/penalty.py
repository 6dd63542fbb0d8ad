"""What follows from how a party behaves, and what the figures tell of it."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from cases.conduct import kinds
from cases.models.base import Row, fits
from cases.models.case import Case
from cases.models.complaint import Complaint
from cases.models.party import Marketplace, Party


class PenaltyQuerySet(models.QuerySet):
    """Penalties by whether they hold."""

    def in_force(self, at: Any) -> "PenaltyQuerySet":
        """Keep what has begun by a moment, has not ended by itself and was not lifted."""
        return self.filter(lifted_at=None, begins_at__lte=at, ends_at__gt=at)


class Penalty(Row):
    """Points of a seller, or a restriction of a party: for a reason, and for a while."""

    FIXED = frozenset(
        {
            *("marketplace_id", "clock_id", "party_id", "kind", "points", "cause"),
            *("case_id", "source_id", "begins_at", "ends_at"),
        }
    )
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    clock_id = models.UUIDField(null=True)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="penalties", db_index=False
    )
    kind = models.CharField(max_length=20, choices=kinds)
    points = models.SmallIntegerField(default=0)
    cause = models.CharField(max_length=30)  # a ground, or a violation that the record tells of
    complaint = models.ForeignKey(  # that has led to it, or in which it is objected to
        Complaint, on_delete=models.PROTECT, null=True, related_name="penalties"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    source_id = models.UUIDField(null=True)  # the event or ruling of the case that it is for
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=12, blank=True)  # role

    objects = PenaltyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["party", "ends_at"], condition=Q(lifted_at=None), name="penalty_standing"
            ),
            models.Index(fields=["marketplace", "id"], name="penalty_of_marketplace"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source_id"], name="penalty_once"),
            fits(
                "penalty_points", Q(kind="points", points__gt=0) | ~Q(kind="points") & Q(points=0)
            ),
            fits("penalty_ends", Q(ends_at__gt=models.F("begins_at"))),
            fits("penalty_is_explained", Q(complaint__isnull=False) | Q(source_id__isnull=False)),
            fits(
                "penalty_lifted",
                Q(lifted_at=None, lifted_by="") | Q(lifted_at__isnull=False) & ~Q(lifted_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} until {self.ends_at:%F}"

    def in_force(self, at: datetime) -> bool:
        """Say whether it holds."""
        return self.lifted_at is None and self.begins_at <= at < self.ends_at


class Signal(Row):
    """A figure of a party that stands out. It is shown to our people and decides nothing."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signals")
    name = models.CharField(max_length=30)  # of cases.conduct.SIGNALS
    subject = models.CharField(max_length=100, blank=True)  # such as the SKU
    since = models.DateTimeField()  # the window
    until = models.DateTimeField()
    value = models.IntegerField()
    threshold = models.IntegerField()
    explanation = models.JSONField(default=dict)  # the numbers behind it
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["marketplace", "raised_at"],
                condition=Q(cleared_at=None),
                name="signal_standing",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["party", "name", "subject"], name="signal_once"),
            fits("signal_reached", Q(value__gte=models.F("threshold"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
