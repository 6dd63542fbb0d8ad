"""How a complaint begins: in memory, under the policy that is in force; its step does the rest."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from cases.actors import CLOCK, Actor
from cases.complaint_terms import OVER
from cases.conduct import OBJECTION
from cases.ids import new_id
from cases.models import Complaint, Party
from cases.refusals import NotNow


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
    is_own = by.party_id == accused.pk  # who objects to points of its own complains of nobody
    return Complaint.fresh(
        id=new_id(at),
        marketplace_id=accused.marketplace_id,
        clock_id=clock_id,
        policy_id=policy_id,
        reporter_id=None if is_own else by.party_id,
        reporter_role=str(CLOCK.role if is_own else by.role),
        accused_id=accused.pk,
        accused_role=accused.role,
        case_id=case_id,
        ground=ground,
        opened_at=at,
    )


def stands_already(complaint: Complaint) -> bool:
    """Say whether the database would refuse a complaint: the same one is open."""
    by_record = complaint.reporter_id is None and complaint.reporter_role == CLOCK.role
    if (complaint.reporter_id is None and not by_record) or complaint.ground == OBJECTION:
        return False
    same = Q(accused=complaint.accused_id, ground=complaint.ground)
    whose = Q(reporter_role=CLOCK.role) if by_record else Q(reporter=complaint.reporter_id)
    return Complaint.everywhere.filter(same & whose).exclude(state__in=OVER).exists()


def twice() -> NotNow:
    """Refuse a complaint that is open already."""
    return NotNow("Such a complaint is open already.")
