"""A dispute as somebody outside may see it: no sealed bid of another, no draft, no mediator."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import history, money
from cases.models import Case, Dispute
from cases.roles import PARTIES
from cases.standing import shown

if TYPE_CHECKING:
    from cases.actors import Actor

Data = dict[str, Any]
PUBLISHED = ("live", "replaced", "final", "void")


def dispute_of(case: Case, actor: "Actor") -> Data | None:
    """Gather what an actor may see of a case's dispute; None: there has never been one."""
    dispute = Dispute.objects.filter(case=case).first()
    if dispute is None:
        return None
    words = {row.id: row.text for row in history.statements(case, actor)}
    lines = {str(line.id): line.ref for line in case.order.lines.all()}
    sides = [actor.role] if actor.role in PARTIES else list(PARTIES)
    return {
        "state": shown(str(dispute.state), actor.role),
        "round": dispute.round,
        "instance": dispute.instance,
        "opened_at": dispute.opened_at,
        "ended_at": dispute.ended_at,
        "overdue": dispute.overdue,
        "waiting_on": dispute.waiting,
        "requests": [_request(row, words) for row in _requests(case, sides)],
        "proposals": [
            {
                **_paper(row, words, row.made_at),
                "number": row.number,
                **_terms(case, row.content, lines),
            }
            for row in case.proposals.order_by("number")
        ],
        "rulings": _rulings(case, words, lines),
        "bid": _own_bid(case, actor),
    }


def _requests(case, sides):
    return case.evidence_requests.filter(side__in=sides).order_by("round", "side")


def _request(row, words):
    return {
        "round": row.round,
        "side": row.side,
        "items": row.items,
        "statement": words.get(row.statement_id),
        "asked_at": row.asked_at,
        "sealed_at": row.sealed_at,
    }


def _paper(row, words, at):
    return {
        "id": row.id,
        "state": row.state,
        "at": at,
        "statement": words.get(row.statement_id),
    }


def _rulings(case, words, lines):
    """List the rulings that were published: a draft may still be changed or never seen."""
    rulings = case.rulings.filter(state__in=PUBLISHED).order_by("id").prefetch_related("appeals")
    return [
        {
            **_paper(row, words, row.approved_at or row.ruled_at),
            "round": row.round,
            "instance": row.instance,
            **_ruled(case, row, lines),
            "appeals": [{"side": each.side, "at": each.appealed_at} for each in row.appeals.all()],
        }
        for row in rulings
        if row.state != "void" or row.approved_at
    ]


def _ruled(case, row, lines):
    content = json.loads(row.content)
    reasons = {key: content[key] for key in ("fault", "rule", "evidence")}
    return {**_terms(case, content, lines), **reasons, "sha256": row.sha256}


def _terms(case: Case, content: Mapping[str, Any], lines: Mapping[str, str]) -> Data:
    """Show terms with money as decimals and lines as the marketplace knows them."""
    return {
        "remedy": content["remedy"],
        "items": [
            {"line": lines[line], "amount": money.shown(amount, case.currency)}
            for line, amount in content["amounts"].items()
        ],
        "compensation": money.shown(content["compensation"], case.currency),
        "payer": content.get("payer", ""),
        "freight_payer": content["freight_payer"],
    }


def _own_bid(case, actor):
    if actor.role not in PARTIES:
        return None
    amount = case.bids.filter(side=actor.role).values_list("amount", flat=True).first()
    return None if amount is None else money.shown(amount, case.currency)


class RequestOut(serializers.Serializer):
    """What a side is asked for in a round of evidence."""

    round = serializers.IntegerField()
    side = serializers.CharField()
    items = serializers.ListField(child=serializers.CharField())
    statement = serializers.CharField(allow_null=True)
    asked_at = serializers.DateTimeField()
    sealed_at = serializers.DateTimeField(allow_null=True)


class PaperOut(serializers.Serializer):
    """Terms that a mediator proposed or ruled, with the reasons."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    at = serializers.DateTimeField()
    statement = serializers.CharField(allow_null=True)
    remedy = serializers.CharField()
    items = serializers.ListField(child=serializers.DictField())
    compensation = serializers.DictField()
    payer = serializers.CharField()
    freight_payer = serializers.CharField()


class ProposalOut(PaperOut):
    number = serializers.IntegerField()


class RulingOut(PaperOut):
    round = serializers.IntegerField()
    instance = serializers.IntegerField()
    fault = serializers.DictField(child=serializers.IntegerField())
    rule = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
    appeals = serializers.ListField(child=serializers.DictField())


class DisputeOut(serializers.Serializer):
    """What is asked, proposed and ruled."""

    state = serializers.CharField()
    round = serializers.IntegerField()
    instance = serializers.IntegerField(help_text="2: on appeal.")
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField(help_text="The platform is late.")
    waiting_on = serializers.ListField(child=serializers.CharField())
    requests = RequestOut(many=True)
    proposals = ProposalOut(many=True)
    rulings = RulingOut(many=True)
    bid = serializers.SerializerMethodField(help_text="Your own, sealed.")

    @extend_schema_field({"type": ["object", "null"]})
    def get_bid(self, dispute: Data) -> dict[str, str] | None:
        return dispute["bid"]
