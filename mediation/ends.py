"""How the effects of one batch ended."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass
class Ends:
    """By the ids of effects, each in one of the three."""

    done: list[UUID] = field(default_factory=list)
    failed: dict[UUID, Exception] = field(default_factory=dict)  # tried; again after the back-off
    later: dict[UUID, datetime] = field(default_factory=dict)  # not now, costs no attempt

    def add(self, other: "Ends") -> None:
        self.done += other.done
        self.failed |= other.failed
        self.later |= other.later
