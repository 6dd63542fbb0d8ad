"""What the post office keeps: addresses, letters, receipts, webhook endpoints and deliveries.

A `recipient_id` is the id of a party of a case or of a member of staff; the post office knows
neither. `Contact` is the only place in the whole system with phone numbers and mail addresses.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from notifications.attempts import PENDING, Attempt
from notifications.masks import masked


class Contact(models.Model):
    """Where one recipient is reached by one channel, in which language and zone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient_id = models.UUIDField()
    marketplace_id = models.UUIDField(db_index=True)
    channel = models.CharField(max_length=16)
    address = models.CharField(max_length=254)  # E.164 or a mail address
    locale = models.CharField(max_length=16, default="en")  # as in BCP 47; "zh…" reads Chinese
    time_zone = models.CharField(max_length=64, default="UTC")  # IANA
    quiet_from = models.TimeField(null=True, blank=True)  # in that zone; may pass midnight
    quiet_until = models.TimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)  # nothing arrives there any more

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient_id", "channel"], name="one_contact_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_have_two_ends",
            ),
        ]

    def __str__(self):
        return f"{self.channel} {masked(self.address)}"


class Letter(Attempt):
    """One message to one recipient by one channel, about one event of a case."""

    class Outcome(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        SENT = "sent"  # handed over to the provider; the receipt tells the rest
        CAPTURED = "captured"  # of a sandbox: kept here, left the house for nobody
        UNWANTED = "unwanted"  # the case had moved on when its time came
        CAPPED = "capped"  # too many short messages in one day: another channel takes over
        FAILED = "failed"  # the same

    case_id = models.UUIDField()
    event_id = models.UUIDField()
    recipient_id = models.UUIDField()
    marketplace_id = models.UUIDField()
    channel = models.CharField(max_length=16)
    template = models.CharField(max_length=64)
    locale = models.CharField(max_length=16)
    params = models.JSONField(default=dict)  # codes, ids, amounts, times; never words or names
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.WAITING)
    rendered = models.TextField(blank=True, default="")  # in development and sandboxes only

    class Meta(Attempt.Meta):
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(
                fields=["case_id", "event_id", "recipient_id", "channel"],
                name="one_letter_per_event_recipient_channel",
            ),
        ]
        indexes = [
            *Attempt.Meta.indexes,
            models.Index(fields=["recipient_id", "channel", "done_at"], name="letter_daily_cap"),
        ]

    def __str__(self):
        return f"{self.template} by {self.channel}"

    @property
    def key(self) -> str:
        """The key that goes along with every attempt: the same for each of them."""
        return str(self.id)


class Receipt(models.Model):
    """What a provider says about a letter that it took. It only ever moves forward."""

    class State(models.IntegerChoices):
        """In this order."""

        QUEUED = 0
        SENT = 1
        DELIVERED = 2
        FAILED = 3

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="receipts")
    provider_id = models.CharField(max_length=255, unique=True)  # "provider:its own id"
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.QUEUED)
    code = models.CharField(max_length=64, blank=True, default="")  # the provider's, when failed
    at = models.DateTimeField()  # of the last word from the provider

    def __str__(self):
        return f"{self.provider_id}: {self.get_state_display()}"


class WebhookEndpoint(models.Model):
    """Where a marketplace wants to hear of its cases."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    marketplace_id = models.UUIDField(db_index=True)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)  # "whsec_" and base64 of 24 to 64 bytes
    former_secret = models.CharField(max_length=100, blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)  # both sign until then
    types = models.JSONField(default=list, blank=True)  # of events that it hears of; empty: all
    active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_because = models.CharField(max_length=200, blank=True, default="")
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(active=False, secret=""),
                name="a_removed_endpoint_is_off",
            ),
            models.CheckConstraint(
                condition=Q(active=True, disabled_at__isnull=True) | Q(active=False),
                name="an_active_endpoint_is_not_disabled",
            ),
            models.CheckConstraint(
                condition=Q(former_secret="", former_until__isnull=True)
                | Q(~Q(former_secret=""), former_until__isnull=False),
                name="a_former_secret_has_an_end",
            ),
        ]

    def __str__(self):
        return self.url

    def wants(self, type_: str) -> bool:
        return not self.types or type_ in self.types

    def secrets(self, at: Any) -> list[str]:
        """The secrets that sign at a moment: the newest first."""
        if self.former_until and at < self.former_until:
            return [self.secret, self.former_secret]
        return [self.secret]


class Delivery(Attempt):
    """One event of a case on its way to one endpoint."""

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.PROTECT)
    case_id = models.UUIDField()
    event_id = models.UUIDField()
    sequence = models.PositiveBigIntegerField()  # of the event in its case
    body = models.TextField()  # the JSON text that is signed and sent, byte by byte
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # of the last answer
    answer = models.CharField(max_length=200, blank=True, default="")  # its beginning

    class Meta(Attempt.Meta):
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(
                fields=["endpoint", "event_id"], name="one_delivery_per_event_and_endpoint"
            ),
        ]
        indexes = [
            *Attempt.Meta.indexes,
            models.Index(
                F("endpoint"), F("case_id"), F("sequence"), name="delivery_order", condition=PENDING
            ),
            models.Index(  # failures of one endpoint, the latest first
                fields=["endpoint", "event_id"],
                name="delivery_failures",
                condition=Q(dead_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"event {self.sequence} of case {self.case_id}"

    @property
    def webhook_id(self) -> str:
        """The id that goes along with every attempt: the same for each of them."""
        return f"msg_{self.id.hex}"
