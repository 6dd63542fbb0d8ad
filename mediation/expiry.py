"""Clocks of one case that run out or remind, in memory: what `steps` does for each of n cases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from cases import actions
from cases.actors import CLOCK, Actor
from cases.clocks import CLOCKS
from cases.models import Case, Clock
from cases.refusals import Refused
from mediation import stepping, timekeeping, timeline
from mediation.changes import Changes

GRACE = timedelta(hours=1)  # added to the gap of an outage

Gap = tuple[datetime, datetime] | None


def no_gap() -> Gap:
    """Tell of no outage: by the clock of a test or a forecast there is none."""
    return None


def run_out(case: Case, changes: Changes, last_gap: Callable[[], Gap] = no_gap) -> list[Clock]:
    """Let every clock that has ended before the moment of the run happen, in order.

    :param last_gap: tells (since, until) of an outage of ours: what fell due in it gets more time
        instead; asked only when a clock has ended
    :returns: the clocks that have run out
    """
    facts = case.facts
    fired = []
    while ended := [c for c in facts.clocks if c.due_at is not None and c.due_at <= facts.at]:
        clock = min(ended, key=attrgetter("due_at", "name", "party"))
        gap = last_gap()
        if gap and gap[0] < clock.due_at <= gap[1]:
            _make_good(case, clock, gap, changes)
        else:
            _fire(case, clock, changes)
            fired.append(clock)
    return fired


def right_to(case: Case, step: str, by: Actor, *, lease: UUID | None = None) -> bool:
    """Say whether somebody could take a step if nothing had run out by now; only then it counts.

    False when no clock of the case has ended: then nobody can have lost a right.
    """
    facts = case.facts
    if not any(c.due_at is not None and c.due_at <= facts.at for c in facts.clocks):
        return False
    facts.begin(by, lease=lease)
    return actions.why_not(case, actions.STEPS[step]) is None


def check_right(case: Case, step: str, by: Actor) -> None:
    """See whether somebody has lost the right to a step because a clock has run out.

    :raises DeadlinePassed: so it is
    """
    case.facts.begin(by)
    refusal = actions.why_not(case, actions.STEPS[step])
    if refusal is not None and refusal.code == "DEADLINE_PASSED":
        raise refusal


def waited_on(clock: Clock, by: Actor) -> bool:
    """Say whether it was this side's time that a clock measured."""
    return by.role in {clock.party, CLOCKS[clock.name].waits_on}


def _fire(case, clock, changes):
    """Take the consequence that the policy chose; if that is impossible now, the next one."""
    facts, rule = case.facts, CLOCKS[clock.name]
    chosen = facts.consequence(clock.name)
    facts.clocks.remove(clock)
    changes.ended.append(clock.id)
    for name in dict.fromkeys((chosen, *rule.then, *rule.at_last)):
        step = actions.STEPS[name]
        facts.begin(CLOCK, fired=clock.name)
        if actions.why_not(case, step) is not None:
            continue
        left = actions.machine_of(case, name).state
        try:
            stepping.move(case, step, changes, _inputs(facts, clock, name), fired=clock)
        except Refused:  # nothing has changed
            continue
        if not step.rule.quiet:
            case.lapsed_from = left
        return
    raise RuntimeError(f"no consequence of {clock.name} is possible in {case.state}")


def _inputs(facts, clock, step):
    if step in {"seal", "finalize"}:
        return {"party": clock.party}
    if step != "approve":
        return {}
    outcome = facts.policy.outcome(clock.name, **facts.about)
    return {"remedy": outcome.remedy} if step == outcome.then and outcome.remedy else {}


def needs_goods(case: Case) -> bool:
    """Say whether a due clock leads to a step that looks at goods or money."""
    facts = case.facts
    for clock in facts.clocks:
        if clock.due_at is not None and clock.due_at <= facts.at:
            if facts.policy.asks_categories:
                return True
            step = actions.STEPS[facts.consequence(clock.name)]
            if not step.rule.light or actions.why_not(case, step) is not None:
                return True
    return False


def _make_good(case, clock, gap, changes):
    since, until = gap
    facts = case.facts
    facts.begin(CLOCK)
    timekeeping.extend(facts, clock, until - since + GRACE)
    case.version += 1
    facts.tell(clock=clock.name, party=clock.party, due_at=clock.due_at, outage_since=since)
    timeline.record(case, "extend", changes, before=case.state)


def remind(case: Case, changes: Changes) -> None:
    """Note a reminder for each clock whose next moment has come and is not its end."""
    facts = case.facts
    awake = [c for c in facts.clocks if c.next_at is not None and c.next_at <= facts.at]
    for clock in sorted(awake, key=attrgetter("name", "party")):  # not as rows happen to lie
        stuck = timekeeping.is_stuck(facts, clock)
        clock.parked = 0
        clock.next_at = timekeeping.next_moment(facts, clock.name, clock.started_at, clock.due_at)
        facts.touch(clock)
        about = {"clock": clock.name, "clock_id": clock.id, "party": clock.party}
        if stuck is not None:
            about |= {"parcel": stuck.id, "kind": stuck.kind, "since": stuck.moved_at}
        name = "remind" if stuck is None else "stuck"
        stepping.note(case, name, CLOCK, changes, **about, due_at=clock.due_at)
