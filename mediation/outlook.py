"""The forecast over HTTP: what will happen to a case, as far as whoever asks may know."""

import json
from collections import defaultdict
from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import history, inputs, money, standing, views
from cases.actions import STEPS
from cases.actors import Actor, voice_for
from cases.fields import MONEY_SCHEMA, Strict
from cases.models import Case
from cases.serializers import visible_clocks
from cases.serializers.clocks import ClockOut
from mediation import forecast, pauses
from mediation.forecast import Future
from mediation.looking import look
from mediation.pauses import Standstill
from mediation.steps import Wish
from mediation.views import lines_of

STEPS_ASKED = [step for step in inputs.FOR if step != "open"]
COUNTERS = ("reserved", "refunded", "outside")
ENDS = ("ended", "waits", "repeats", "cut")


class StepIn(Strict):
    """A step, and what it asks for: `input_schema` of the action."""

    step = serializers.ChoiceField(choices=STEPS_ASKED)
    inputs = serializers.DictField(required=False)


class ForeseenClock(serializers.Serializer):
    """A clock that will start or go on."""

    name = serializers.CharField()
    waits_on = serializers.CharField()
    length = serializers.CharField()
    due_at = serializers.DateTimeField()


class ForeseenMoney(serializers.Serializer):
    """By how much money of a line moves; `line` is null for the outbound freight."""

    line = serializers.CharField(allow_null=True)
    reserved = serializers.DictField(required=False, help_text=MONEY_SCHEMA["description"])
    refunded = serializers.DictField(required=False)
    outside = serializers.DictField(required=False)
    pieces = serializers.IntegerField(required=False, help_text="Claimed, or free again.")


class ForeseenEvent(serializers.Serializer):
    """One thing that will happen."""

    sequence = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    dispute = serializers.CharField(allow_null=True)
    clock = serializers.CharField(allow_null=True, help_text="That runs out, or reminds.")
    at = serializers.DateTimeField()
    details = serializers.DictField()
    clocks_started = ForeseenClock(many=True)
    money = ForeseenMoney(many=True)


class ForeseenBranch(serializers.Serializer):
    """What follows instead if somebody else says something."""

    at = serializers.DateTimeField()
    after = serializers.IntegerField(help_text="The sequence of the event that it follows.")
    by = serializers.CharField()
    step = serializers.CharField()
    then = serializers.DictField(help_text="The same shape again.")


class StandstillOut(serializers.Serializer):
    """A pause by our operations: no clock of the case runs."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(
        allow_null=True, help_text="Then the clocks go on; null: nobody knows when."
    )


class ForecastOut(serializers.Serializer):
    """The future of a case if nobody acts, up to the moment `until`."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    ends = serializers.ChoiceField(
        choices=list(ENDS),
        help_text="ended: nothing more comes; waits: no clock runs; repeats: from here on only "
        "the same alarms come; cut: there is more than is told.",
    )
    state = serializers.CharField(help_text="Then.")
    outcome = serializers.CharField()
    waits_on = serializers.ListField(child=serializers.CharField())
    stands_still = StandstillOut(
        allow_null=True, help_text="The pause in which the case is now; null: in none."
    )
    clocks = ClockOut(many=True)
    events = ForeseenEvent(many=True)
    branches = ForeseenBranch(many=True)


class Forecast(views.View):
    """What will happen to a case."""

    problems = {"POST": (403, 409, 410, 422)}

    @extend_schema(operation_id="get_forecast", responses=ForecastOut)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """Tell what happens if nobody acts: events, clocks and money, and whom it waits on."""
        case = self._look(case_id)
        return self._answer(forecast.forecast(case, still=_pause(case)))

    @extend_schema(operation_id="forecast_step", request=StepIn, responses=ForecastOut)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Tell what happens if you take one step now and then nobody acts. Nothing is taken."""
        asked = StepIn(data=request.data)
        asked.is_valid(raise_exception=True)
        step = asked.validated_data["step"]
        case = self._look(case_id)
        wish = Wish(
            case_id=case.id,
            step=step,
            by=voice_for(self.actor, STEPS[step].rule.by),
            inputs=_inputs(case, step, asked.validated_data.get("inputs", {})),
        )
        return self._answer(forecast.after(case, wish, still=_pause(case)))

    def _look(self, case_id: UUID) -> Case:
        return look(partial(self.case, case_id), self.actor)

    def _answer(self, future: Future) -> Response:
        return Response(shown(future, self.actor))


def _pause(case: Case) -> Standstill | None:
    """Find out about the pause that a case stands still in, or stood still in until just now."""
    if case.paused_by is None:
        return None
    found, at = pauses.standing(case), case.facts.at
    return found or Standstill(since=at, until=at, alone=True)  # lifted, and not yet swept


def _inputs(case: Case, step: str, given: dict[str, Any]) -> Any:
    """Check what a step asks for.

    :raises ValidationError: naming the fields below `inputs`
    """
    context = {"currency": case.currency, "lines": lines_of(case.order_id)}
    asked = inputs.FOR[step](data=given, context=context)
    if not asked.is_valid():
        raise serializers.ValidationError({"inputs": asked.errors})
    return asked.validated_data


def shown(future: Future, actor: Actor) -> dict[str, Any]:
    """Show a line of the future to somebody, with what branches off."""
    case = future.case
    clocks = visible_clocks(case, actor.role)
    told = {
        "since": future.since,
        "until": future.until,
        "ends": future.ends,
        "state": str(case.state),
        "outcome": case.outcome,
        "waits_on": future.waits_on,
        "stands_still": StandstillOut(future.still).data if future.still else None,
        "clocks": ClockOut(clocks, many=True, context={"case": case}).data,
        "events": ForeseenEvent(_events(future, actor), many=True).data,
    }
    branches = [
        {
            "at": branch.at,
            "after": branch.after,
            "by": branch.by,
            "step": branch.step,
            "then": shown(branch.future, actor),
        }
        for branch in future.branches
    ]
    return told | {"branches": branches}


def _events(future, actor):
    moves = defaultdict(list)
    for posting in future.postings:
        moves[posting.event_id].append(_money(future.case, posting))
    for event, entry in history.foreseen(future.case, future.events, actor):
        payload = json.loads(event.payload)
        started = [*payload.get("clocks_started", ()), *payload.get("clocks_resumed", ())]
        clocks = [_clock(clock) for clock in started if history.may_know(clock["name"], actor)]
        yield {**entry, "clocks_started": clocks, "money": moves[event.id]}


def _clock(clock):
    waits_on = clock["party"] or standing.CLOCKS[clock["name"]].waits_on
    owner = standing.PLATFORM if waits_on in standing.OURS else waits_on
    return {**clock, "waits_on": owner}


def _money(case, posting):
    line = case.facts.lines[posting.line_id].ref if posting.line_id else None
    moved = {name: getattr(posting, name) for name in COUNTERS}
    told = {name: money.shown(by, case.currency) for name, by in moved.items() if by}
    return {"line": line, **told, **({"pieces": posting.claimed} if posting.claimed else {})}
