"""The only code that changes a case: take steps, and let clocks run out.

Lock, moment, read; let passed deadlines happen; check; take the steps in memory; flush. Nobody
else saves a case: a command over HTTP is n = 1, a lapse run n = 500, a dry run has no flush.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Func, QuerySet

from cases.actors import Actor
from cases.models import Case, Clock
from cases.reading import prepared, read
from cases.refusals import DeadlinePassed, MoneyConflict, Refused, StaleVersion, UnknownParcel
from mediation import (
    expiry,
    halving,
    idempotency,
    loading,
    messages,
    opening,
    outage,
    outbox,
    scans,
    stepping,
)
from mediation.arrays import array
from mediation.carriers.scan import Scan
from mediation.changes import Changes
from mediation.files import attaching

# What another case of the same order may have used up in the meantime.
COUNTERS = frozenset(
    {
        "order_line_claimed",
        "order_line_within_paid",
        "order_freight_within_paid",
        "payment_within_captured",
    }
)
CLOCKS_PER_RUN = 500
# Moment and limit are part of the text: a plan made without them would read and sort all clocks.
CLAIM = f"""
JOIN {Clock._meta.db_table} AS c ON c.case_id = t.id
WHERE c.next_at <= {{moment}} AND c.clock_id {{whose}}
ORDER BY c.next_at LIMIT {{limit:d}} FOR UPDATE OF t SKIP LOCKED
"""


class StatementTimestamp(Func):
    """The start of the statement: unlike `clock_timestamp()` it can use an index."""

    template = "statement_timestamp()"
    output_field = DateTimeField()


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One step that somebody asks for.

    `inputs` come validated from a serializer; money is in minor units of the order's currency,
    `statement` is the typed words. To open a case, `case_id` is the id that it shall have.
    """

    case_id: UUID
    step: str
    by: Actor
    inputs: dict[str, Any] = field(default_factory=dict)
    order_id: UUID | None = None  # to open a case
    version: int | None = None  # of If-Match
    lease: UUID | None = None  # of a mediator
    key: idempotency.Key | None = None
    answer: Callable[[Case, Any], tuple[int, dict]] | None = None  # what is stored under the key
    scans: tuple[Scan, ...] = ()  # a carrier's messages about one number, in place of a step
    message: messages.Draft | None = None  # to the thread of the case, in place of a step


def database_clock() -> datetime:
    """Tell the moment of a run. The writer calls it after the lock; nobody else reads a clock."""
    with prepared() as cursor:
        cursor.execute("SELECT clock_timestamp()")  # `now()` would be the time before the wait
        return cursor.fetchone()[0]


def take(
    wishes: list[Wish], *, clock: Callable[[], datetime] = database_clock, dry_run: bool = False
) -> list[Any]:
    """Move n cases one step each. All is written together or nothing is.

    :param wishes: n >= 1, any order, one per case; a refused one does not hold up the others
    :param clock: called once, after the lock; tests and the sandbox pass theirs
    :param dry_run: say what would happen; takes no lock, writes nothing
    :returns: n answers in the order of the wishes: what was taken (`stepping.Taken`), the stored
        answer of the same key, or the refusal; this is returned, not raised, as what lapsed
        before it is committed
    :raises KeyError: a case does not exist
    """
    for last in (False, True):
        try:
            return _take(wishes, clock, dry_run)
        except IntegrityError as error:  # a counter or a unique row: somebody was faster
            if len(wishes) > 1:
                half = len(wishes) // 2
                return take(wishes[:half], clock=clock) + take(wishes[half:], clock=clock)
            if last:
                return [_conflict(error)]
    raise AssertionError


def _conflict(error):
    """Tell who asked what the database has refused; what it should never refuse is a bug."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = diagnosis.constraint_name if diagnosis is not None else ""
    if name == "parcel_serves_one_return":
        return UnknownParcel("This number belongs to another return.")
    if name not in COUNTERS:
        raise error
    return MoneyConflict("Another step has just taken the money or the pieces.")


@transaction.atomic(durable=True)
def _take(wishes, clock, dry_run):
    if stored := idempotency.replay(wishes[0].key):
        return [stored]
    cases = _load([wish for wish in wishes if wish.order_id is None], lock=not dry_run)
    if not dry_run:
        opening.lock(wishes, cases)
    changes = Changes(at=clock())
    cases |= opening.new_cases(wishes, changes)
    return _carry_out(wishes, cases, changes, clock, dry_run=dry_run)


@transaction.atomic(durable=True)
def take_next(
    cases: QuerySet[Case],
    wish_for: Callable[[Case, datetime], Wish],
    *,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Move the first case that a queryset finds one step; otherwise the same as `take`.

    :param cases: ordered, and locking what it finds: `select_for_update(of=("self",), ...)`
    :param wish_for: makes the wish from the locked case and the moment, or raises a refusal
    :returns: what was taken, the refusal, or None: the queryset found nothing
    """
    case = cases.first()
    if case is None:
        return None
    changes = Changes(at=clock())
    try:
        wish = wish_for(case, changes.at)
    except Refused as refused:
        return refused
    [answer] = _carry_out([wish], {case.pk: case}, changes, clock, dry_run=False)
    return answer


