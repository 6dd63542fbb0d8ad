"""Everything a person who asks for a step can be told instead: one class, one stable code."""

from typing import Any


class Refused(Exception):
    """A step was asked for and not taken. The message says why, to the person who asked."""

    code = "REFUSED"  # stable; the front end translates it

    def __init__(self, message: str, *, rule: tuple[str | int, ...] = (), **details: Any) -> None:
        """Say no.

        :param rule: the path of the rule that decided: see `cases.rulebook`
        :param details: codes, ids, amounts, times; never words or names
        """
        super().__init__(message)
        self.rule = rule
        self.details = details | ({"rule": rule} if rule else {})


class NotNow(Refused):
    """The case is not in a state for this step."""

    code = "NOT_NOW"


class DeadlinePassed(Refused):
    """The clock that gave the right to this step has run out."""

    code = "DEADLINE_PASSED"


class StaleVersion(Refused):
    """The case has moved on since the version that the caller has seen."""

    code = "STALE_VERSION"


class NotYourStep(Refused):
    """Somebody else takes this step."""

    code = "NOT_YOUR_STEP"


class LimitReached(Refused):
    """The policy's limit for this step is used up."""

    code = "LIMIT_REACHED"


class EvidenceMissing(Refused):
    """The reason demands evidence that has not been handed in. `missing` names the slots."""

    code = "EVIDENCE_MISSING"


class NotEligible(Refused):
    """It may not be applied for: the line, the reason, the remedy or the window forbids it."""

    code = "NOT_ELIGIBLE"


class AmountTooHigh(Refused):
    """More is asked than the line is worth or than is left of it."""

    code = "AMOUNT_TOO_HIGH"


class QuantityTaken(Refused):
    """The pieces are claimed by another application, or were never bought."""

    code = "QUANTITY_TAKEN"


class StaleOffer(Refused):
    """The offer that is accepted or declined is not the one that stands."""

    code = "STALE_OFFER"


class NotIndependent(Refused):
    """The person has decided this dispute before, or does not hold its lease."""

    code = "NOT_INDEPENDENT"


class LeaseLost(Refused):
    """The lease of the dispute has ended or belongs to somebody else."""

    code = "LEASE_LOST"


class BadTerms(Refused):
    """A ruling or an offer does not add up: lines, shares, amounts."""

    code = "BAD_TERMS"


class ContentChanged(Refused):
    """What is approved is not what was shown."""

    code = "CONTENT_CHANGED"


class MoneyConflict(Refused):
    """Another case of the same order has just taken the money or the pieces."""

    code = "MONEY_CONFLICT"


class UnknownParcel(Refused):
    """No parcel with this number, or the number is taken."""

    code = "TRACKING_TAKEN"


class UnknownFile(Refused):
    """There is no such file for this side: never brought, swept away, or of another case."""

    code = "UNKNOWN_FILE"


class NotYourAudience(Refused):
    """Somebody writes where it could not read."""

    code = "NOT_YOUR_AUDIENCE"


class WrongKind(Refused):
    """What is handed in is of another kind than its slot takes. `kinds` names those."""

    code = "WRONG_KIND"
