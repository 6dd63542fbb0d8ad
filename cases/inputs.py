"""What each step asks for: one row of FOR is one step. Whatever it refuses changes nothing.

A view gives the context: `currency`, and `lines`: the marketplace's id of an order line → ours.
What comes out are the keyword arguments of the step's method, with money in minor units.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cases.details import DETAILS
from cases.extensions import MOST_HOURS
from cases.fields import (
    Flag,
    Id,
    Line,
    Moment,
    Money,
    OrderLineRef,
    Pattern,
    Ref,
    Strict,
    Text,
    Whole,
    each,
    wrong,
)
from cases.reasons import REASONS, REMEDIES, SLOTS, refusals_for
from cases.terms import MEDIA, PAYERS

MOST_LINES = 200
MOST_EVIDENCE = 30
PAID_OUT = {key for key, row in REMEDIES.items() if row.pays == "refund"}


def mistake(where: str, code: str, message: str) -> ValidationError:
    """Make an error at one field."""
    return ValidationError({where: wrong(code, message)})


class Nothing(Strict):
    """No input."""


class Handed(Strict):
    """One thing handed in as evidence: a slot, and a file of ours, or one elsewhere by its hash."""

    slot = serializers.ChoiceField(choices=list(SLOTS))
    file = Id(required=False)
    sha256 = Pattern("^[0-9a-f]{64}$", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: a file both here and elsewhere"""
        if {"file", "sha256"} <= attrs.keys():
            raise mistake("sha256", "both", "Of a file of ours the hash is known.")
        return attrs


class Worded(Strict):
    """Typed words and evidence."""

    statement = Text()
    evidence = each(Handed, most=MOST_EVIDENCE, required=False)


class Item(Strict):
    """Pieces of one order line; without an amount, what they are worth is meant."""

    line = OrderLineRef()
    quantity = Whole()
    amount = Money(required=False)