@transaction.atomic(durable=True)
def for_each(
    cases: QuerySet[Case],
    act: Callable[[Case, Changes], object],
    *,
    clock: Callable[[], datetime] = database_clock,
) -> int:
    """Do the same to n cases that a queryset finds and locks, after what has run out by then.

    :param cases: sliced, and locking what it finds: `select_for_update(of=("self",), ...)`
    :param act: changes a case with its facts in memory
    :returns: how many cases it were
    """
    found = {case.pk: case for case in cases}
    if found:
        changes = Changes(at=clock())
        gap = last_gap(changes.at, clock)
        loading.load(found.values(), changes)
        for case in found.values():
            expiry.run_out(case, changes, gap)
            act(case, changes)
        changes.flush()
        transaction.on_commit(lambda: outbox.ring(changes), robust=True)
    return len(found)


def _carry_out(wishes, cases, changes, clock, *, dry_run):
    gap = last_gap(changes.at, clock)
    loading.load(cases.values(), changes)
    attaching.load(wishes, cases, lock=not dry_run)
    if dry_run:
        for wish in wishes:
            cases[wish.case_id].facts.hide_bids(wish.by.role)
    answers = [_answer(cases[wish.case_id], wish, changes, gap) for wish in wishes]
    scans.catch_up([a for a in answers if isinstance(a, stepping.Taken)], changes)
    if not dry_run:
        idempotency.keep(wishes[0], cases[wishes[0].case_id], answers[0], changes)
        changes.flush()
        transaction.on_commit(lambda: outbox.ring(changes), robust=True)
    return answers


def last_gap(at: datetime, clock: Callable[[], datetime]) -> Callable[[], expiry.Gap]:
    """Give what tells the last outage of ours; test clocks know of none."""
    return outage.gap_before(at) if clock is database_clock else expiry.no_gap


def _load(wishes, *, lock):
    """Lock by primary key, so that two runs never wait for each other in a circle."""
    ids = [wish.case_id for wish in wishes]
    which = "WHERE id = ANY(%s::uuid[]) ORDER BY id" + " FOR UPDATE" * lock
    return {case.id: case for case in read(Case, which, array(ids))} if ids else {}


def _answer(case, wish, changes, gap):
    before = case.version
    is_step = not wish.scans and wish.message is None
    had_right = is_step and expiry.right_to(case, wish.step, wish.by, lease=wish.lease)
    fired = expiry.run_out(case, changes, gap)  # the worker may be late; the rules are not
    if wish.scans:
        return scans.keep(case, wish.scans, wish.by, changes)
    try:
        if wish.message is not None:
            return stepping.Taken(case, messages.keep(case, wish.message, wish.by, changes))
        if had_right and any(expiry.waited_on(clock, wish.by) for clock in fired):
            raise DeadlinePassed(f"The time for {wish.step} has run out.")
        if wish.version is not None and wish.version != before:
            expiry.check_right(case, wish.step, wish.by)  # 410 tells more than 412
            raise StaleVersion("The case has moved on.", version=case.version)
        taken = stepping.take(case, wish.step, wish.by, changes, wish.inputs, lease=wish.lease)
    except Refused as refused:
        return refused
    if wish.order_id is not None:
        changes.added[Case].append(case)
        stepping.tell_of_pause(case, changes)
    return taken


def lapse(
    *,
    clock: Callable[[], datetime] = database_clock,
    limit: int = CLOCKS_PER_RUN,
    clock_id: UUID | None = None,
) -> int:
    """Let clocks that are due run out or remind, up to `limit` cases in one transaction.

    A failing batch is halved until the bad case stands alone; that one is parked and reported.

    :param clock_id: a test clock; None is the database's
    :returns: how many cases were dealt with; 0: nothing is due
    """
    count, pulse = halving.run(
        lambda most, claimed: _lapse(clock, most, clock_id, claimed),
        lambda case_id: _park(clock, case_id),
        limit=limit,
    )
    if pulse is not None:
        pulse.beat()  # not with the batch: another worker would wait for its end
    return count


@transaction.atomic(durable=True)
def _lapse(clock, limit, clock_id, claimed):
    claimed |= _claim(clock, limit, clock_id)
    changes = Changes(at=clock())
    pulse = outage.look(changes.at) if clock_id is None else None
    if claimed:
        loading.load(claimed.values(), changes, evidence=False, goods=expiry.needs_goods)
        gap = (lambda: pulse.gap) if pulse else expiry.no_gap
        for case in claimed.values():
            expiry.run_out(case, changes, gap)
            expiry.remind(case, changes)
        changes.flush()
        transaction.on_commit(lambda: outbox.ring(changes), robust=True)
        for case in claimed.values():
            case.facts.forget()
    return pulse


def _claim(clock, limit, clock_id):
    """Lock the cases of the earliest due clocks; those that somebody holds are left to him."""
    real, live = clock is database_clock, clock_id is None
    claim = CLAIM.format(
        moment="statement_timestamp()" if real else "%s",  # unlike `clock_timestamp()`: by index
        whose="IS NULL" if live else "= %s",
        limit=limit,
    )
    params = [*([] if real else [clock()]), *([] if live else [clock_id])]
    return {case.id: case for case in read(Case, claim, *params)}


@transaction.atomic(durable=True)
def _park(clock, case_id):
    """Put a case's due clocks off, longer each time; their ends stay where they are."""
    at = clock()
    due = Clock.objects.filter(case=case_id, next_at__lte=at)
    for row in due.select_for_update():
        row.next_at = at + halving.back_off(row.parked)
        row.parked += 1
        row.save(update_fields=["next_at", "parked"])


def batches(rows: list[Any], size: int) -> Iterable[list[Any]]:
    """Cut a list into pieces of at most `size`."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
