"""Which clocks start, go on, stand still and end when a case or its dispute moves.

`cases/clocks.py` says in which states each clock runs or stands still; this follows it.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from cases.clocks import CLOCKS, ClockRule
from cases.ids import new_id
from cases.models import Clock, Parcel
from cases.roles import other
from cases.table import Rule
from mediation.facts import Facts

RULES = {of: [rule for rule in CLOCKS.values() if rule.of == of] for of in ("case", "dispute")}
NONE = timedelta(0)


def follow(facts: Facts, of: str, before: str, after: str, rule: Rule) -> None:
    """Set the clocks of one machine right after a step.

    :param of: "case" or "dispute"
    :param before: its state before the step; the same as `after` for a step that stays
    """
    running = facts.policy.running(of, after)
    concerned = running.union([clock.name for clock in facts.clocks])
    for clock_rule in RULES[of]:
        if clock_rule.name not in concerned:
            continue
        rows = [clock for clock in facts.clocks if clock.name == clock_rule.name]
        if rule.holds:
            for clock in rows:
                stand_still(facts, clock)
        elif clock_rule.name in running:
            entered = before not in facts.policy.during(clock_rule.name)
            _run(facts, clock_rule, rows, rule, entered=entered)
        elif after in clock_rule.stands_still:
            for clock in rows:
                stand_still(facts, clock)
        else:
            for clock in rows:
                facts.end_clock(clock)
    if facts.case.paused_by is not None:
        pause(facts)


def pause(facts: Facts) -> None:
    """Let every clock of a case stand still."""
    for clock in facts.clocks:
        stand_still(facts, clock)


def go_on(facts: Facts) -> None:
    """Let the clocks go on that run in the states that the case and its dispute are in."""
    dispute = facts.dispute.state if facts.dispute is not None else "new"
    states = {"case": facts.case.state, "dispute": dispute}
    for clock in facts.clocks:
        rule = CLOCKS[clock.name]
        if states[rule.of] in facts.policy.during(clock.name) and not facts.case.held:
            resume(facts, clock)


def _run(facts, clock_rule, rows, rule, *, entered):
    """The state reached is one of this clock's: go on, resume, or start in full."""
    name = clock_rule.name
    again = name in rule.restarts and facts.fired in {"", name}
    for clock in rows:
        if clock.remaining is not None and rule.resumes and facts.case.paused_by is None:
            resume(facts, clock)
        elif (clock.remaining is not None and entered) or again:
            facts.end_clock(clock)
    left = [clock for clock in rows if clock in facts.clocks]
    if not left and (entered or again):
        for party in parties(facts, clock_rule):
            start(facts, clock_rule, party, again=again)


def parties(facts: Facts, clock_rule: ClockRule) -> list[str]:
    """Name the sides for which a clock runs; an empty name is one clock for all."""
    if clock_rule.per_side:
        return list(facts.dispute.waiting)
    if clock_rule.waits_on == "answerer" and facts.offer is not None:
        return [other(facts.offer.side)]
    return [""]


def start(facts: Facts, clock_rule: ClockRule, party: str, *, again: bool = False) -> None:
    """Start a clock at the moment of the run."""
    case, name = facts.case, clock_rule.name
    variant = _variant(facts, clock_rule, again=again)
    length = facts.lengths.get(name) or facts.policy.length(name, variant=variant, **facts.about)
    due_at, next_at = _course(facts.policy, name, length, facts.at)
    clock = Clock.fresh(
        id=new_id(facts.at),
        case_id=case.id,
        name=name,
        party=party,
        length=str(length),
        started_at=facts.at,
        due_at=due_at,
        next_at=next_at,
        stood_still=NONE,
        clock_id=case.clock_id,
    )
    if (parcel := watched(facts, name)) is not None:
        clock.next_at = min(clock.next_at, _look_at(facts, parcel.moved_at))
    facts.clocks.append(clock)
    facts.changes.added[Clock].append(clock)
    facts.told.setdefault("clocks_started", []).append(clock)


@lru_cache(maxsize=1_024)  # the clocks that start in one run have much in common
def _course(policy, name, length, start):
    """Tell when a clock ends, and the first moment at which something is to be done about it."""
    due_at = policy.ends(length, start)
    return due_at, next(iter(policy.reminders(name, start, due_at)), due_at)


def _variant(facts, clock_rule, *, again):
    variants = clock_rule.variants
    if again and facts.fired and "again" in variants:
        return "again"
    if again and "delivered" in variants:
        return "delivered"
    if "appealed" in variants and facts.dispute.instance > 1:
        return "appealed"
    return ""


def next_moment(facts: Facts, name: str, started_at: datetime, due_at: datetime) -> datetime:
    """Tell the next reminder of a clock after the moment of the run, or its end.

    While a parcel is on its way it is also looked for, as often as the policy says.
    """
    moments = facts.policy.reminders(name, started_at, due_at)
    coming = next((moment for moment in moments if moment > facts.at), due_at)
    parcel = watched(facts, name)
    return coming if parcel is None else min(coming, _look_at(facts, parcel.moved_at))


def _look_at(facts, moved_at):
    """Tell when a parcel is stuck, or stuck for so long once more: after the moment of the run."""
    while moved_at <= facts.at:
        moved_at = facts.policy.stuck_at(moved_at)
    return moved_at


def watched(facts: Facts, clock: str) -> Parcel | None:
    """Find the parcel that is on its way while a clock runs."""
    parcel = None
    if clock == "return_transit":
        parcel = facts.parcel("return")
    elif clock == "replacement_receipt":
        parcel = facts.owed_parcel
    is_on_its_way = parcel is not None and parcel.state == "sent" and parcel.moved_at is not None
    return parcel if is_on_its_way else None


def is_stuck(facts: Facts, clock: Clock) -> Parcel | None:
    """Find the parcel that has not moved for too long, if that is why a clock has woken."""
    parcel = watched(facts, clock.name)
    if parcel is None or parcel.moved_at is None or clock.due_at is None:
        return None
    reminders = facts.policy.reminders(clock.name, clock.started_at, clock.due_at)
    has_stood = facts.policy.stuck_at(parcel.moved_at) <= facts.at
    return parcel if has_stood and clock.next_at not in reminders else None


def look_again(facts: Facts) -> None:
    """Something has moved: set the next moments of the clocks that watch parcels."""
    for clock in facts.clocks:
        if clock.due_at is not None and watched(facts, clock.name) is not None:
            clock.next_at = next_moment(facts, clock.name, clock.started_at, clock.due_at)
            facts.touch(clock)


def stand_still(facts: Facts, clock: Clock) -> None:
    """Keep the time that is left."""
    if clock.due_at is None:
        return
    clock.remaining = max(clock.due_at - facts.at, NONE)
    clock.due_at = clock.next_at = None
    clock.still_since = facts.at
    facts.touch(clock)


def resume(facts: Facts, clock: Clock) -> None:
    """Go on with the time that was left."""
    if clock.remaining is None or clock.still_since is None:
        return
    clock.stood_still += facts.at - clock.still_since
    _run_until(facts, clock, facts.at + clock.remaining)
    facts.told.setdefault("clocks_resumed", []).append(clock)
    clock.remaining = clock.still_since = None


def extend(facts: Facts, clock: Clock, by: timedelta) -> None:
    """Give a running clock more time."""
    if clock.due_at is not None:
        clock.extensions += 1
        _run_until(facts, clock, clock.due_at + by)


def _run_until(facts, clock, due_at):
    clock.due_at = due_at
    clock.next_at = next_moment(facts, clock.name, clock.started_at, due_at)
    facts.touch(clock)
