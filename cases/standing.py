"""How a case stands: whom it waits on, until when, and what that means for whoever looks.

All of it is read off the clocks that run, so that it cannot disagree with them.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from cases.clocks import CLOCKS
from cases.lifecycle import ENDED
from cases.roles import PARTIES

if TYPE_CHECKING:
    from cases.actors import Actor
    from cases.models import Case, Clock
    from cases.table import Step

PLATFORM = "platform"
OURS = {"pool", "mediator", "approver"}  # who of ours it is, is nobody's business
INTERNAL = {rule.name for rule in CLOCKS.values() if rule.waits_on in {"pool", "approver"}}

GIVEN = frozenset({"refunded", "replaced"})  # how a case ends that counts against the shop
AGAINST = ("yes", "no", "pending")


def counts_against(case: "Case") -> str:
    """Say whether a case counts against the shop, as one of AGAINST: something was given."""
    if not case.outcome:
        return "pending"
    return "yes" if case.outcome in GIVEN else "no"


def owner(clock: "Clock") -> str:
    """Name whom a clock waits on: buyer, seller, carrier, gateway or platform."""
    waits_on = clock.party or CLOCKS[clock.name].waits_on
    return PLATFORM if waits_on in OURS else waits_on


def running(case: "Case", clocks: Iterable["Clock"]) -> list["Clock"]:
    """List the clocks that run out unless somebody acts, the first to run out first."""
    if case.state in ENDED:  # time to rate is nothing that anybody waits for
        return []
    left = [clock for clock in clocks if clock.due_at is not None]
    return sorted(left, key=lambda clock: (clock.due_at, clock.name, clock.party))


def waiting_on(case: "Case", clocks: Iterable["Clock"]) -> list[str]:
    """Name everybody that a case waits on."""
    return sorted({owner(clock) for clock in running(case, clocks)})


def my_state(case: "Case", clocks: Sequence["Clock"], role: str) -> str:
    """Tell what a case means for a role, in one of MY_STATES."""
    if case.state in ENDED:
        return "resolved"
    if case.held:
        return "held"
    left = running(case, clocks)
    mine = [CLOCKS[clock.name] for clock in left if owner(clock) == role]
    if mine:
        return "may_act" if all(rule.is_right for rule in mine) else "action_required"
    waited_on = {owner(clock) for clock in left}
    if waited_on & set(PARTIES):
        return "waiting_for_other"
    return "under_review" if PLATFORM in waited_on else "in_progress"


MY_STATES = (
    "action_required",  # a clock waits for you
    "may_act",  # you have a right that ends with a clock
    "waiting_for_other",
    "under_review",  # by a mediator
    "in_progress",  # a carrier or the payment gateway has it
    "held",  # by a chargeback
    "resolved",
)


def answers(step: "Step", clocks: Iterable["Clock"], actor: "Actor") -> "Clock | None":
    """Find the clock of the actor's that a step answers."""
    mine = (c for c in clocks if c.due_at is not None and owner(c) == actor.role)
    return next((c for c in mine if step.name in CLOCKS[c.name].answered_by), None)


def waits_on(role: str) -> Q:
    """Keep the cases that wait on somebody: buyer, seller, carrier, gateway or platform."""
    from cases.models import Clock  # noqa: PLC0415 -- models ask the tables of which this is one

    names = [r.name for r in CLOCKS.values() if r.waits_on == role]
    if role == PLATFORM:
        names = [r.name for r in CLOCKS.values() if r.waits_on in OURS]
    clocks = Clock.objects.filter(case=OuterRef("pk"), due_at__isnull=False)
    own = clocks.filter(Q(party=role) | Q(party="", name__in=names))
    return Q(Exists(own)) & ~Q(state__in=[str(state) for state in ENDED])


# What of a dispute its parties may see: not that a second mediator looks before it is told.
MASKED = {"awaiting_approval": "in_review"}


def shown(state: str, role: str) -> str:
    """Name a dispute's state as a role may know it."""
    return MASKED.get(state, state) if role in PARTIES else state
