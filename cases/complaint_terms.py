"""The states of a complaint, its one clock in each of them, and its two sides."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from cases.roles import Role


class ComplaintState(models.TextChoices):
    """Where a complaint stands. `new` is never stored."""

    NEW = "new"
    OPEN = "open"  # the accused is being heard
    IN_REVIEW = "in_review"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    APPEALED = "appealed"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


S = ComplaintState
OVER = (S.FINAL, S.WITHDRAWN)
BEFORE_US = (S.IN_REVIEW, S.APPEALED)  # where mediators hold it
DECIDED = (S.UPHELD, S.DISMISSED)
MOST_CLAIMS = 20


@dataclass(frozen=True, kw_only=True)
class Term:
    """The one clock of a state: how a policy names its length, and what follows its end."""

    name: str
    length: str  # of the policy's [complaints]
    waits_on: str  # accused, platform, loser
    then: str
    again: str = ""  # its length when it starts once more
    reminds: str = ""  # the policy's reminders of it


TERMS = {
    S.OPEN: Term(
        name="hearing",
        length="hearing",
        waits_on="accused",
        then="close_hearing",
        reminds="remind",
    ),
    S.IN_REVIEW: Term(
        name="review", length="review", waits_on="platform", then="to_supervisor", again="again"
    ),
    S.APPEALED: Term(
        name="review", length="review", waits_on="platform", then="to_supervisor", again="again"
    ),
    S.UPHELD: Term(name="appeal", length="appeal", waits_on="loser", then="finalize"),
    S.DISMISSED: Term(name="appeal", length="appeal", waits_on="loser", then="finalize"),
}


def side_of(complaint: Any, actor: Any) -> str:
    """Tell what somebody is in a complaint: reporter, accused, or nobody (empty)."""
    if actor.party_id is not None:
        sides = {complaint.accused_id: "accused", complaint.reporter_id: "reporter"}
        return sides.get(actor.party_id, "")
    return "reporter" if actor.role == Role.SERVICE == complaint.reporter_role else ""


def loser(complaint: Any) -> str:
    """Tell which side a decision went against."""
    return "accused" if complaint.verdict == S.UPHELD else "reporter"


def waits_on(complaint: Any) -> str:
    """Tell on whom the clock of a complaint waits: accused, reporter, platform; or nobody."""
    term = TERMS.get(complaint.state)
    if term is None:
        return ""
    return loser(complaint) if term.waits_on == "loser" else term.waits_on
