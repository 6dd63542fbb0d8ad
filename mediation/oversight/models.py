"""Deeds of staff that are no step of a case, blind reviews of rulings, calibration cases."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from cases.models import Case, Marketplace, Ruling
from cases.models.base import Row, fits


class Deed(Row):
    """Something that one of our people did to the whole: once written, it never changes."""

    at = models.DateTimeField()
    person = models.CharField(max_length=100)  # a pseudonym
    role = models.CharField(max_length=12)
    act = models.CharField(max_length=30)  # of oversight.deeds.ACTS
    marketplace = models.ForeignKey(
        Marketplace, on_delete=models.PROTECT, null=True, related_name="+"
    )  # NULL: it concerns several, or none
    details = models.JSONField(default=dict)  # codes, ids, counts, moments; never words

    class Meta:
        constraints = [fits("deed_by_somebody", ~Q(person="") & ~Q(act=""))]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%F %T}"


class Calibration(Row):
    """A finished case that all mediators decide anew, and the ruling that is expected of them."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    ruling = models.ForeignKey(  # the first that was given: nothing that came later is shown
        Ruling, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,  # that of its case, as the invariants watch
    )
    picked_at = models.DateTimeField()
    picked_by = models.CharField(max_length=100)
    excluded = models.JSONField(default=list)  # who has decided the case, or picked it
    remedy = models.CharField(max_length=20)
    amount = models.BigIntegerField()  # in all, minor units of the case's currency
    fault = models.JSONField()  # bearer → percent
    reasons = models.TextField()  # for those who have decided
    closed_at = models.DateTimeField(null=True)  # offered no longer

    class Meta:
        constraints = [
            fits("calibration_expects", Q(amount__gte=0) & ~Q(remedy="") & ~Q(picked_by="")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class BlindReview(Row):
    """A ruling that another mediator decides anew, without seeing it. It changes no case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="+", db_index=False)
    calibration = models.ForeignKey(  # NULL: drawn by chance
        Calibration, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # that of its case, as the invariants watch
    )
    drawn_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=100)
    ruled_by = models.CharField(max_length=100)  # that of its ruling, as the invariants watch
    excluded = models.JSONField(default=list)  # everybody who has decided or approved the case
    reviewer = models.CharField(max_length=100, blank=True)  # who has taken it up
    taken_at = models.DateTimeField(null=True)
    remedy = models.CharField(max_length=20, blank=True)  # decided anew; also "none", "send_back"
    amount = models.BigIntegerField(null=True)  # in all, minor units of the case's currency
    fault = models.JSONField(default=dict)  # bearer → percent
    reasons = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            fits(
                "blind_review_taken",
                Q(reviewer="", taken_at__isnull=True) | ~Q(reviewer="") & Q(taken_at__isnull=False),
            ),
            fits(
                "blind_review_done",
                Q(reviewed_at__isnull=True, amount__isnull=True, remedy="")
                | Q(reviewed_at__gte=F("taken_at"), amount__gte=0) & ~Q(remedy=""),
            ),
            fits("blind_review_by_another", ~Q(reviewer=F("ruled_by"))),
            fits("blind_review_calibrates", Q(calibration=None) | ~Q(reviewer="")),
            models.UniqueConstraint(
                fields=["ruling"], condition=Q(calibration=None), name="blind_review_once"
            ),
            models.UniqueConstraint(
                fields=["calibration", "reviewer"],
                condition=Q(calibration__isnull=False),
                name="calibration_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["drawn_at"], condition=Q(reviewed_at=None), name="blind_review_open"
            ),
            models.Index(
                fields=["marketplace", "reviewed_at"],
                condition=Q(reviewed_at__isnull=False),
                name="blind_review_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ruling_id}"
