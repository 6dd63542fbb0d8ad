"""A complaint as it stands at this moment, and as it begins. Nothing is written."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from cases.actors import Actor
from cases.models import Complaint, Marketplace, Party
from cases.models.policy import in_force
from mediation.changes import Changes
from mediation.complaints import facts, stepping
from mediation.complaints.filing import new
from mediation.complaints.writer import Wish
from mediation.looking import clock_of
from mediation.steps import database_clock, last_gap


def filing(
    accused: Party,
    *,
    ground: str,
    by: Actor,
    at: datetime,
    market: Marketplace,
    case: UUID | None = None,
    step: str = "file",
    penalty: UUID | None = None,
) -> Wish:
    """Wish for a new complaint, under the policy that is in force."""
    complaint = new(
        accused,
        ground=ground,
        by=by,
        at=at,
        policy_id=in_force(market.policy_name, at).pk,
        case_id=case,
        clock_id=market.clock_id,
    )
    return Wish(complaint_id=complaint.id, step=step, by=by, new=complaint, penalty=penalty)


def stand(complaint: Complaint) -> Complaint:
    """Give a complaint its facts, and let its clock run out in memory. Nothing is written."""
    clock = clock_of_complaint(complaint)
    version, changes = complaint.version, Changes(at=clock())
    facts.load([complaint], changes)
    stepping.run_out(complaint, last_gap(changes.at, clock))
    complaint.version = version
    return complaint


def clock_of_complaint(complaint: Complaint) -> Callable[[], datetime]:
    """Find the clock that a complaint lives by."""
    return clock_of(complaint) if complaint.clock_id else database_clock  # type: ignore[arg-type]
