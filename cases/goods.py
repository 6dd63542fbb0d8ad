"""Goods with rules of their own, by the flags of an order line: one row each.

The exceptions from the right of withdrawal are those of the usual law; the rest is our proposal.
A reason that goods never know is in its own row (`Reason.not_for`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from cases.reasons import DELIVERED, REASONS, REMEDIES, STAGES, Row


@dataclass(frozen=True, kw_only=True)
class Goods(Row):
    """What is otherwise with goods of a kind."""

    go_back: bool = True  # whether they can be sent back at all
    bound: Collection[str] = STAGES  # where the parcel is when a change of mind still counts


# A table reads best as a table, so the formatter leaves it alone.
# fmt: off
GOODS = {row.key: row for row in (
    Goods(key="custom_made", en="Made to order", zh="定制商品"),
    Goods(key="perishable", en="Perishable", zh="生鲜易腐商品", go_back=False),
    Goods(key="digital", en="Digital", zh="虚拟商品", go_back=False),
    Goods(key="opened", en="Opened by the buyer", zh="已拆封商品"),
    # The deposit binds the buyer until the goods are there; then the time to return them starts.
    Goods(key="presale", en="Sold in advance", zh="预售商品", bound=(DELIVERED,)),
)}
# fmt: on
OF_MIND = frozenset({"no_longer_wanted", "bought_by_mistake", "duplicate", "coupon_not_used"})


def rules_out(flag: str, reason: str, remedy: str, stage: str) -> bool:
    """Say whether goods of a kind cannot be applied for so; kinds we do not know rule out none."""
    if flag in REASONS[reason].not_for:
        return True
    goods = GOODS.get(flag)
    if goods is None:
        return False
    too_early = reason in OF_MIND and stage not in goods.bound
    return too_early or (REMEDIES[remedy].returns and not goods.go_back)
