"""Running clocks. One row is one clock; one that ended is gone and told by its event."""

from django.db import models
from django.db.models import Q

from cases.models.base import Row, fits
from cases.models.case import Case


class Clock(Row):
    """A clock that runs (`next_at`) or stands still (`remaining`)."""

    FIXED = frozenset({"case_id", "name", "party", "clock_id"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    name = models.CharField(max_length=20)  # of cases.clocks.CLOCKS
    party = models.CharField(max_length=10, blank=True)  # of a clock that runs for each side
    length = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # its next reminder or its end
    remaining = models.DurationField(null=True)  # while it stands still
    still_since = models.DateTimeField(null=True)
    stood_still = models.DurationField()  # in all so far
    extensions = models.SmallIntegerField(default=0)  # of any kind; those below and after outages
    taken = models.SmallIntegerField(default=0)  # by the own right of who is on the clock
    granted = models.SmallIntegerField(default=0)  # by consent, or by a mediator
    asked_hours = models.SmallIntegerField(default=0)  # more time wanted, not yet granted
    parked = models.SmallIntegerField(default=0)  # failures of its own run
    clock_id = models.UUIDField(null=True)  # a test clock; NULL: the database's

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "name", "party"], name="clock_once"),
            fits(
                "clock_runs_or_stands_still",
                Q(due_at__isnull=False, next_at__isnull=False, remaining__isnull=True)
                & Q(still_since__isnull=True)
                | Q(due_at__isnull=True, next_at__isnull=True, remaining__isnull=False)
                & Q(still_since__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(clock_id=None), name="clock_next"),
            models.Index(
                fields=["clock_id", "next_at"], condition=~Q(clock_id=None), name="clock_next_test"
            ),
            models.Index(fields=["next_at"], condition=Q(parked__gt=0), name="clock_parked"),
        ]
