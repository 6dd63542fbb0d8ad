"""What will happen to a case: the writer's own steps, in memory, from due moment to due moment.

Nothing is written. A pause ends when it says so, and the clocks go on with what was left; one that
does not say until when is where the line ends. Where the future depends on somebody else the
forecast says on whom; for what a carrier or the payment gateway may say it branches, as if they
said so at that moment.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.actors import Actor
from cases.lifecycle import ENDED
from cases.models import Case, Event, Posting
from cases.refusals import Refused
from cases.roles import Role
from cases.standing import waiting_on
from mediation import expiry, stepping
from mediation.changes import Changes
from mediation.files import attaching
from mediation.pauses import Standstill
from mediation.steps import Wish

MOST_EVENTS = 60  # of one line of the future
DEEPEST = 2  # branches on branches
# What others may say while a case is in a state: role, step, and how its input is made.
PAID = (
    Role.GATEWAY,
    "refund_settled",  # refused where no refund is on its way
    lambda case: {"refund": case.facts.refund and case.facts.refund.id},
)
SAYS: dict[str, tuple[tuple[str, str, Callable[[Case], dict[str, Any]]], ...]] = {
    "refunding": (PAID,),
    "in_mediation": (PAID,),  # an advance
    "return_in_transit": (
        (Role.CARRIER, "return_delivered", lambda _case: {}),
        (Role.CARRIER, "return_lost", lambda _case: {}),
    ),
    "replacement_in_transit": ((Role.CARRIER, "replacement_delivered", lambda _case: {}),),
}


@dataclass(kw_only=True)
class Future:
    """One line of the future: what happens, in order, if nobody acts."""

    case: Case  # with its facts, as it stands at the end of the line
    since: datetime
    events: list[Any] = field(default_factory=list)  # rows of `Event`, in order
    postings: list[Any] = field(default_factory=list)  # rows of `Posting`
    branches: list["Branch"] = field(default_factory=list)
    still: Standstill | None = None  # the pause in which the line begins
    ends: str = "waits"  # or: ended, repeats, cut

    @property
    def until(self) -> datetime:
        """Tell up to when the line is complete: what comes later is not told."""
        return self.case.facts.at

    @property
    def waits_on(self) -> list[str]:
        """Name whom the case waits on at the end of the line."""
        return waiting_on(self.case, self.case.facts.clocks)


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What follows instead if somebody says something at a moment."""

    at: datetime
    after: int  # the sequence of the event that it follows
    by: str
    step: str
    future: Future


def forecast(
    case: Case,
    *,
    still: Standstill | None = None,
    most: int = MOST_EVENTS,
    depth: int = DEEPEST,
) -> Future:
    """Tell what happens to a case if nobody acts from now on.

    :param case: with its facts of this moment, which are used up: do not go on with it
    :param still: the pause in which its clocks stand still, see `pauses.standing`
    :param most: events of one line; it is cut there
    :param depth: how many branches may follow on each other
    """
    return _line(case, most, depth, still, begun=len(case.facts.changes.added[Event]))


def after(
    case: Case,
    wish: Wish,
    *,
    still: Standstill | None = None,
    most: int = MOST_EVENTS,
    depth: int = DEEPEST,
) -> Future:
    """Tell what happens if somebody takes one step now, and then nobody acts.

    :param still: as for `forecast`
    :raises Refused: the step may not be taken
    """
    facts = case.facts
    facts.hide_bids(wish.by.role)
    attaching.load([wish], {case.id: case}, lock=False)
    stepping.take(case, wish.step, wish.by, facts.changes, wish.inputs)
    return _line(case, most, depth, still, begun=len(facts.changes.added[Event]))


def _line(case: Case, most: int, depth: int, still: Standstill | None, *, begun: int) -> Future:
    """Go from due moment to due moment, until nothing is due or all only repeats itself.

    :param begun: how many events there are already: they happen now
    """
    facts, changes = case.facts, case.facts.changes
    future = Future(case=case, since=facts.at, still=still)
    seen: set[tuple[str, str]] = set()  # clocks that began anew when they ran out
    _branch(future, most, depth)
    while (due := _next_due(case, still)) is not None:
        if len(changes.added[Event]) - begun >= most:
            future.ends = "cut"
            break
        state, count = case.state, len(changes.added[Event])
        _pass_to(case, changes, max(due, facts.at), resumes=case.paused_by is not None)
        seen |= _again(changes.added[Event][count:])
        if case.state != state:
            _branch(future, most, depth)
        if _only_repeats(case, seen):
            future.ends = "repeats"
            break
    if _next_due(case, still) is None and case.state in ENDED:
        future.ends = "ended"
    future.events, future.postings = changes.added[Event], changes.added[Posting]
    return future


def _next_due(case: Case, still: Standstill | None) -> datetime | None:
    """Tell when a clock falls due, or when the only pause ends: no clock runs before."""
    if case.paused_by is not None:
        return still.until if still is not None and still.alone else None
    return min((c.next_at for c in case.facts.clocks if c.next_at is not None), default=None)


def _pass_to(case: Case, changes: Changes, moment: datetime, *, resumes: bool) -> None:
    """Do what a run of the clocks does at a moment, as if it had read the case afresh.

    :param resumes: it is the end of a pause
    """
    changes.at = moment
    case.facts.wake(moment)
    if resumes:
        by = Actor(role="ops", marketplace_id=case.marketplace_id)
        stepping.resume(case, by, changes)
        return
    expiry.run_out(case, changes)
    expiry.remind(case, changes)


def _again(events: list[Any]) -> set[tuple[str, str]]:
    """Name the clocks that ran out and began anew, in a case that stayed as it was."""
    found = set()
    for event in events:
        if event.clock is not None and event.before == event.after:
            told = json.loads(event.payload)
            name = told["clock"]["name"]
            if name in {clock["name"] for clock in told.get("clocks_started", ())}:
                found.add((name, event.after))
    return found


def _only_repeats(case: Case, seen: set[tuple[str, str]]) -> bool:
    running = [clock for clock in case.facts.clocks if clock.due_at is not None]
    return bool(running) and all((clock.name, case.state) in seen for clock in running)


def _branch(future: Future, most: int, depth: int) -> None:
    """Follow what others may say in the state that was reached."""
    case = future.case
    if depth <= 0:
        return
    for role, step, make in SAYS.get(case.state, ()):
        other = twin(case)
        by = Actor(role=str(role), marketplace_id=case.marketplace_id)
        begun = len(other.facts.changes.added[Event])
        try:
            taken = stepping.take(other, step, by, other.facts.changes, make(other))
        except Refused:
            continue
        line = _line(other, most, depth - 1, future.still, begun=begun + 1)
        line.events = line.events[begun:]
        future.branches.append(
            Branch(
                at=case.facts.at,
                after=case.sequence,
                by=str(role),
                step=taken.event.name,
                future=line,
            )
        )


def twin(case: Case) -> Case:
    """Copy a case with its facts; the policy never changes and stays one."""
    policy = case.facts.policy
    return copy.deepcopy(case, {id(policy): policy})
