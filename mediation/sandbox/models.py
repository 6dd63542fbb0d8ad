"""What the carrier of a sandbox is going to say."""

from django.db import models
from django.db.models import Q

from cases.models import Parcel
from cases.models.base import Row


class PlannedScan(Row):
    """One message that the scripted carrier will send; its id is the sender's own."""

    clock_id = models.UUIDField()  # a test clock, always
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="planned_scans")
    code = models.CharField(max_length=30)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["clock_id", "due_at"], condition=Q(done_at=None), name="planned_scan_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.due_at:%F %T}"
