"""The only code that moves a complaint: take steps, and let its clock run out.

The same order as for a case (mediation/steps.py): lock, moment, read; let what is over happen;
check; take the step in memory; flush. A complaint has one clock, which is part of its row, so that
nothing of a case's rows is locked or touched by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cases.actors import Actor
from cases.complaint_actions import STEPS, why_not
from cases.models import Complaint, Penalty
from cases.refusals import DeadlinePassed, NotNow, Refused, StaleVersion
from mediation import halving, idempotency
from mediation.changes import Changes
from mediation.complaints import facts, filing, post, stepping
from mediation.files import attaching
from mediation.steps import database_clock, last_gap

PER_RUN = 200
ONCE = ("complaint_once", "complaint_of_the_record_once")


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


def take(
    wish: Wish, *, clock: Callable[[], datetime] = database_clock, dry_run: bool = False
) -> Any:
    """Take one step of one complaint. All is written together or nothing is.

    :param clock: called once, after the lock
    :param dry_run: say what would happen; takes no lock, writes nothing
    :returns: what was taken, the stored answer of the same key, or the refusal; it is returned,
        not raised, as what ran out before it is committed
    :raises Complaint.DoesNotExist: there is no such complaint
    """
    try:
        return _take(wish, clock, dry_run)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.constraint_name not in ONCE:
            raise
        return filing.twice()


@transaction.atomic(durable=True)
def _take(wish, clock, dry_run):
    if stored := idempotency.replay(wish.key):
        return stored
    complaint = wish.new or _one(Complaint.everywhere, wish.complaint_id, lock=not dry_run)
    penalty = wish.penalty and _one(Penalty.objects, wish.penalty, lock=not dry_run)
    changes = Changes(at=clock())
    return _carry_out(wish, complaint, penalty, changes, clock, dry_run=dry_run)


def _one(rows, pk, *, lock):
    return (rows.select_for_update(of=("self",)) if lock else rows).get(pk=pk)


@transaction.atomic(durable=True)
def take_next(
    complaints: QuerySet[Complaint],
    wish_for: Callable[[Complaint, datetime], Wish],
    *,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Move the first complaint that a queryset finds and locks; otherwise the same as `take`.

    :param wish_for: makes the wish from the locked complaint and the moment, or raises a refusal
    :returns: what was taken, the refusal, or None: the queryset found nothing
    """
    complaint = complaints.first()
    if complaint is None:
        return None
    changes = Changes(at=clock())
    try:
        wish = wish_for(complaint, changes.at)
    except Refused as refused:
        return refused
    return _carry_out(wish, complaint, None, changes, clock, dry_run=False)


def _carry_out(wish, complaint, penalty, changes, clock, *, dry_run):
    facts.load([complaint], changes)
    if penalty is not None:
        complaint.facts.penalties.append(penalty)
    if files := attaching.named(wish.inputs.get("evidence", [])):
        complaint.facts.files = attaching.find(files, lock=not dry_run)
    gap = last_gap(changes.at, clock)
    answer = _answer(wish, complaint, penalty, changes, gap)
    if not dry_run:
        idempotency.keep(wish, complaint, answer, changes)
        _flush(changes, [complaint])
    elif wish.new is not None and filing.stands_already(complaint):
        return filing.twice()  # as the database would say
    elif wish.answer is not None:
        wish.answer(complaint, answer)
    return answer


def _answer(wish, complaint, penalty, changes, gap):
    before = complaint.version
    lost = _right_is_over(wish, complaint)
    stepping.run_out(complaint, gap)
    try:
        if lost and not _may(complaint, wish):
            raise DeadlinePassed(f"The time for {wish.step} has run out.")
        if penalty is not None and penalty.complaint_id is not None:
            raise NotNow("This was objected to, or lifted, before.")
        if wish.version is not None and wish.version != before:
            raise StaleVersion("The complaint has moved on.", version=complaint.version)
        if wish.new is not None:
            changes.added[Complaint].append(complaint)
        taken = stepping.move(complaint, wish.step, wish.by, wish.inputs)
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


def lapse(
    *,
    clock: Callable[[], datetime] = database_clock,
    limit: int = PER_RUN,
    clock_id: UUID | None = None,
) -> int:
    """Let the clocks of complaints that are due run out or remind, up to `limit` at once.

    A failing batch is halved until the bad one stands alone; that one is parked and reported.

    :param clock_id: a test clock; None is the database's
    :returns: how many complaints were dealt with; 0: nothing is due
    """
    count, _ = halving.run(
        lambda most, claimed: _lapse(clock, most, clock_id, claimed),
        lambda complaint_id: _park(clock, complaint_id),
        limit=limit,
    )
    return count


@transaction.atomic(durable=True)
def _lapse(clock, limit, clock_id, claimed):
    due = Complaint.everywhere.filter(clock_id=clock_id, next_at__lte=clock())
    locked = due.select_for_update(skip_locked=True, of=("self",)).order_by("next_at", "id")
    claimed |= {complaint.id: complaint for complaint in locked[:limit]}
    if claimed:
        changes = Changes(at=clock())
        facts.load(claimed.values(), changes)
        gap = last_gap(changes.at, clock)
        for complaint in claimed.values():
            stepping.run_out(complaint, gap)
            stepping.remind(complaint)
        _flush(changes, claimed.values())


@transaction.atomic(durable=True)
def _park(clock, complaint_id):
    """Put a clock off, longer each time; its end stays where it is."""
    row = Complaint.everywhere.select_for_update().get(pk=complaint_id)
    row.next_at = clock() + halving.back_off(row.parked)
    row.parked += 1
    row.save(update_fields=["next_at", "parked"])


def _flush(changes, complaints):
    """Write everything; letters and webhooks are rows of the same transaction."""
    changes.flush()
    post.write(changes, {complaint.id: complaint for complaint in complaints})
