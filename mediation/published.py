"""The policy in force, for everybody: what it promises, kind by kind, and each of its rules."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import promises, rulebook, views
from cases.goods import GOODS
from cases.models import Marketplace
from cases.models.policy import in_force, pinned
from cases.policy import Policy
from cases.serializers.eligibility import PromiseOut, RuleOut
from mediation.looking import clock_of


class OfGoods(serializers.Serializer):
    """The tags of goods of a kind: a category of the marketplace's, or a flag of ours."""

    kind = serializers.CharField()
    promises = PromiseOut(many=True)


class PolicyOut(serializers.Serializer):
    """A policy to be read by people, in the language asked for."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    title = serializers.DictField(child=serializers.CharField(), help_text="By language.")
    effective_from = serializers.DateTimeField()
    pin = serializers.ChoiceField(choices=["application", "purchase"])
    promises = PromiseOut(many=True, help_text="Of goods of no special kind.")
    categories = OfGoods(many=True, help_text="Categories with rules of their own.")
    flags = OfGoods(many=True, help_text="Goods that the law excepts, by the flags of a line.")
    rules = RuleOut(many=True)


class PublishedPolicy(views.View):
    """What holds for cases that are opened now."""

    serializer_class = PolicyOut

    @extend_schema(operation_id="get_policy")
    def get(self, _request: Request) -> Response:
        """Show the policy in force: its service tags and its rules in words."""
        market = Marketplace.objects.get(pk=self.marketplace_id)
        version = in_force(market.policy_name, clock_of(market)())
        policy = pinned(version.id)
        told = {"effective_from": version.effective_from, **_told(policy)}
        return Response(self.get_serializer(told).data)


def _told(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "version": policy.version,
        "title": policy.title,
        "pin": policy.pin,
        "promises": promises.promised(policy),
        "categories": [
            {"kind": kind, "promises": promises.promised(policy, kind)}
            for kind in sorted(policy.categories)
        ],
        "flags": [
            {"kind": flag, "promises": promises.promised(policy, flags=[flag])} for flag in GOODS
        ],
        "rules": [rulebook.cited(policy, path) for path in rulebook.told(policy)],
    }
