"""Which complaint comes to whom: by rank, independence and capacity, on a lease."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases.complaints import BEFORE_US
from cases.models import Complaint
from cases.refusals import LimitReached, NotYourStep
from cases.roles import JUDGES, Role
from mediation import complaints
from mediation.models import Mediator
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

    :returns: what was taken, the refusal (not a mediator, as many as one can look after), or
        None: nothing waits
    """
    if mediator.role not in JUDGES:
        return NotYourStep("Only mediators claim complaints.")
    at = clock()
    if Complaint.everywhere.filter(held_by(mediator, at)).count() >= mediator.capacity:
        return LimitReached("You hold as many complaints as you can look after.")
    waiting = fit(mediator).filter(free(at)).order_by("rank_at", "id")
    locked = waiting.select_for_update(of=("self",), skip_locked=True)
    return complaints.take_next(locked, lambda row, now: _wish(mediator, row, now), clock=clock)


def _wish(mediator, complaint, at):
    return complaints.Wish(
        complaint_id=complaint.pk,
        step="claim",
        by=mediator.actor,
        inputs={"until": complaints.lease(at)},
    )
