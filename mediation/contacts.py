"""How a marketplace tells where its buyers and sellers are reached. It is never shown whole."""

from typing import Any
from zoneinfo import available_timezones

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.fields import Strict, Text, wrong
from cases.models import Party
from cases.roles import Role
from notifications import address_book
from notifications.attempts import GiveUp
from notifications.channels.sms import e164
from notifications.masks import masked

CONTACT: dict[str, serializers.Field] = {
    "channel": serializers.CharField(),
    "address": serializers.CharField(help_text="Masked."),
}
CONTACTS = inline_serializer(
    "ContactsOut", {"contacts": inline_serializer("ContactOut", CONTACT, many=True)}
)


class ContactsIn(Strict):
    """Where one party is reached; what is left out is forgotten."""

    language = serializers.ChoiceField(choices=["en", "zh-hans"])
    time_zone = serializers.CharField(max_length=64, default="UTC")
    email = serializers.EmailField(max_length=254, required=False)
    sms = serializers.CharField(max_length=30, required=False, help_text="E.164: +8613800138000")
    quiet_from = serializers.TimeField(required=False, help_text="In the party's zone.")
    quiet_until = serializers.TimeField(required=False)
    return_address = Text(
        max_length=500, required=False, help_text="Of a shop: shown to whoever has to send back."
    )

    def validate_time_zone(self, value: str) -> str:
        """:raises ValidationError: not in the IANA data base"""
        if value not in available_timezones():
            raise serializers.ValidationError("There is no such time zone.", "unknown")
        return value

    def validate_sms(self, value: str) -> str:
        """:raises ValidationError: no number that exists"""
        try:
            return e164(value)
        except GiveUp:
            raise serializers.ValidationError("This is no telephone number.", "invalid") from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: quiet hours with one end"""
        if ("quiet_from" in attrs) != ("quiet_until" in attrs):
            raise serializers.ValidationError("Quiet hours have two ends.", "incomplete")
        return attrs


class PartyContacts(views.View):
    """Where a buyer or a seller is reached."""

    roles = (str(Role.SERVICE),)
    serializer_class = ContactsIn

    @extend_schema(operation_id="keep_contacts", responses=CONTACTS)
    def put(self, request: Request, role: str, ref: str) -> Response:
        """Keep where a party of a known order is reached: by mail, by short message, or both."""
        party: Party = get_object_or_404(Party.objects, role=role, ref=ref)
        asked = ContactsIn(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        if role != Role.SELLER and "return_address" in told:
            raise serializers.ValidationError(
                {"return_address": wrong("not_a_shop", "Returns go to shops alone.")}
            )
        Party.objects.filter(pk=party.pk).update(return_address=told.get("return_address", ""))
        contacts = address_book.keep(
            party.id,
            self.marketplace_id,
            {channel: told[channel] for channel in ("email", "sms") if channel in told},
            locale=told["language"],
            time_zone=told["time_zone"],
            quiet=(told["quiet_from"], told["quiet_until"]) if "quiet_from" in told else None,
        )
        shown = [{"channel": c.channel, "address": masked(c.address)} for c in contacts]
        return Response({"contacts": shown})
