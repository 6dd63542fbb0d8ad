"""What a case is about: pieces, offers, parcels, applications, events."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import money, terms
from cases.fields import MONEY_SCHEMA
from cases.models import Case
from cases.serializers.base import Amount, Data


class ItemOut(serializers.Serializer):
    """Pieces of one order line in this case; `most` is what may still be given back for them."""

    line = serializers.CharField(source="line.ref")
    sku = serializers.CharField(source="line.sku")
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()
    worth = Amount()
    asked = Amount(source="amount")
    agreed = Amount()
    refunded = Amount()
    most = serializers.SerializerMethodField()

    @extend_schema_field(MONEY_SCHEMA)
    def get_most(self, item: Any) -> dict[str, str]:
        return money.shown(terms.most(item), self.context["currency"])


class OfferOut(serializers.Serializer):
    """The terms that stand; whoever accepts quotes `id` and `version`."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    side = serializers.CharField()
    remedy = serializers.CharField()
    items = serializers.SerializerMethodField()
    compensation = Amount()
    medium = serializers.CharField(help_text="Of the compensation: money, coupon or points.")
    freight_payer = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_items(self, offer: Any) -> list[Data]:
        return by_line(offer.items, self.context["case"])


def by_line(amounts: dict[Any, int], case: Case) -> list[Data]:
    """Show amounts by our ids of order lines as the marketplace knows them."""
    refs = {str(line.id): line.ref for line in case.facts.lines.values()}
    return [
        {"line": refs[str(line)], "amount": money.shown(amount, case.currency)}
        for line, amount in amounts.items()
    ]


class ParcelOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    carrier = serializers.CharField()
    tracking_no = serializers.CharField()
    state = serializers.CharField()
    sent_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    scans = serializers.IntegerField()


class ApplicationOut(serializers.Serializer):
    """One attempt, with its own answer and both sides' words."""

    number = serializers.IntegerField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField(help_text="What exactly is the matter; empty: nobody has said.")
    remedy = serializers.CharField()
    amount = Amount()
    medium = serializers.CharField()
    statement = serializers.SerializerMethodField()
    applied_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_by = serializers.CharField(help_text="Role; empty: nobody has.")
    answer_reason = serializers.CharField()
    answer_statement = serializers.SerializerMethodField()
    answered_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(OpenApiTypes.STR)
    def get_statement(self, application: Any) -> str:
        return self.context["words"].get(application.statement_id, "")

    @extend_schema_field(OpenApiTypes.STR)
    def get_answer_statement(self, application: Any) -> str:
        return self.context["words"].get(application.answer_statement_id, "")


class EventOut(serializers.Serializer):
    """What a step has left in the timeline."""

    id = serializers.UUIDField()
    sequence = serializers.IntegerField()
    name = serializers.CharField()
    at = serializers.DateTimeField()


class EntryOut(serializers.Serializer):
    """One thing that happened; `decided_at` differs when a clock had run out before."""

    sequence = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    dispute = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    clock = serializers.CharField(allow_null=True)
    statement = serializers.CharField(allow_null=True)
    details = serializers.DictField(help_text="Codes, ids, amounts and times.")
