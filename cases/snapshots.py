"""An order as a marketplace tells it: strict, and paid for."""

from typing import Any
from zoneinfo import available_timezones

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cases.fields import (
    CURRENCY,
    HIGHEST_COUNT,
    Line,
    Moment,
    Money,
    Pattern,
    Ref,
    Strict,
    Whole,
    each,
    wrong,
)

MOST = 200  # lines or payments
MOST_PARCELS = 20


class PartyIn(Strict):
    """A buyer or a seller by the marketplace's own id: no name and no contact."""

    ref = Ref()
    language = Pattern("^[a-z]{2}(-[a-z]{2,4})?$", required=False)


class LineIn(Strict):
    """One line; `paid` is what was paid for all its pieces, after discounts."""

    ref = Ref()
    sku = Line(max_length=100)
    title = Line(max_length=300)
    category = Line(max_length=100, required=False)
    flags = serializers.ListField(child=Pattern("^[a-z_]{1,30}$"), required=False, max_length=20)
    quantity = Whole(max_value=HIGHEST_COUNT)
    paid = Money()
    discounts = Money(required=False)


class PaymentIn(Strict):
    """One payment that was captured."""

    ref = Ref()
    method = Line(max_length=50)
    amount = Money()
    captured_at = Moment()


class ParcelIn(Strict):
    """One parcel in which the order was sent out."""

    carrier = Ref()
    tracking_no = Pattern("^[A-Za-z0-9-]{4,60}$")


class Snapshot(Strict):
    """All of an order. The same again changes nothing."""

    buyer = PartyIn()
    seller = PartyIn()
    currency = Pattern(CURRENCY)
    time_zone = serializers.ChoiceField(choices=sorted(available_timezones()), required=False)
    region = Pattern("^[A-Za-z0-9-]{1,20}$", required=False)
    placed_at = Moment()
    promised_at = Moment(required=False, allow_null=True)
    shipped_at = Moment(required=False, allow_null=True)
    delivered_at = Moment(required=False, allow_null=True)
    listing_hash = Pattern("^[0-9a-f]{64}$", required=False)
    freight = Money(required=False)
    lines = each(LineIn, most=MOST, least=1)
    payments = each(PaymentIn, most=MOST)
    parcels = each(ParcelIn, most=MOST_PARCELS, required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """All amounts are in the currency of the order."""
        if isinstance(data, dict):
            self.context["currency"] = data.get("currency")  # type: ignore[index]
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: an id comes twice"""
        for name in ("lines", "payments"):
            seen: set[str] = set()
            for number, row in enumerate(attrs[name]):
                if row["ref"] in seen:
                    why = wrong("twice", "This ref is there already.")
                    raise ValidationError({name: {str(number): {"ref": why}}})
                seen.add(row["ref"])
        return attrs


def uncovered(snapshot: dict[str, Any]) -> int:
    """Tell by how much lines and freight exceed what was captured, in minor units; 0: they fit."""
    owed = sum(line["paid"] for line in snapshot["lines"]) + snapshot.get("freight", 0)
    return max(0, owed - sum(payment["amount"] for payment in snapshot["payments"]))
