"""How people behave: why somebody may complain of a party, and what may follow. One row each.

The grounds follow the rules of shops and platforms on abuse by buyers and by sellers; lengths,
points and thresholds are our own proposal. A policy may set others; it cannot invent a row.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cases.reasons import Row
from cases.roles import Role

BUYER, SELLER = str(Role.BUYER), str(Role.SELLER)
POINTS = "points"
OBJECTION = "objection"  # to points that came without a complaint; one for each of them


@dataclass(frozen=True)
class Ground(Row):
    """Why somebody complains of a party."""

    about: tuple[str, ...] = (BUYER, SELLER)
    points: int = 0  # that a seller gets when it is upheld
    urgency: int = 0  # hours by which its review is ranked ahead
    internal: bool = False  # brought by our own people or by the record, never by a party


@dataclass(frozen=True)
class Restriction(Row):
    """What somebody may no longer do, for a while; from the mildest to the hardest."""

    about: tuple[str, ...]
    lasts: str = "90d"


@dataclass(frozen=True)
class Violation(Row):
    """Something that the record itself tells of a seller, and the points that it costs."""

    points: int = 1


GROUNDS = {
    row.key: row
    for row in (
        # Of buyers
        Ground("malicious_refund", "Refund in bad faith", "恶意退款", (BUYER,)),
        Ground("false_information", "False information", "提供虚假信息"),
        Ground("damaged_goods", "Goods damaged on purpose", "故意损坏商品", (BUYER,)),
        Ground("malicious_purchase", "Snapping up in bad faith", "恶意抢购", (BUYER,)),
        Ground("malicious_review", "Review in bad faith", "恶意评价", (BUYER,)),
        # Of sellers
        Ground("counterfeit", "Counterfeit goods", "售卖假冒商品", (SELLER,), 12, 48),
        Ground("unreasonable_refusal", "Unreasonable refusal", "无理拒绝售后", (SELLER,), 3),
        Ground("broken_promise", "Broken promise", "违背承诺", (SELLER,), 3),
        Ground("slow_dispatch", "Late or missing dispatch", "迟发或不发货", (SELLER,), 2),
        Ground("no_answer", "Never answers", "不处理售后", (SELLER,), 2),
        # Of both
        Ground("abuse", "Insults or threats", "辱骂或威胁", points=2, urgency=8),
        Ground("signal", "Figures that stand out", "数据异常", points=2, internal=True),
        Ground(POINTS, "Too many points", "扣分达到上限", (SELLER,), urgency=8, internal=True),
        Ground(OBJECTION, "Objection to points", "对扣分的异议", internal=True),
    )
}
RESTRICTIONS = {
    row.key: row
    for row in (
        Restriction("notice", "Notice", "警示", (BUYER, SELLER)),
        Restriction("evidence_first", "Evidence with each application", "须先举证", (BUYER,)),
        Restriction("no_auto_approval", "No approval by silence", "不适用超时同意", (BUYER,)),
        Restriction("manual_review", "Nothing without a look", "人工审核", (BUYER,)),
        Restriction("purchase_limit", "Limited purchases", "限制购买", (BUYER,), "30d"),
        Restriction("delist", "Goods taken off the shelves", "商品下架", (SELLER,), "30d"),
        Restriction("freeze", "Shop frozen", "冻结店铺", (SELLER,), "30d"),
    )
}
VIOLATIONS = {
    row.key: row
    for row in (
        Violation("late_answer", "Did not answer in time", "逾期未答复"),
        Violation("late_dispatch", "Did not send in time", "逾期未发出", 2),
        Violation("at_fault", "A ruling found most of the fault here", "裁决认定主要责任", 3),
    )
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How a policy sets a signal: over how many days, from which value on, of how many at least."""

    days: int
    threshold: int
    least: int = 0  # rows below which a share says nothing


@dataclass(frozen=True)
class SignalRule(Row):
    """A figure of the record over a rolling window. It is a hint for people and refuses nothing."""

    about: str
    figures: Figures
    unit: str = "count"  # or "percent"


SIGNALS = {
    row.key: row
    for row in (
        SignalRule(
            *("frequent_refunder", "Applies often", "频繁申请退款", BUYER),
            Figures(days=90, threshold=8),
        ),
        SignalRule(
            *("odd_reasons", "Many different reasons", "退款理由异常多样", BUYER),
            Figures(days=90, threshold=5, least=6),
        ),
        SignalRule(
            *("unfounded_claims", "Claims that were not founded", "申请多不成立", BUYER),
            *(Figures(days=180, threshold=60, least=5), "percent"),
        ),
        SignalRule(
            *("high_refund_rate", "High refund rate", "退款率偏高", SELLER),
            *(Figures(days=30, threshold=20, least=20), "percent"),
        ),
        SignalRule(
            *("slow_dispatch", "Slow or missing dispatch", "发货慢或不发货", SELLER),
            *(Figures(days=30, threshold=20, least=20), "percent"),
        ),
        SignalRule(
            *("sku_cluster", "Claims clustered on one product", "同款商品集中售后", SELLER),
            Figures(days=30, threshold=5),
        ),
    )
}
LADDER = {"delist": 12, "freeze": 24}  # from so many points on it is proposed
POINTS_LAST = "180d"

# What a clock may not do for a buyer who is restricted: a person looks instead.
BARRED = {
    "no_auto_approval": frozenset({"approve"}),
    "manual_review": frozenset({"approve", "accept_return"}),
}


def by_clock(step: str, restrictions: Collection[str]) -> str:
    """Name what follows when a clock runs out against a buyer's restrictions."""
    barred = any(step in BARRED.get(kind, ()) for kind in restrictions)
    return "escalate" if barred else step


def grounds_about(role: str) -> list[str]:
    """Name what a buyer or a seller may be complained of by others."""
    return [row.key for row in GROUNDS.values() if role in row.about and not row.internal]


def restrictions_of(role: str) -> list[str]:
    """Name what a buyer or a seller may be restricted by, from the mildest on."""
    return [row.key for row in RESTRICTIONS.values() if role in row.about]


def kinds() -> list[tuple[str, str]]:
    """Name the kinds of penalties, for a column: no migration when a row is added."""
    return [(POINTS, "points"), *((row.key, row.en) for row in RESTRICTIONS.values())]
