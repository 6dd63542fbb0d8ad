"""What must hold before a step of a complaint. Each has the refusal that it is told by."""

from typing import Any

from cases.complaint_terms import MOST_CLAIMS, S, loser, side_of
from cases.refusals import LeaseLost, LimitReached, NotIndependent, NotNow, NotYourStep
from cases.roles import Role
from cases.table import condition


@condition(NotYourStep, "This is for the one who is complained of.")
def is_accused(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == "accused"


@condition(NotYourStep, "This is for the one who complains.")
def is_reporter(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == "reporter"


@condition(NotYourStep, "Only the side that lost may appeal.")
def has_lost(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == loser(complaint)


@condition(NotNow, "Somebody else looks at it.")
def free(complaint: Any) -> bool:
    facts = complaint.facts
    is_held = complaint.holder and complaint.lease_until > facts.at
    return not is_held or complaint.holder == facts.actor.person


@condition(LimitReached, "The complaint went through too many hands.")
def claims_left(complaint: Any) -> bool:
    return complaint.claims < MOST_CLAIMS


@condition(NotIndependent, "You have decided this complaint before.")
def independent(complaint: Any) -> bool:
    return complaint.facts.actor.person not in complaint.excluded


@condition(NotIndependent, "An appeal is decided by a senior mediator.")
def senior_enough(complaint: Any) -> bool:
    return complaint.state != S.APPEALED or complaint.facts.actor.role == Role.SENIOR


@condition(LeaseLost, "You do not hold this complaint, or no longer.")
def holds(complaint: Any) -> bool:
    facts = complaint.facts
    return complaint.holder == facts.actor.person and facts.at < complaint.lease_until


@condition(LimitReached, "The accused was heard as often as the policy allows.")
def hearings_left(complaint: Any) -> bool:
    return complaint.hearings < complaint.facts.terms.hearings


@condition(NotNow, "No penalty of this complaint is in force.")
def has_penalties(complaint: Any) -> bool:
    return any(penalty.in_force(complaint.facts.at) for penalty in complaint.facts.penalties)
