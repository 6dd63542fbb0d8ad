"""Who is asking."""

from collections.abc import Collection
from dataclasses import dataclass, replace
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
# The marketplace's service passes on what carriers and gateways tell it.
SPEAKS_FOR = {Role.SERVICE: (Role.CARRIER, Role.GATEWAY)}


def voices(actor: Actor) -> list[Actor]:
    """List the roles in which somebody may take steps: the own one first."""
    others = SPEAKS_FOR.get(Role(actor.role), ())
    return [actor, *(replace(actor, role=str(role)) for role in others)]


def voice_for(actor: Actor, by: Collection[str]) -> Actor:
    """Choose the role in which somebody takes a step of certain roles; else the own one."""
    return next((voice for voice in voices(actor) if voice.role in by), actor)
