"""How both sides judge a case once it is over."""

from typing import TYPE_CHECKING
from uuid import UUID

from cases.roles import Role

if TYPE_CHECKING:
    from cases.models import Case

# By what service is judged: swift and to the point, friendly, in time, and what was said.
DIMENSIONS = ("efficiency", "attitude", "timeliness", "content")


def rate(case: "Case", score: int, dimensions: dict[str, int], statement: UUID | None) -> None:
    """Keep what a side thinks of it; the comment is words, which can be erased."""
    facts = case.facts
    if facts.actor.role == Role.BUYER:
        case.rating = score
    else:
        case.seller_rating = score
    facts.new(
        "Rating",
        case_id=case.id,
        role=str(facts.actor.role),
        score=score,
        statement_id=statement,
        rated_at=facts.at,
        **dimensions,
    )
    facts.tell(score=score, statement=statement, **dimensions)
