"""The seller's first reply, apart from its decision: whatever it does or says to the buyer counts.

It has a time of its own, and no clock: nothing follows for the case when it is over, but the
seller's scorecard counts it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cases.models import Case, Event
from cases.models.policy import pinned, preload
from cases.roles import Role

TO_THE_BUYER = ~Q(name="message") | Q(payload__contains='"audience":"all"')
REPLIES = Event.objects.filter(TO_THE_BUYER, role=Role.SELLER).order_by("sequence")
REPLIED_AT = Subquery(REPLIES.filter(case=OuterRef("pk")).values("at")[:1])  # null: not yet


def due_at(policy_id: UUID, opened_at: datetime) -> datetime:
    """Tell until when the seller should have replied."""
    policy = pinned(policy_id)
    return policy.ends(policy.first_reply, opened_at)


def slow(cases: QuerySet[Case], at: datetime) -> int:
    """Count the cases in which the first reply came late, or has not come and is overdue."""
    rows = cases.annotate(replied_at=REPLIED_AT)
    told = list(rows.values_list("policy_id", "opened_at", "replied_at", "ended_at"))
    preload({policy_id for policy_id, *_ in told})
    return sum(due_at(p, opened) < _until(at, ends) for p, opened, *ends in told)


def _until(at: datetime, moments: Iterable[datetime | None]) -> datetime:
    """Tell since when nobody waits for a reply any more: it came, or the case has ended."""
    return min([at, *(moment for moment in moments if moment is not None)])
