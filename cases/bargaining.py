"""What both sides have offered each other in a case, in order."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import money
from cases.models import Offer, Statement
from cases.serializers.papers import OfferOut
from cases.views import View

STATES = ("open", "accepted", "declined", "replaced", "lapsed")


class OfferMade(OfferOut):
    """Terms that one side proposed, and what became of them."""

    state = serializers.ChoiceField(choices=STATES)
    statement = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_items(self, offer: Offer) -> list[dict[str, Any]]:
        lines, currency = self.context["lines"], self.context["currency"]
        return [
            {"line": lines[line], "amount": money.shown(amount, currency)}
            for line, amount in offer.items.items()
        ]

    def get_statement(self, offer: Offer) -> str:
        return self.context["words"].get(offer.statement_id, "")


class OffersOut(serializers.Serializer):
    results = OfferMade(many=True)


class Offers(View):
    """The offers of a case; new ones are steps."""

    serializer_class = OfferMade

    @extend_schema(operation_id="list_offers", responses=OffersOut)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List offers and counter-offers, the first one first, each with what became of it."""
        case = self.case(case_id)
        made = list(Offer.objects.filter(case=case).order_by("version"))
        words = Statement.objects.filter(pk__in=[o.statement_id for o in made if o.statement_id])
        lines = case.order.lines.values_list("id", "ref")
        context = {
            **self.get_serializer_context(),
            "currency": case.currency,
            "words": dict(words.values_list("id", "text")),
            "lines": {str(line): ref for line, ref in lines},
        }
        return Response({"results": OfferMade(made, many=True, context=context).data})
