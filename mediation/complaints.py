"""The only code that moves a complaint: take steps, and let its clock run out.

The same order as for a case (mediation/steps.py): lock, moment, read; let what is over happen;
check; take the step in memory; flush. A complaint has one clock, which is part of its row, so that
nothing of a case's rows is locked or touched by it.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cases.actors import CLOCK, Actor
from cases.canonical import canonical
from cases.complaints import TERMS, Term
from cases.ids import new_id
from cases.models import Complaint, ComplaintEvent, ComplaintStatement, Party, Penalty
from cases.models.policy import pinned, preload
from cases.policy import Policy
from cases.refusals import DeadlinePassed, NotNow, NotYourStep, Refused, StaleVersion
from cases.table import Step, steps_of
from mediation import complaint_post, idempotency, outage
from mediation.changes import Changes, row_type
from mediation.expiry import GRACE
from mediation.stepping import LEASE
from mediation.steps import LONGEST_PARK, PARK, database_clock
from mediation.timeline import link

logger = logging.getLogger(__name__)

STEPS = steps_of(Complaint)
PER_RUN = 200
ONCE = ("complaint_once", "complaint_of_the_record_once")


class Taken(NamedTuple):
    """What a step has led to. `event` is the row of the chain."""

    complaint: Complaint
    event: Any


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One step that somebody asks for; `new` is a complaint in memory that it begins."""

    complaint_id: UUID
    step: str
    by: Actor
    inputs: dict[str, Any] = field(default_factory=dict)
    new: Complaint | None = None
    penalty: UUID | None = None  # points that came without a complaint, and what is said of them
    version: int | None = None
    key: idempotency.Key | None = None
    answer: Callable[[Complaint, Any], tuple[int, dict]] | None = None


class Facts:
    """What a step may see of one complaint, and the way in which it tells what is new."""

    def __init__(self, complaint: Complaint, policy: Policy, changes: Changes) -> None:
        self.complaint, self.policy, self.changes = complaint, policy, changes
        self.terms = policy.conduct
        self.at: datetime = changes.at
        self.penalties: list[Penalty] = []  # that this complaint has led to, or is about
        self.begin(CLOCK)

    def begin(self, actor: Actor) -> None:
        """Get ready for one step."""
        self.actor = actor
        self.told: dict[str, Any] = {}
        self.event_id = new_id(self.at)

    def tell(self, **details: Any) -> None:
        """Add codes, ids, amounts or times to the event; never words, names or contacts."""
        self.told |= {key: value for key, value in details.items() if value is not None}

    def ends(self, length: str) -> datetime:
        """Tell when a length of the policy that begins now ends."""
        return self.policy.ends(getattr(self.terms, length), self.at)

    def penalize(self, kind: str, *, points: int = 0) -> None:
        """Give the accused points, or a restriction, for as long as the policy says."""
        complaint = self.complaint
        lasts = self.terms.points_last if points else self.terms.restrictions[kind]
        penalty = Penalty.fresh(
            id=new_id(self.at),
            marketplace_id=complaint.marketplace_id,
            clock_id=complaint.clock_id,
            party_id=complaint.accused_id,
            kind=kind,
            points=points,
            cause=complaint.ground,
            complaint_id=complaint.id,
            case_id=complaint.case_id,
            begins_at=self.at,
            ends_at=self.policy.ends(lasts, self.at),
        )
        self.changes.added[Penalty].append(penalty)
        self.penalties.append(penalty)
        self.tell(penalties=[*self.told.get("penalties", ()), penalty.id])

    def lift(self) -> None:
        """Lift what is in force."""
        for penalty in self.penalties:
            if penalty.in_force(self.at):
                penalty.lifted_at, penalty.lifted_by = self.at, str(self.actor.role)
                self.changes.touch(penalty)
                self.tell(lifted=[*self.told.get("lifted", ()), penalty.id])


# Commands


