"""Words and evidence: what people typed and handed in. It can be erased; events cannot."""

from django.db import models
from django.db.models import Q

from cases.models.base import Row, fits
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


class Rating(Row):
    """How one side judges the service in a case: overall, and in four dimensions; 1 to 5."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings", db_index=False)
    role = models.CharField(max_length=12)
    score = models.SmallIntegerField()
    efficiency = models.SmallIntegerField(null=True)
    attitude = models.SmallIntegerField(null=True)
    timeliness = models.SmallIntegerField(null=True)
    content = models.SmallIntegerField(null=True)
    statement_id = models.UUIDField(null=True)  # the comment, which can be erased
    rated_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)  # by our people, who follow up on low ones
    looked_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "role"], name="rating_once"),
            fits(
                "rating_range",
                Q(score__range=(1, 5))
                & (Q(efficiency=None) | Q(efficiency__range=(1, 5)))
                & (Q(attitude=None) | Q(attitude__range=(1, 5)))
                & (Q(timeliness=None) | Q(timeliness__range=(1, 5)))
                & (Q(content=None) | Q(content__range=(1, 5))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["rated_at"],
                condition=Q(score__lte=2, looked_at=None),
                name="rating_to_follow_up",
            ),
        ]
