"""Which complaint comes to whom: by rank, independence and capacity, on a lease."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.complaint_terms import BEFORE_US
from cases.models import Complaint
from cases.refusals import NotYourStep
from cases.roles import JUDGES, Role
from mediation.complaints import writer
from mediation.docket import check_capacity
from mediation.models import Mediator
from mediation.stepping import LEASE
from mediation.steps import database_clock

STATES = [str(state) for state in BEFORE_US]


def free(at: datetime) -> Q:
    """Keep what waits for a mediator: nobody holds it, or the lease has run out."""
    return Q(state__in=STATES) & (Q(holder="") | Q(lease_until__lte=at))


def held_by(mediator: Mediator, at: datetime) -> Q:
    """Keep what somebody holds now."""
    return Q(holder=mediator.person, lease_until__gt=at)


def fit(mediator: Mediator) -> QuerySet[Complaint]:
    """Keep what may be given to a mediator: who has not decided it; an appeal to a senior one."""
    seen = Complaint.everywhere.filter(mediator.sees(), clock_id=None)
    seen = seen.exclude(excluded__contains=[mediator.person])
    return seen if mediator.role == Role.SENIOR else seen.exclude(state="appealed")


def claim_next(mediator: Mediator, *, clock: Callable[[], datetime] = database_clock) -> Any:
    """Take the earliest complaint, by rank, that nobody looks at.

    :returns: what was taken, the refusal (not a mediator, off shift, as many as one can look
        after), or None: nothing waits that somebody else is not taking at this moment
    """
    if mediator.role not in JUDGES:
        return NotYourStep("Only mediators claim complaints.")
    waiting = fit(mediator).filter(free(clock())).order_by("rank_at", "id")
    locked = waiting.select_for_update(of=("self",), skip_locked=True)
    return writer.take_next(locked, _claiming(mediator), clock=clock)


def claim(
    mediator: Mediator,
    complaint_id: UUID,
    *,
    version: int | None = None,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Take one complaint that was chosen by hand.

    :returns: what was taken, the refusal, or None: there is no such one where the person works
    """
    if mediator.role not in JUDGES:
        return NotYourStep("Only mediators claim complaints.")
    chosen = Complaint.everywhere.filter(mediator.sees(), pk=complaint_id)
    locked = chosen.select_for_update(of=("self",))
    return writer.take_next(locked, _claiming(mediator, version), clock=clock)


def _claiming(mediator, version=None):
    def wish_for(complaint, at):
        others = Complaint.everywhere.filter(held_by(mediator, at)).exclude(pk=complaint.pk)
        check_capacity(mediator, others, "complaints")
        return writer.Wish(
            complaint_id=complaint.pk,
            step="claim",
            by=mediator.actor,
            inputs={"until": at + LEASE},
            version=version,
        )

    return wish_for
