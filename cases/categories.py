"""Kinds of goods with rules of their own, as a policy sets them for a marketplace's categories.

Whatever such a kind says of a reason holds in place of what the reason and the policy say of all
goods; evidence comes on top of what the reason demands. Kinds known by law are in `cases.goods`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cases.durations import Length
from cases.reasons import Demand

Path = tuple[str | int, ...]  # where something stands in a policy file

ALL = "default"  # of a table by reason: all reasons that it does not name


class Said(NamedTuple):
    """What a policy says of something, and where it says it."""

    value: Any
    path: Path


@dataclass(frozen=True, kw_only=True)
class Category:
    """What is otherwise with goods of a kind. Tables are by reason."""

    windows: Mapping[str, Length]
    freight: Mapping[str, str]  # who pays for sending goods back: buyer, seller
    closed: frozenset[str]  # reasons that are not taken
    evidence: Mapping[str, Demand]


def by_reason(table: Mapping[str, Any], reason: str, path: Path) -> Said | None:
    """Look up what a table says of a reason, or of all reasons that it does not name."""
    key = next((key for key in (reason, ALL) if key in table), None)
    return None if key is None else Said(table[key], (*path, key))
