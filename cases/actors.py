"""Who is asking."""

from dataclasses import dataclass
from uuid import UUID

from cases.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Somebody who takes steps or looks at cases.

    `person` is the marketplace's (`sub`) or our own id of the human; it is a pseudonym, never a
    name. `party_id` is the buyer or shop that the person acts for.
    """

    role: str
    marketplace_id: UUID | None = None
    party_id: UUID | None = None
    person: str = ""

    is_authenticated = True  # what DRF asks of a user
    is_active = True

    @property
    def pk(self) -> str:
        """Name the caller for throttles and idempotency keys."""
        return f"{self.marketplace_id}:{self.role}:{self.party_id or ''}:{self.person}"


CLOCK = Actor(role=Role.CLOCK)
