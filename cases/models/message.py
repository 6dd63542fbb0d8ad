"""The thread of a case: what both sides and the mediators write to each other, step or no step."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Prefetch

from cases.models.base import Row, fits
from cases.models.case import Case
from cases.models.evidence import Audience
from cases.models.file import File
from cases.models.party import Party

if TYPE_CHECKING:
    from collections.abc import Collection


class Messages(models.QuerySet):
    """Messages by who may read them."""

    def thread(self, case: Any, audiences: "Collection[str]") -> "Messages":
        """Keep what of a case's thread some audiences may read, with what is attached to it."""
        attached = Attachment.objects.select_related("file").order_by("id")
        own = self.filter(case=case, audience__in=audiences)
        return own.prefetch_related(Prefetch("attachments", attached))


class Message(Row):
    """One message. Its event tells of it without its words."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    event_id = models.UUIDField()
    role = models.CharField(max_length=12)
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    person = models.CharField(max_length=200)  # a pseudonym
    audience = models.CharField(max_length=20, choices=Audience.choices)
    text = models.TextField()
    announced = models.BooleanField()  # by a letter of its own, not by one shortly before
    written_at = models.DateTimeField()

    objects = Messages.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="message_of_case")]
        constraints = [
            fits("message_audience", models.Q(audience__in=Audience.values)),
        ]

    def __str__(self) -> str:
        return f"{self.role} to {self.audience}"


class Attachment(Row):
    """A file that goes along with a message, for its readers only."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="attachments")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "file"], name="attachment_once"),
        ]

    def __str__(self) -> str:
        return str(self.file_id)
