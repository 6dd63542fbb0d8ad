"""What is asked about endpoints, and what is answered."""

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.complaint_actions import STEPS
from cases.fields import Flag, Pattern, Strict, Whole
from mediation.complaints.post import INTERNAL
from mediation.gateways.webhook import TYPE
from mediation.notices import NOTICES
from notifications.models import Delivery, WebhookEndpoint
from notifications.outbound import Forbidden, check_url

PING = "ping"
TYPES = (
    *(f"case.{event}" for event in NOTICES),
    *(f"complaint.{step}" for step in STEPS if step not in INTERNAL),
    "consequence",
    TYPE,
)
LONGEST_URL = 500
OVERLAP, LONGEST_OVERLAP = 24, 168  # hours
STANDINGS = ("waiting", "delivered", "dead")


class Url(Pattern):
    """An address that we are willing to call."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^https?://[!-\[\]-~]+$", max_length=LONGEST_URL, **options)

    def to_internal_value(self, data: Any) -> str:
        """:raises ValidationError: it is not public, or not https"""
        found = super().to_internal_value(data)
        try:
            check_url(found)
        except Forbidden as error:
            raise serializers.ValidationError(str(error), "not_public") from None
        return found


class Types(serializers.ListField):
    """Types of events."""

    child = serializers.ChoiceField(choices=list(TYPES))

    def __init__(self, **options: Any) -> None:
        told = "Of what it hears; empty: of everything."
        super().__init__(max_length=len(TYPES), help_text=told, **options)


class EndpointIn(Strict):
    """Where webhooks go: https on port 443 of a host of the internet."""

    url = Url()
    types = Types(default=list)


class EndpointChange(Strict):
    """What is left out stays as it is. `active`: false switches it off, true on again."""

    url = Url(required=False)
    types = Types(required=False)
    active = Flag(required=False)


class Rotation(Strict):
    """For how long the secret before signs as well; 0: not at all, as others know it."""

    overlap_hours = Whole(min_value=0, max_value=LONGEST_OVERLAP, default=OVERLAP)


class EndpointOut(serializers.ModelSerializer):
    """An endpoint; its secret is told once, when it is made."""

    former_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then the secret before signs as well."
    )
    types = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField()
    failing_since = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True)
    disabled_because = serializers.CharField()

    class Meta:
        model = WebhookEndpoint
        fields: tuple[str, ...] = (
            *("id", "url", "types", "active", "failing_since", "disabled_at"),
            *("disabled_because", "former_until"),
        )


class EndpointMade(EndpointOut):
    """An endpoint with its secret: keep it, it is not told again."""

    secret = serializers.CharField(help_text="`whsec_` and base64 of 32 bytes.")

    class Meta(EndpointOut.Meta):
        fields = (*EndpointOut.Meta.fields, "secret")


class DeliveryOut(serializers.Serializer):
    """One event on its way to an endpoint, and what was answered there."""

    id = serializers.UUIDField()
    webhook_id = serializers.SerializerMethodField(help_text="The header `webhook-id`.")
    type = serializers.SerializerMethodField()
    case = serializers.SerializerMethodField()
    sequence = serializers.IntegerField(help_text="Of the event in its case.")
    standing = serializers.SerializerMethodField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField(help_text="The next attempt, while it is waiting.")
    done_at = serializers.DateTimeField(allow_null=True)
    dead_at = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="Of the last answer.")
    answer = serializers.CharField(help_text="The first 200 characters of the last answer.")
    error = serializers.CharField(source="last_error")

    def get_webhook_id(self, delivery: Delivery) -> str:
        return delivery.webhook_id

    def get_type(self, delivery: Delivery) -> str:
        return json.loads(delivery.body)["type"]

    @extend_schema_field({"type": ["string", "null"], "format": "uuid"})
    def get_case(self, delivery: Delivery) -> str | None:
        return json.loads(delivery.body).get("case")

    @extend_schema_field({"type": "string", "enum": list(STANDINGS)})
    def get_standing(self, delivery: Delivery) -> str:
        if delivery.dead_at is not None:
            return "dead"
        return "waiting" if delivery.done_at is None else "delivered"
