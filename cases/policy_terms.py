"""What a policy consists of: how often, how long, what follows, which dispute comes first."""

from collections.abc import Mapping
from dataclasses import dataclass

from cases.choices import Amounts, Choice
from cases.conduct import Figures
from cases.durations import Length, Reminder


@dataclass(frozen=True, kw_only=True)
class Extension:
    """How often a clock may be made longer, and by how much."""

    times: int
    length: Length


@dataclass(frozen=True, kw_only=True)
class ClockTerms:
    """How a policy sets one clock. The last choice of each list has no condition."""

    lengths: tuple[Choice, ...]
    on_expiry: tuple[Choice, ...]
    variants: Mapping[str, Length]
    remind: tuple[Reminder, ...]
    extension: Extension | None  # that its own side may take; by consent: see Limits
    counts_from: str  # "delivery" or "upload", where the clock lets a policy choose


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often. What counts per order line includes withdrawn applications."""

    applications: int  # per order line
    edits: int  # per order line
    offers_per_side: int
    mediation_rounds: int  # times that a case may be in mediation
    claims: int  # times that mediators may take up a dispute
    evidence_rounds: int
    proposals: int
    rulings: int  # drafts put before a second mediator
    appeals_per_side: int  # 0: none
    reopen: int
    extensions: int  # per clock, by the other side's consent or by a mediator
    applications_and_edits: int | None = None  # of both together, per order line; None: no such cap

    def left(self, counter: str, *, applications: int, edits: int) -> int:
        """Tell how many more "applications" or "edits" a line with so many may have."""
        used = {"applications": applications, "edits": edits}[counter]
        left = getattr(self, counter) - used
        if self.applications_and_edits is None:
            return left
        return min(left, self.applications_and_edits - applications - edits)


@dataclass(frozen=True, kw_only=True)
class Rank:
    """By how many hours a dispute comes earlier than its ruling is due."""

    amount: tuple[tuple[Amounts, int], ...]  # (from this amount on, hours); the most hours count
    harm: Mapping[str, int]  # by reason, instead of the hours in cases.reasons
    repeat: int
    vulnerable: int


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """How complaints about a party go, and what follows from them."""

    hearing: Length  # of the accused, before anything is decided
    review: Length
    again: Length  # between two alarms that a review is overdue
    appeal: Length
    hearings: int  # times that the accused is asked
    remind: tuple[Reminder, ...]  # of a hearing
    points_last: Length
    points: Mapping[str, int]  # of a seller, by ground and by violation
    restrictions: Mapping[str, Length]  # how long each lasts
    ladder: Mapping[str, int]  # restriction → the points from which on it is proposed
    signals: Mapping[str, Figures]
