"""More time: by one's own right, because the other side agrees, or given by one of our people."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from cases import durations
from cases.clocks import CLOCKS
from cases.refusals import BadTerms, LimitReached
from cases.roles import PARTIES

if TYPE_CHECKING:
    from cases.models import Case, Clock


MOST_HOURS = 240  # that are asked for or given at a time


def mine(case: "Case", side: str) -> "Clock | None":
    """Find the running clock that a side may ask more time for."""
    for clock in case.facts.clocks:
        rule = CLOCKS[clock.name]
        if rule.extendable and clock.due_at is not None and side in {rule.waits_on, clock.party}:
            return clock
    return None


def own_right(case: "Case", side: str) -> bool:
    """Say whether the policy lets a side take more time without asking, and it has some left."""
    clock = mine(case, side)
    right = case.facts.policy.extension(clock.name) if clock is not None else None
    return clock is not None and right is not None and clock.taken < right.times


def left(case: "Case", side: str) -> "Clock | None":
    """Find the clock of a side that may still be given more time, as often as the policy says."""
    clock = mine(case, side)
    most = case.facts.policy.limits.extensions
    return clock if clock is not None and clock.granted < most else None


def may_ask(case: "Case", side: str) -> bool:
    """Say whether a side may ask the other for more time."""
    clock = left(case, side)
    return clock is not None and not clock.asked_hours


def asked(case: "Case", by: str) -> "Clock | None":
    """Find the clock for which more time is asked of somebody: the other side, or one of ours."""
    for side in PARTIES:
        clock = mine(case, str(side))
        if clock is not None and clock.asked_hours and side != by:
            return clock
    return None


def take(case: "Case") -> None:
    """Take what the policy gives."""
    facts = case.facts
    clock = mine(case, facts.actor.role)
    right = facts.policy.extension(clock.name) if clock is not None else None
    if clock is not None and right is not None and clock.due_at is not None:
        clock.taken += 1
        due_at = durations.due(right.length, clock.due_at, facts.policy.calendar)
        _extend(case, clock, due_at - clock.due_at)


def ask(case: "Case", hours: int) -> None:
    """Ask the other side."""
    clock = mine(case, case.facts.actor.role)
    if clock is not None:
        clock.asked_hours = hours
        case.facts.touch(clock)
        case.facts.tell(extended=clock.name, side=case.facts.actor.role, hours=hours)


def grant(case: "Case") -> None:
    """Give what was asked for."""
    clock = asked(case, case.facts.actor.role)
    if clock is not None:
        by, clock.asked_hours = timedelta(hours=clock.asked_hours), 0
        clock.granted += 1
        _extend(case, clock, by)


def give(case: "Case", side: str, hours: int, statement: UUID) -> None:
    """Give a side more time that nobody asked for, or other hours than were asked for.

    :raises LimitReached: no clock of that side runs, or it was given as often as the policy allows
    :raises BadTerms: no hours, or too many at a time
    """
    clock = left(case, side)
    if clock is None:
        raise LimitReached("This side has no clock that may be given more time.")
    if not 1 <= hours <= MOST_HOURS:
        raise BadTerms("Give more time by whole hours, 240 at most.", hours=hours)
    clock.asked_hours = 0
    clock.granted += 1
    _extend(case, clock, timedelta(hours=hours))
    case.facts.tell(statement=statement)


def _extend(case, clock, by):
    facts = case.facts
    facts.extend(clock, by)
    hours = round(by.total_seconds() / 3600)
    side = clock.party or CLOCKS[clock.name].waits_on
    facts.tell(extended=clock.name, side=side, hours=hours, due_at=clock.due_at)
