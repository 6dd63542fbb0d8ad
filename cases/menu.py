"""What a case offers to whoever looks: `actions[]`, and `unavailable_actions[]` with the reasons.

Both are made from `cases.actions.available`, which the writer asks as well.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cases import money, narrowing, terms
from cases.actions import available
from cases.actors import Actor, voices
from cases.clocks import CLOCKS
from cases.roles import Role
from cases.standing import answers, running

if TYPE_CHECKING:
    from cases.models import Case, Clock
    from cases.refusals import Refused
    from cases.table import Step

Limits = dict[str, Any]


def menu(case: "Case", actor: Actor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """List what an actor may do now, and what not yet or no more, with a stable code.

    :param case: with its facts
    """
    possible: list[Step] = []
    refusals: dict[str, Refused] = {}
    for voice in voices(actor):
        case.facts.begin(voice)
        more, others = available(case)
        possible += more
        refusals |= others
    case.facts.begin(actor)
    done = {step.name for step in possible}
    actions = [_action(case, step, actor) for step in possible]
    return actions, [_not_now(case, *row, actor) for row in refusals.items() if row[0] not in done]


def href(case: "Case", step: str) -> str:
    """Name the path where a step is taken."""
    return f"/api/v1/cases/{case.id}/steps/{step}"


def with_inputs(case: "Case", actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each action the JSON Schema of what it asks for in this case."""
    return [
        {**action, "input_schema": narrowing.of_step(action["name"], case)} for action in actions
    ]


def _action(case, step, actor):
    clock = answers(step, case.facts.clocks, actor)
    return {
        "name": step.name,
        "href": href(case, step.name),
        "mandatory": clock is not None and not CLOCKS[clock.name].is_right,
        "due_at": clock.due_at if clock is not None else None,
        "on_expiry": on_expiry(case, clock) if clock is not None else None,
        "limits": limits(case, step.name),
    }


def _not_now(case, name, refusal, actor):
    return {
        "name": name,
        "code": refusal.code,
        "detail": str(refusal),
        "available_at": _available_at(case, name, actor),
    }


def _available_at(case, name, actor):
    """An escalation that must wait for the seller comes by itself when the seller's time is up."""
    if name != "escalate" or actor.role != Role.BUYER or case.state != "awaiting_seller":
        return None
    return next((clock.due_at for clock in running(case, case.facts.clocks)), None)


def on_expiry(case: "Case", clock: "Clock") -> str:
    """Name the step that follows when a clock runs out, by the case's policy."""
    return case.facts.consequence(clock.name)


def limits(case: "Case", step: str) -> Limits:
    """Tell how often and how much a step may still be: counts, and money."""
    return LIMITS[step](case) if step in LIMITS else {}


def _edits(case):
    return {"edits_left": _tries_left(case, "edits"), **_pieces(case)}


def _applications(case):
    closes_at = case.facts.window_closes_at(case.reason)
    return {
        "applications_left": _tries_left(case, "applications"),
        "closes_at": closes_at and closes_at.isoformat(),
        **_pieces(case),
    }


def _pieces(case):
    """All pieces of the case, and what they are worth together."""
    lines = [
        {"quantity": item.quantity, **_most(case, item, terms.most(item))}
        for item in case.facts.items
    ]
    return {"items": lines, "compensation": _compensation(case)}


def _splits(case):
    """Some of the pieces may leave, but not all."""
    pieces = sum(item.quantity for item in case.facts.items if item.lets_go)
    return {**_applications(case), "pieces_at_most": pieces - 1}


def _compensation(case):
    return {"most": money.shown(case.facts.compensation_cap, case.currency)}


def _tries_left(case, counter):
    limits = case.facts.policy.limits
    return min(item.line.tries_left(counter, limits) for item in case.facts.items)


def _offers(case):
    made = case.buyer_offers if case.facts.actor.role == Role.BUYER else case.seller_offers
    return {"offers_left": case.facts.policy.limits.offers_per_side - made, **_amounts(case)}


def _amounts(case):
    lines = [_most(case, item, terms.most(item)) for item in case.facts.items if terms.most(item)]
    return {"items": lines, "compensation": _compensation(case)}


def _outside(case):
    left = [(item, item.line.left + item.agreed) for item in case.facts.items]
    return {"items": [_most(case, item, most) for item, most in left if most]}


def _most(case, item, most):
    return {"line": item.line.ref, "most": money.shown(most, case.currency)}


def _rounds(case):
    most = case.facts.policy.limits.mediation_rounds
    return {"mediation_rounds_left": most - case.mediation_rounds}


def _bid(case):
    most = sum(terms.most(item) for item in case.facts.items)
    return {"most": money.shown(most, case.currency)}


LIMITS: dict[str, Callable[["Case"], Limits]] = {
    "amend": _edits,
    "split": _splits,
    "reapply": _applications,
    "offer": _offers,
    "counter_offer": _offers,
    "escalate": _rounds,
    "reject_return": _rounds,
    "reject_replacement": _rounds,
    "reopen": _rounds,
    "record_outside_refund": _outside,
    "bid": _bid,
}
