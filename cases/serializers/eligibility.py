"""What may be applied for of an order."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.fields import MONEY_SCHEMA


@extend_schema_field(MONEY_SCHEMA)
class Shown(serializers.DictField):
    """An amount that is a decimal already."""


class SlotOut(serializers.Serializer):
    """One thing to bring: each `required` one, at least one of `one_of`."""

    slot = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    level = serializers.ChoiceField(choices=["required", "one_of", "optional"])
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Of file, or text.")


class RemedyName(serializers.Serializer):
    remedy = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class RuleOut(serializers.Serializer):
    """A rule that decides: a setting of a policy, or a row that holds for everybody."""

    policy = serializers.CharField(allow_null=True, help_text="Null: it holds for everybody.")
    version = serializers.IntegerField(allow_null=True)
    path = serializers.CharField()
    value = serializers.JSONField(help_text="As the policy's file says it.")
    tag = serializers.CharField(help_text="S: the platform's documentation; W: weak; U: ours.")
    text = serializers.CharField(help_text="The same in words.")


class PromiseOut(serializers.Serializer):
    """A service tag, and the path of the rule that it follows from."""

    promise = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    rule = serializers.CharField()


class DetailOut(serializers.Serializer):
    """What exactly may be the matter, and what to bring for it besides."""

    detail = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    evidence = SlotOut(many=True)


class ReasonOut(serializers.Serializer):
    """A reason, as it holds for goods of no special kind."""

    reason = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    closes_at = serializers.DateTimeField(
        allow_null=True, help_text="The end of its window, or since when it is closed."
    )
    freight_payer = serializers.CharField(help_text="Who pays for sending goods back.")
    freight_out = Shown(help_text="What of the outbound freight comes along.")
    remedies = RemedyName(many=True)
    details = DetailOut(many=True)
    evidence = SlotOut(many=True)


class Choice(serializers.Serializer):
    """One reason and remedy, tried as `open` would be with all free pieces of the line."""

    reason = serializers.CharField()
    remedy = serializers.CharField()
    eligible = serializers.BooleanField()
    most = Shown(allow_null=True, help_text="For all free pieces; of goods in kind their worth.")
    code = serializers.CharField(allow_null=True, help_text="What `open` would be refused with.")
    why = serializers.CharField(allow_null=True, help_text="Stable; finer than the code.")
    detail = serializers.CharField(allow_null=True, help_text="The same in words.")
    rule = RuleOut(allow_null=True, help_text="By which rule it is not eligible, if by one.")


class AdviceOut(serializers.Serializer):
    """What somebody may do well to know before applying."""

    advice = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    until = serializers.DateTimeField(allow_null=True, help_text="Or since when.")


class Amounts(serializers.Serializer):
    """What was captured, and what the goods and their freight cost."""

    charged = Shown()
    owed = Shown()
    difference = Shown()


class Duplicate(serializers.Serializer):
    """The same goods, bought by the same buyer from the same seller a short time apart."""

    order = serializers.CharField()
    line = serializers.CharField()
    quantity = serializers.IntegerField()
    placed_at = serializers.DateTimeField()


class OfKind(serializers.Serializer):
    """A reason for goods of a kind with rules of its own; evidence: besides the reason's."""

    reason = serializers.CharField()
    closes_at = serializers.DateTimeField(allow_null=True)
    freight_payer = serializers.CharField()
    evidence = SlotOut(many=True)
    rules = RuleOut(many=True)


class LineEligibility(serializers.Serializer):
    line = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    quantity = serializers.IntegerField()
    free = serializers.IntegerField(help_text="Pieces that nobody claims.")
    applications_left = serializers.IntegerField()
    promises = PromiseOut(many=True)
    reasons = OfKind(many=True, help_text="Those for which its kind of goods has other rules.")
    choices = Choice(many=True)
    duplicates = Duplicate(many=True)


class EligibilityOut(serializers.Serializer):
    """An order, line by line. Labels are in Chinese or English, by Accept-Language."""

    order = serializers.CharField()
    at = serializers.DateTimeField()
    stage = serializers.ChoiceField(choices=["unshipped", "shipped", "delivered"])
    policy = serializers.DictField()
    advice = AdviceOut(many=True)
    amounts = Amounts()
    reasons = ReasonOut(many=True)
    lines = LineEligibility(many=True)