class Application(Worded):
    """What the buyer asks for, and why."""

    reason = serializers.ChoiceField(choices=list(REASONS))
    detail = serializers.ChoiceField(choices=list(DETAILS), required=False)
    remedy = serializers.ChoiceField(choices=list(REMEDIES))
    items = each(Item, most=MOST_LINES, least=1)
    compensation = Money(required=False)
    medium = serializers.ChoiceField(choices=list(MEDIA), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """See that the fields go together.

        :raises ValidationError: a line comes twice, money that the remedy does not pay, a detail
            of another reason
        """
        _no_line_twice(attrs["items"])
        _compensation_fits(attrs)
        if "detail" in attrs and attrs["reason"] not in DETAILS[attrs["detail"]].of:
            raise mistake("detail", "not_of_reason", "This detail does not go with the reason.")
        for number, item in enumerate(attrs["items"]):
            if "amount" in item and attrs["remedy"] not in PAID_OUT:
                why = wrong("not_paid", "This remedy refunds no line.")
                raise ValidationError({"items": {str(number): {"amount": why}}})
            item.setdefault("amount", None)
        return attrs


class Open(Application):
    """An application for lines of an order, by the marketplace's id of it."""

    order = Ref()


class Share(Strict):
    """What is given back for one order line."""

    line = OrderLineRef()
    amount = Money()


class Offer(Worded):
    """Terms that one side proposes: exact amounts, and who pays for a return."""

    statement = Text(required=False)
    remedy = serializers.ChoiceField(choices=list(REMEDIES))
    items = each(Share, most=MOST_LINES, required=False)
    compensation = Money(required=False)
    medium = serializers.ChoiceField(choices=list(MEDIA), required=False)
    freight_payer = serializers.ChoiceField(choices=list(PAYERS), required=False)
    hours = Whole(max_value=MOST_HOURS, required=False)  # that it stands; at most the policy's

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: something is missing or does not go with the remedy"""
        items = attrs.pop("items", [])
        _no_line_twice(items)
        _compensation_fits(attrs)
        if attrs["remedy"] in PAID_OUT and not items:
            raise mistake("items", "required", "Name the amount of each line.")
        if REMEDIES[attrs["remedy"]].returns and "freight_payer" not in attrs:
            raise mistake("freight_payer", "required", "Name who pays for sending goods back.")
        return {**attrs, "amounts": {item["line"]: item["amount"] for item in items}}


class Quoted(Strict):
    """An offer, quoted by id and version."""

    offer = Id()
    version = Whole()


class CounterOffer(Offer, Quoted):
    """Other terms in place of the offer that is quoted."""


class Refusal(Worded):
    """Why not, and the proof."""

    step = ""


def refusal(step: str) -> type[Refusal]:
    """Make the input of a step that says no: a reason of its own list, words, evidence."""
    reasons = [row.key for row in refusals_for(step)]
    own = {"reason": serializers.ChoiceField(choices=reasons), "step": step}
    return type(step.title().replace("_", ""), (Refusal,), {"__doc__": Refusal.__doc__, **own})


class Shipment(Strict):
    """A parcel that was handed to a carrier."""

    carrier = Ref()
    tracking_no = Pattern("^[A-Za-z0-9-]{4,60}$")


class Scan(Strict):
    """What a carrier says of a parcel."""

    happened_at = Moment(required=False)


class OutsideRefund(Strict):
    """Money that was given back elsewhere."""

    line = OrderLineRef()
    amount = Money()


class ChargebackClosed(Strict):
    """How the bank decided: `lost` when the money went back through it."""

    lost = Flag()


class MoreTime(Strict):
    """For how many hours more somebody asks."""

    hours = Whole(max_value=MOST_HOURS)


class Rating(Strict):
    """How it went: 1 (badly) to 5 (well), overall and in four dimensions; and a comment."""

    score = Whole(max_value=5)
    efficiency = Whole(max_value=5, required=False)
    attitude = Whole(max_value=5, required=False)
    timeliness = Whole(max_value=5, required=False)
    content = Whole(max_value=5, required=False)
    statement = Text(required=False)


class Paid(Strict):
    """A refund, by its id."""

    refund = Id()


class NotPaid(Paid):
    """A refund that the gateway could not pay, with the gateway's code."""

    code = Line(max_length=50)


class Answer(Strict):
    """A mediator's proposal, by its id."""

    proposal = Id()


class Bid(Strict):
    """What a side would take or pay; sealed."""

    amount = Money()


FOR: dict[str, type[Strict]] = {
    # Application
    "open": Open,
    "amend": Application,
    "split": Application,
    "reapply": Application,
    "withdraw": Nothing,
    # The seller's answer, and negotiation
    "approve": Nothing,
    "refuse": refusal("refuse"),
    "offer": Offer,
    "counter_offer": CounterOffer,
    "decline_offer": Quoted,
    "accept_offer": Quoted,
    # Parcels
    "ship_return": Shipment,
    "correct_tracking": Shipment,
    "return_delivered": Scan,
    "return_lost": Scan,
    "accept_return": Nothing,
    "reject_return": refusal("reject_return"),
    "dispatch_replacement": Shipment,
    "out_of_stock": Nothing,
    "replacement_delivered": Scan,
    "replacement_lost": Scan,
    "confirm_replacement": Nothing,
    "reject_replacement": refusal("reject_replacement"),
    # More time
    "take_extension": Nothing,
    "ask_extension": MoreTime,
    "grant_extension": Nothing,
    # Mediation
    "escalate": Nothing,
    "hand_in": Worded,
    "accept_proposal": Answer,
    "decline_proposal": Answer,
    "bid": Bid,
    "appeal": Worded,
    "waive_appeal": Nothing,
    # Money, and what happens outside
    "refund_settled": Paid,
    "refund_failed": NotPaid,
    "order_cancelled": Nothing,
    "record_outside_refund": OutsideRefund,
    "chargeback_opened": Nothing,
    "chargeback_closed": ChargebackClosed,
    # Afterwards
    "rate": Rating,
    "reopen": Worded,
}


def _no_line_twice(items):
    seen = set()
    for number, item in enumerate(items):
        if item["line"] in seen:
            why = wrong("twice", "This line is there already.")
            raise ValidationError({"items": {str(number): {"line": why}}})
        seen.add(item["line"])


def _compensation_fits(attrs):
    wanted = REMEDIES[attrs["remedy"]].pays == "compensation"
    if wanted and not attrs.get("compensation"):
        raise mistake("compensation", "required", "Name the amount of the compensation.")
    if not wanted and "compensation" in attrs:
        raise mistake("compensation", "not_paid", "This remedy pays no compensation.")
    if not wanted and "medium" in attrs:
        raise mistake("medium", "not_paid", "This remedy pays no compensation.")
