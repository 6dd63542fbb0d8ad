"""What the process keeps for itself: effects, stored answers, its own heartbeat."""

from django.db import models
from django.db.models import Q

from cases.models import Case
from cases.models.base import Row
from notifications.attempts import Attempt


class Effect(Attempt):
    """Something that must follow an event outside the transaction; written with the event."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="effects", db_index=False)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=20)

    class Meta(Attempt.Meta):
        abstract = False
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(fields=["event_id", "kind"], name="effect_once"),
        ]


class StoredAnswer(Row):
    """The answer to a command, kept for 31 days, so that asking again changes nothing."""

    caller = models.CharField(max_length=300)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # of the parsed fields
    status = models.SmallIntegerField()
    body = models.JSONField()
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "route", "key"], name="answer_once"),
        ]
        indexes = [models.Index(fields=["stored_at"], name="answer_age")]


class Heartbeat(models.Model):
    """When the clocks were last seen to: a gap is an outage of ours and takes nobody's right."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="heartbeat_named")]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%F %T}"
