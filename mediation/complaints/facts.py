"""What a step may see of a complaint, and what it leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cases.actors import CLOCK, Actor
from cases.ids import new_id
from cases.models import Complaint, File, Penalty
from cases.models.policy import pinned, preload
from cases.policy import Policy
from mediation.changes import Changes

if TYPE_CHECKING:
    from uuid import UUID


class Facts:
    """What a step may see of one complaint, and the way in which it tells what is new."""

    def __init__(self, complaint: Complaint, policy: Policy, changes: Changes) -> None:
        self.complaint, self.policy, self.changes = complaint, policy, changes
        self.terms = policy.conduct
        self.at: datetime = changes.at
        self.penalties: list[Penalty] = []  # that this complaint has led to, or is about
        self.files: dict[UUID, File] = {}  # those that are named now
        self.begin(CLOCK)

    def begin(self, actor: Actor) -> None:
        """Get ready for one step."""
        self.actor = actor
        self.told: dict[str, Any] = {}
        self.event_id = new_id(self.at)

    def tell(self, **details: Any) -> None:
        """Add codes, ids, amounts or times to the event; never words, names or contacts."""
        self.told |= {key: value for key, value in details.items() if value is not None}

    def touch(self, row: Any) -> None:
        """Note that a row was changed."""
        self.changes.touch(row)

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
                self.touch(penalty)
                self.tell(lifted=[*self.told.get("lifted", ()), penalty.id])


def load(complaints: Iterable[Complaint], changes: Changes) -> None:
    """Give each complaint its facts: two statements at most."""
    by_id = {complaint.id: complaint for complaint in complaints}
    preload({complaint.policy_id for complaint in by_id.values()})
    for complaint in by_id.values():
        complaint.facts = Facts(complaint, pinned(complaint.policy_id), changes)
    for penalty in Penalty.objects.filter(complaint__any_of=list(by_id)).order_by("id"):
        if penalty.complaint_id is not None:
            by_id[penalty.complaint_id].facts.penalties.append(penalty)