def take(wish: Wish, *, clock: Callable[[], datetime] = database_clock) -> Any:
    """Take one step of one complaint. All is written together or nothing is.

    :param clock: called once, after the lock
    :returns: what was taken, the stored answer of the same key, or the refusal; it is returned,
        not raised, as what ran out before it is committed
    :raises Complaint.DoesNotExist: there is no such complaint
    """
    try:
        return _take(wish, clock)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.constraint_name not in ONCE:
            raise
        return NotNow("Such a complaint is open already.")


@transaction.atomic(durable=True)
def _take(wish, clock):
    if stored := idempotency.replay(wish.key):
        return stored
    complaint = wish.new or Complaint.everywhere.select_for_update().get(pk=wish.complaint_id)
    penalty = _locked_penalty(wish)
    changes = Changes(at=clock())
    return _carry_out(wish, complaint, penalty, changes, clock)


@transaction.atomic(durable=True)
def take_next(
    complaints: QuerySet[Complaint],
    wish_for: Callable[[Complaint, datetime], Wish],
    *,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Move the first complaint that a queryset finds and locks; otherwise the same as `take`.

    :returns: what was taken, the refusal, or None: the queryset found nothing
    """
    complaint = complaints.first()
    if complaint is None:
        return None
    changes = Changes(at=clock())
    return _carry_out(wish_for(complaint, changes.at), complaint, None, changes, clock)


def _locked_penalty(wish):
    if wish.penalty is None:
        return None
    return Penalty.objects.select_for_update().get(pk=wish.penalty)


def _carry_out(wish, complaint, penalty, changes, clock):
    load([complaint], changes)
    if penalty is not None:
        complaint.facts.penalties.append(penalty)
    answer = _answer(wish, complaint, penalty, changes, _gap(changes, clock))
    idempotency.keep(wish, complaint, answer, changes)
    _flush(changes, [complaint])
    return answer


def _answer(wish, complaint, penalty, changes, gap):
    before = complaint.version
    lost = _right_is_over(wish, complaint)
    run_out(complaint, changes, gap)
    try:
        if lost and not _may(complaint, wish):
            raise DeadlinePassed(f"The time for {wish.step} has run out.")
        if penalty is not None and penalty.complaint_id is not None:
            raise NotNow("This was objected to, or lifted, before.")
        if wish.version is not None and wish.version != before:
            raise StaleVersion("The complaint has moved on.", version=complaint.version)
        if wish.new is not None:
            changes.added[Complaint].append(complaint)
        taken = _step(complaint, wish.step, wish.by, changes, wish.inputs)
    except Refused as refused:
        changes.added[Complaint].clear()
        return refused
    if penalty is not None:
        penalty.complaint_id = complaint.id
        changes.touch(penalty)
    return taken


def _right_is_over(wish, complaint):
    """Say whether somebody could have taken a step if its clock had not run out by now."""
    is_due = complaint.due_at is not None and complaint.due_at <= complaint.facts.at
    return is_due and _may(complaint, wish)


def _may(complaint, wish):
    complaint.facts.begin(wish.by)
    return why_not(complaint, STEPS[wish.step]) is None


def why_not(complaint: Complaint, step: Step) -> Refused | None:
    """Say why the actor of `complaint.facts` may not take a step now; None: it may."""
    if complaint.state not in step.sources:
        state = str(complaint.state)
        return NotNow(f"{step.name} is not possible while {state}.", state=state)
    if complaint.facts.actor.role not in step.rule.by:
        return NotYourStep(f"{step.name} is taken by: {', '.join(step.rule.by)}.")
    for condition in step.conditions:
        if not condition(complaint):
            return condition.refusal(condition.message)
    return None


def available(complaint: Complaint) -> list[Step]:
    """List what the actor of `complaint.facts` may do now."""
    steps = (step for step in STEPS.values() if "new" not in step.sources or step.name == "lift")
    return [step for step in steps if why_not(complaint, step) is None]


# Clocks


def lapse(
    *,
    clock: Callable[[], datetime] = database_clock,
    limit: int = PER_RUN,
    clock_id: UUID | None = None,
) -> int:
    """Let the clocks of complaints that are due run out, up to `limit` in one transaction.

    A failing batch is halved until the bad one stands alone; that one is parked and reported.

    :param clock_id: a test clock; None is the database's
    :returns: how many complaints were dealt with; 0: nothing is due
    """
    claimed: list[Complaint] = []
    try:
        _lapse(clock, limit, clock_id, claimed)
    except Exception:
        if not claimed:
            raise
        if len(claimed) == 1:
            logger.exception("the clock of a complaint could not run out; it is parked")
            return _park(claimed[0].pk, clock)
        return lapse(clock=clock, limit=len(claimed) // 2, clock_id=clock_id)
    return len(claimed)


@transaction.atomic(durable=True)
def _lapse(clock, limit, clock_id, claimed):
    due = Complaint.everywhere.filter(clock_id=clock_id, next_at__lte=clock())
    locked = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_at", "id")
    claimed += locked[:limit]
    if claimed:
        changes = Changes(at=clock())
        load(claimed, changes)
        gap = _gap(changes, clock) if clock_id is None else None
        for complaint in claimed:
            run_out(complaint, changes, gap)
        _flush(changes, claimed)


@transaction.atomic(durable=True)
def _park(complaint_id, clock):
    """Put a clock off, longer each time; its end stays where it is."""
    row = Complaint.everywhere.select_for_update().get(pk=complaint_id)
    later = clock() + min(PARK * 2**row.parked, LONGEST_PARK)
    Complaint.everywhere.filter(pk=row.pk).update(next_at=later, parked=row.parked + 1)
    return 1


def _gap(changes, clock):
    return outage.look(changes.at).gap if clock is database_clock else None


def run_out(complaint: Complaint, changes: Changes, gap: Any = None) -> None:
    """Let a clock that has ended before the moment of the run happen.

    :param gap: (since, until) of an outage of ours: what fell due in it gets more time instead
    """
    facts = complaint.facts
    while complaint.due_at is not None and complaint.due_at <= facts.at:
        facts.begin(CLOCK)
        if gap and gap[0] < complaint.due_at <= gap[1]:
            complaint.due_at += gap[1] - gap[0] + GRACE
            complaint.next_at = complaint.due_at
            complaint.version += 1
            facts.tell(due_at=complaint.due_at)
            _record(complaint, "extend", changes, before=str(complaint.state))
        else:
            _step(complaint, TERMS[complaint.state].then, CLOCK, changes, {}, fired=True)


# One step in memory


def load(complaints: Iterable[Complaint], changes: Changes) -> None:
    """Give each complaint its facts: two statements at most."""
    by_id = {complaint.id: complaint for complaint in complaints}
    preload({complaint.policy_id for complaint in by_id.values()})
    for complaint in by_id.values():
        complaint.facts = Facts(complaint, pinned(complaint.policy_id), changes)
    for penalty in Penalty.objects.filter(complaint__any_of=list(by_id)).order_by("id"):
        if penalty.complaint_id is not None:
            by_id[penalty.complaint_id].facts.penalties.append(penalty)


def _step(complaint, name, by, changes, inputs, *, fired=False):
    facts, step, inputs = complaint.facts, STEPS[name], dict(inputs)
    facts.begin(by)
    if (refusal := why_not(complaint, step)) is not None:
        raise refusal
    words, evidence = inputs.pop("statement", None), inputs.pop("evidence", [])
    if words is not None:
        inputs["statement"] = new_id(facts.at)
    before, ended = str(complaint.state), _clock_of(complaint) if fired else None
    getattr(complaint, name)(**inputs)
    _set_clock(complaint, before, again=fired)
    if not step.rule.quiet:
        complaint.version += 1
    event = _record(complaint, name, changes, before=before, ended=ended)
    if words is not None:
        _keep_words(complaint, changes, (inputs["statement"], words), evidence, event)
    return Taken(complaint, event)


def _set_clock(complaint, before, *, again):
    """A state that is entered starts its clock; one that is left ends it."""
    term: Term | None = TERMS.get(complaint.state)
    if term is None:
        complaint.clock, complaint.length, complaint.clock_key = "", "", None
        complaint.started_at = complaint.due_at = complaint.next_at = None
    elif before != complaint.state or again:
        facts = complaint.facts
        name = term.again if again and before == complaint.state else term.length
        complaint.clock, complaint.clock_key = term.name, new_id(facts.at)
        complaint.length = str(getattr(facts.terms, name))
        complaint.started_at, complaint.parked = facts.at, 0
        complaint.due_at = complaint.next_at = facts.ends(name)


def _clock_of(complaint):
    return {
        "id": complaint.clock_key,
        "name": complaint.clock,
        "length": complaint.length,
        "started_at": complaint.started_at,
        "due_at": complaint.due_at,
    }


def _record(complaint, name, changes, *, before, ended=None):
    """Add one event to the chain."""
    facts, after = complaint.facts, str(complaint.state)
    complaint.sequence += 1
    told = {
        "name": name,
        "role": str(facts.actor.role),
        "party": facts.actor.party_id,
        "before": before,
        "after": after,
        "at": facts.at,
        "version": complaint.version,
        **facts.told,
    }
    if ended is not None:
        told["clock"] = ended
    if complaint.due_at is not None:
        told["due_at"] = complaint.due_at
    payload = canonical(told)
    digest = hashlib.sha256(link(complaint.head, complaint.sequence, payload)).digest()
    event = row_type(ComplaintEvent)(
        id=facts.event_id,
        complaint_id=complaint.id,
        sequence=complaint.sequence,
        name=name,
        role=told["role"],
        party_id=facts.actor.party_id,
        before=before,
        after=after,
        at=facts.at,
        due_at=ended["due_at"] if ended else None,
        clock=ended["id"] if ended else None,
        payload=payload,
        previous=bytes(complaint.head),
        hash=digest,
    )
    complaint.head = digest
    changes.touch(complaint)
    changes.added[ComplaintEvent].append(event)
    return event


def _keep_words(complaint, changes, words, evidence, event):
    written, text = words
    actor = complaint.facts.actor
    changes.added[ComplaintStatement].append(
        ComplaintStatement.fresh(
            id=written,
            complaint_id=complaint.id,
            event_id=event.id,
            role=str(actor.role),
            party_id=actor.party_id,
            text=text,
            evidence=evidence,
            written_at=changes.at,
        )
    )


def _flush(changes, complaints):
    """Write everything; letters and webhooks are rows of the same transaction."""
    changes.flush()
    complaint_post.write(changes, {complaint.id: complaint for complaint in complaints})


# New complaints


def new(
    accused: Party,
    *,
    ground: str,
    by: Actor,
    at: datetime,
    policy_id: UUID,
    case_id: UUID | None = None,
    clock_id: UUID | None = None,
) -> Complaint:
    """Make a complaint in memory, in state `new`: the step `file` or `object` does the rest."""
    return Complaint.fresh(
        id=new_id(at),
        marketplace_id=accused.marketplace_id,
        clock_id=clock_id,
        policy_id=policy_id,
        reporter_id=by.party_id if by.party_id != accused.pk else None,
        reporter_role=str(by.role) if by.party_id != accused.pk else str(CLOCK.role),
        accused_id=accused.pk,
        accused_role=accused.role,
        case_id=case_id,
        ground=ground,
        opened_at=at,
    )


def lease(at: datetime) -> datetime:
    """Tell until when a claim holds."""
    return at + LEASE
