"""By which rules of its policy a case was decided: worked out from its timeline, not kept twice.

Versions of policies and events never change, so that the same is worked out at any time.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import history
from cases.conduct import BARRED
from cases.models import Case, Event
from cases.models.policy import pinned
from cases.rulebook import cited
from cases.serializers.eligibility import RuleOut
from cases.views import View

if TYPE_CHECKING:
    from cases.actors import Actor

Data = dict[str, Any]

APPLIES = {"open", "amend", "split", "reapply"}  # each leaves an application


def explained(case: Case, events: Iterable[Event], actor: "Actor") -> Iterator[Data]:
    """List the events that somebody may see in which a rule decided, each with its rules.

    :param events: all of the case, in order
    """
    policy = pinned(case.policy_id)
    attempts = iter(case.attempts.order_by("number").prefetch_related("items__line"))
    last: Any = None
    for event in events:
        payload = json.loads(event.payload)
        last = next(attempts, last) if event.name in APPLIES else last
        paths = list(_rules(case, policy, event, payload, last))
        if paths and history.visible(event, payload, actor.role):
            yield {
                "sequence": event.sequence,
                "name": event.name,
                "at": event.at,
                "decided_at": event.due_at or event.at,
                "clock": (payload.get("clock") or {}).get("name"),
                "rules": [cited(policy, path) for path in paths],
            }


def _rules(case, policy, event, payload, application):
    if event.name in APPLIES:
        yield from _of_application(policy, application)
    if event.clock is not None:
        yield from _of_clock(case, policy, event.name, payload["clock"], application)
    if event.name == "rule" and payload["dispute"] == "awaiting_approval":
        yield ("money", "approval_amount")


def _kinds(application):
    return sorted({item.line.category for item in application.items.all()})


def _of_application(policy, application):
    """Tell by which rules it came in time, and who pays for sending goods back."""
    reason, kinds = application.reason, _kinds(application)
    yield from dict.fromkeys(policy.window(reason, kind).path for kind in kinds)
    said = [policy.freight(reason, kind) for kind in kinds]
    paths = [rule.path if rule else ("reasons", reason, "freight") for rule in said]
    yield from dict.fromkeys(paths)


def _of_clock(case, policy, step, clock, application):
    """Tell why a clock was so long, and why this followed."""
    about = {
        "reason": application.reason,
        "currency": case.currency,
        "categories": _kinds(application),
    }
    of_length = policy.place(clock["name"], "length", amount=application.amount, **about)
    yield from _length(policy.clocks[clock["name"]], of_length, clock)
    # By the amount asked for, or by what it has become.
    places = [
        policy.place(clock["name"], "on_expiry", amount=amount, **about)
        for amount in (application.amount, case.amount)
    ]
    yield _consequence(case, step, places)


def _length(terms, place, clock):
    """Find where a length is said; nowhere if it is an offer's own."""
    if str(place.value.then) == clock["length"]:
        yield place.path
    else:
        found = [key for key, length in terms.variants.items() if str(length) == clock["length"]]
        yield from (("clocks", clock["name"], key) for key in found[:1])


def _consequence(case, step, places):
    """Find what led to a step: one of the choices, or what no clock may do."""
    for place in places:
        if place.value.then == step:
            return place.path
    then = places[-1].value.then
    if step == "escalate" and then == "accept_return":
        return ("money", "auto_refund_limit")
    barred = [kind for kind in case.restrictions if then in BARRED.get(kind, ())]
    return ("restrictions", barred[0]) if barred and step == "escalate" else places[-1].path


class Decision(serializers.Serializer):
    """One thing that happened because a rule says so; `decided_at` as in the timeline."""

    sequence = serializers.IntegerField()
    name = serializers.CharField()
    at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    clock = serializers.CharField(allow_null=True, help_text="That ran out.")
    rules = RuleOut(many=True)


class ExplanationOut(serializers.Serializer):
    """Why a case went as it did, in the language asked for."""

    case = serializers.UUIDField()
    policy = serializers.CharField()
    version = serializers.IntegerField()
    decisions = Decision(many=True)


class Explanation(View):
    """The rules behind what happened to a case."""

    serializer_class = ExplanationOut

    @extend_schema(operation_id="explain_case")
    def get(self, _request: Request, case_id: Any) -> Response:
        """Name for each outcome that a rule decided which rule it was."""
        case = self.case(case_id)
        policy = pinned(case.policy_id)
        events = Event.objects.filter(case=case).order_by("sequence")
        told = {
            "case": case.id,
            "policy": policy.name,
            "version": policy.version,
            "decisions": list(explained(case, events, self.actor)),
        }
        return Response(self.get_serializer(told).data)
