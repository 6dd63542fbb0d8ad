"""What the sandbox is asked, and what it answers."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cases.complaint_terms import S
from cases.conduct import RESTRICTIONS
from cases.fields import Flag, Moment, Money, Strict, Text, Whole, each
from cases.inputs import MOST_LINES, Share, mistake
from cases.reasons import REMEDIES
from cases.serializers.eligibility import Shown
from cases.terms import PAYERS, RULED_ONLY
from mediation.gateways.sandbox import WORDS
from mediation.sandbox.carrier import PLANS
from mediation.sandbox.judge import DECIDED_BY
from mediation.sandbox.models import PlannedScan

MOST_MESSAGES = 50
CODES = ("accepted", "in_transit", "out_for_delivery", "delivered", "lost", "stuck", "exception")


class Advance(Strict):
    """Until when: a moment, or `next`, the next at which something falls due."""

    to = Moment(required=False)
    next = Flag(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: neither or both"""
        if ("to" in attrs) == attrs.get("next", False):
            raise mistake("to", "one_of", 'Say {"to": a moment} or {"next": true}.')
        return attrs


class Message(Strict):
    """What the carrier says, and when."""

    code = serializers.ChoiceField(choices=list(CODES))
    at = Moment()


class Plan(Strict):
    """What becomes of a parcel: a plan by its name, or message by message."""

    plan = serializers.ChoiceField(choices=list(PLANS), required=False)
    messages = each(Message, most=MOST_MESSAGES, least=1, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: neither or both"""
        if len(attrs) != 1:
            raise mistake("plan", "one_of", "Name a plan, or list the messages.")
        return attrs


class Script(Strict):
    """How the gateway answers the first request of a refund, the second, and so on."""

    script = Text(max_length=200, help_text="Words, the last of which holds: " + ", ".join(WORDS))

    def validate_script(self, script: str) -> str:
        """:raises ValidationError: a word that it does not know"""
        if unknown := set(script.split()) - set(WORDS):
            raise ValidationError(f"There is no {min(unknown)}.", "unknown_word")
        return " ".join(script.split())


class Fault(Strict):
    """Who bears it, in percent; 100 in all."""

    buyer = Whole(min_value=0, max_value=100)
    seller = Whole(min_value=0, max_value=100)
    platform = Whole(min_value=0, max_value=100)
    carrier = Whole(min_value=0, max_value=100)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class Verdict(Strict):
    """What the mediator rules. `none` is for the seller; `send_back` as well: the goods go back."""

    remedy = serializers.ChoiceField(choices=[*REMEDIES, *RULED_ONLY])
    items = each(Share, most=MOST_LINES, required=False)
    compensation = Money(required=False)
    payer = serializers.ChoiceField(choices=list(PAYERS[1:]), required=False)
    freight_payer = serializers.ChoiceField(choices=list(PAYERS), required=False)
    freight_out = Flag(required=False)
    fault = Fault()
    statement = Text()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name amounts by line, as the step does."""
        items = attrs.pop("items", [])
        return {**attrs, "amounts": {item["line"]: item["amount"] for item in items}}


class Decision(Strict):
    """What the mediator decides on a complaint, in the first instance or on appeal."""

    verdict = serializers.ChoiceField(choices=list(DECIDED_BY))
    restrictions = serializers.ListField(
        child=serializers.ChoiceField(choices=list(RESTRICTIONS)),
        max_length=len(RESTRICTIONS),
        required=False,
        help_text="Of the accused, where it is upheld; points follow from the policy.",
    )
    statement = Text()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: restrictions without a complaint that is upheld"""
        if attrs.get("restrictions") and attrs["verdict"] != S.UPHELD:
            raise mistake("restrictions", "not_upheld", "Only what is upheld restricts anybody.")
        return {name: value for name, value in attrs.items() if value}


# Answers


class Moved(serializers.Serializer):
    """One event; `decided_at` is when its clock ran out."""

    sequence = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    clock = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField()
    at = serializers.DateTimeField()


class Transition(Moved):
    """One event of a case."""

    case = serializers.UUIDField()
    dispute = serializers.CharField(allow_null=True)


class ComplaintMoved(Moved):
    """One event of a complaint."""

    complaint = serializers.UUIDField()


class SandboxLetter(serializers.Serializer):
    """One letter as it was written; it was sent to nobody."""

    id = serializers.UUIDField()
    case = serializers.UUIDField(help_text="Or the complaint that it is about.")
    event = serializers.UUIDField()
    to = serializers.CharField(help_text="buyer, seller or staff")
    channel = serializers.CharField()
    template = serializers.CharField()
    locale = serializers.CharField()
    outcome = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField()


class SandboxPayment(serializers.Serializer):
    """One refund, as the gateway was last asked for it and answered."""

    refund = serializers.UUIDField()
    case = serializers.UUIDField()
    kind = serializers.CharField()
    amount = Shown()
    answer = serializers.CharField(help_text="pending, succeeded, failed; none: it was silent")
    code = serializers.CharField()
    state = serializers.CharField()
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class SandboxClock(serializers.Serializer):
    """How a sandbox's clock stands."""

    at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="When something falls due.")


class Advanced(SandboxClock):
    """How far the clock has come, and everything that this has caused, in order."""

    since = serializers.DateTimeField()
    more = serializers.BooleanField(help_text="It has not come as far as asked: ask again.")
    transitions = Transition(many=True)
    complaints = ComplaintMoved(many=True)
    letters = SandboxLetter(many=True)
    payments = SandboxPayment(many=True)


class CarrierMessage(serializers.Serializer):
    """One message of the carrier, said or to be said."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    at = serializers.DateTimeField(source="due_at")
    said = serializers.SerializerMethodField()

    def get_said(self, planned: PlannedScan) -> bool:
        return planned.done_at is not None
