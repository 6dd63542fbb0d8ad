"""What a sandbox has to do and when: one row here is one kind of work, in the order of one moment.

Clocks come first, as elsewhere: who is late at the very moment is late.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet

from cases.compiled import Blank, filled
from cases.models import Clock, Complaint, Docket
from cases.reading import prepared
from mediation import docket, effects, letters, notices, steps
from mediation.complaints import writer as complaints
from mediation.models import Effect, PlannedScan
from mediation.sandbox import bank, carrier
from notifications import deliveries, post_office
from notifications.attempts import PENDING
from notifications.models import Delivery, Letter

Clockwork = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Work:
    """One kind of work of a sandbox."""

    waiting: Callable[[UUID | Blank], QuerySet]  # of a test clock; all of them have a moment
    moment: str  # the column that says when
    run: Callable[[Clockwork, UUID, int], int]  # clock, test clock, at most so many → how many


def _letters(clock, clock_id, limit):
    return post_office.deliver(
        clock=clock,
        clock_id=clock_id,
        limit=limit,
        still_wanted=letters.still_wanted,
        words=notices.words,
    )


def _effects(clock, clock_id, limit):
    tried = effects.run(clock=clock, clock_id=clock_id, limit=limit)
    bank.repeat(clock_id, clock())
    return tried


QUEUES: tuple[Work, ...] = (
    Work(
        waiting=lambda clock_id: Clock.objects.filter(clock_id=clock_id, next_at__isnull=False),
        moment="next_at",
        run=lambda clock, clock_id, n: steps.lapse(clock=clock, clock_id=clock_id, limit=n),
    ),
    Work(
        waiting=lambda clock_id: Complaint.everywhere.filter(
            clock_id=clock_id, next_at__isnull=False
        ),
        moment="next_at",
        run=lambda clock, clock_id, n: complaints.lapse(clock=clock, clock_id=clock_id, limit=n),
    ),
    Work(
        waiting=lambda clock_id: PlannedScan.objects.filter(clock_id=clock_id, done_at=None),
        moment="due_at",
        run=carrier.speak,
    ),
    Work(waiting=bank.undecided, moment="answers_at", run=bank.speak),
    Work(
        waiting=lambda clock_id: Effect.objects.filter(PENDING, clock_id=clock_id),
        moment="due_at",
        run=_effects,
    ),
    Work(
        waiting=lambda clock_id: Letter.objects.filter(PENDING, clock_id=clock_id),
        moment="due_at",
        run=_letters,
    ),
    Work(
        waiting=lambda clock_id: Delivery.objects.filter(
            PENDING, deliveries.in_order(), clock_id=clock_id
        ),
        moment="due_at",
        run=lambda clock, clock_id, n: deliveries.deliver(clock=clock, clock_id=clock_id, limit=n),
    ),
    Work(
        waiting=lambda clock_id: Docket.objects.filter(
            ~Q(holder=""), clock_id=clock_id, case__dispute__state="in_review", case__held=False
        ),
        moment="lease_until",
        run=lambda clock, clock_id, n: docket.return_expired(
            clock=clock, clock_id=clock_id, limit=n
        ),
    ),
)


def next_due(clock_id: UUID) -> datetime | None:
    """Tell when something falls due next on a test clock; it may be over. None: nothing will."""
    return min(ahead(clock_id).values(), default=None)


def ahead(clock_id: UUID) -> dict[Work, datetime]:
    """Ask in one statement what there is to do, in order, and from when on."""
    sql, params = _firsts()
    with prepared() as cursor:
        cursor.execute(sql, filled(params, clock_id=clock_id))
        moments = zip(QUEUES, cursor.fetchone(), strict=True)
        return {work: moment for work, moment in moments if moment is not None}


def run_due(found: dict[Work, datetime], clock_id: UUID, at: datetime, limit: int) -> int:
    """Do what is due at a moment, up to `limit` of the first kind that there is any of.

    :param found: what there is to do
    :returns: how many; 0: nothing is due, or somebody else holds it
    """
    for work, moment in found.items():
        if moment <= at and (done := work.run(lambda: at, clock_id, limit)):
            return done
    return 0


@cache
def _firsts():
    """Write that statement, once."""
    written = []
    for work in QUEUES:
        rows = work.waiting(Blank("clock_id")).order_by(work.moment).values(work.moment)
        written.append(rows[:1].query.get_compiler(DEFAULT_DB_ALIAS).as_sql())
    sql = "SELECT " + ", ".join(f"({each})" for each, _params in written)
    return sql, [value for _each, params in written for value in params]


def leftovers(clock_id: UUID) -> dict[str, Any]:
    """Count what waits on a test clock, by the table it is in."""
    return {
        work.waiting(clock_id).model.__name__.lower(): work.waiting(clock_id).count()
        for work in QUEUES
    }
