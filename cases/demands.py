"""What an application must show: for its reason, its detail and the kinds of its goods."""

from collections.abc import Collection, Iterable, Sequence

from cases.details import DETAILS
from cases.policy import Policy
from cases.reasons import REASONS, Demand

LEVELS = ("required", "one_of", "optional")  # the strongest first


def of(policy: Policy, reason: str, kinds: Iterable[str] = (), detail: str = "") -> list[Demand]:
    """List all that demands evidence."""
    of_detail = [DETAILS[detail]] if detail else []
    return [REASONS[reason], *of_detail, *of_kinds(policy, reason, kinds)]


def of_kinds(policy: Policy, reason: str, kinds: Iterable[str]) -> list[Demand]:
    """List what kinds of goods demand besides the reason."""
    return [found for kind in sorted(kinds) if (found := policy.proof(reason, kind)) is not None]


def missing(demands: Iterable[Demand], given: Collection[str]) -> tuple[str, ...]:
    """Name the slots still to be filled, each once."""
    return tuple(dict.fromkeys(slot for one in demands for slot in one.missing(given)))


def levels(demands: Sequence[Demand]) -> dict[str, str]:
    """Slot → "required", "one_of" or "optional", the strongest of what is asked."""
    found: dict[str, str] = {}
    for level in LEVELS:
        for one in demands:
            for slot in getattr(one, level):
                found.setdefault(slot, level)
    return found


def is_met(demands: Iterable[Demand], slot: str, given: Collection[str]) -> bool:
    """Say whether nothing more is to be brought for a slot: another of its `one_of` will do."""
    return slot in given or any(
        slot in one.one_of and not set(given).isdisjoint(one.one_of) for one in demands
    )
