"""Words and evidence: what people typed and handed in. It can be erased; events cannot."""

from django.db import models
from django.db.models import Q

from cases.models.base import Row
from cases.models.case import Case
from cases.models.file import File


class Audience(models.TextChoices):
    """Who may read it besides its author."""

    ALL = "all"
    BUYER_MEDIATOR = "buyer_mediator"
    SELLER_MEDIATOR = "seller_mediator"
    MEDIATORS = "mediators"


class Statement(Row):
    """Typed words: a story, an answer, a message, a reasoning."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="statements", db_index=False
    )
    event_id = models.UUIDField()
    role = models.CharField(max_length=12)
    party_id = models.UUIDField(null=True)
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.ALL)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="statement_of_case")]


class Evidence(Row):
    """One thing handed in for a slot: a file, a file elsewhere by its hash, or words."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="evidence", db_index=False
    )
    event_id = models.UUIDField()
    role = models.CharField(max_length=12)
    slot = models.CharField(max_length=40)
    file = models.ForeignKey(
        File, on_delete=models.PROTECT, null=True, related_name="evidence", db_index=False
    )
    sha256 = models.CharField(max_length=64, blank=True)  # of the file, hex
    statement_id = models.UUIDField(null=True)
    round = models.SmallIntegerField(default=0)  # of the dispute; 0: outside one
    late = models.BooleanField(default=False)  # after the round was sealed
    handed_in_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="evidence_of_case"),
            models.Index(fields=["file"], condition=~Q(file=None), name="evidence_of_file"),
        ]
