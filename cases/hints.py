"""What the record says about a claim before anybody judges it: goods bought twice, money charged.

A hint decides nothing. It stands beside the case, for both sides and the mediator to see.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import get_language

from cases import money
from cases.models import Order, OrderLine, Payment
from cases.reasons import REASONS, REMEDIES, Row

if TYPE_CHECKING:
    from cases.models import Case

Data = dict[str, Any]

HINTS = {
    row.key: row
    for row in (
        Row(
            "bought_twice",
            "The same goods were bought twice within a short time.",
            "短时间内重复购买同一商品。",
        ),
        Row("bought_once", "No second purchase was found.", "未发现重复购买。"),
        Row(
            "overcharged",
            "The payments exceed the goods and the freight by as much.",
            "实付金额超出应付金额，与申请相符。",
        ),
        Row(
            "charged_right",
            "The payments do not exceed goods and freight by as much.",
            "实付金额未超出应付金额至申请的数额。",
        ),
        Row(
            "promise_missed",
            "It did not come by the promised time; the seller must propose a solution.",
            "未在承诺时间内送达，卖家须提出解决方案。",
        ),
        Row(
            "promise_kept", "The promised time is not over, or was kept.", "未超过承诺的送达时间。"
        ),
        Row("no_promise", "The order names no promised time.", "订单未约定送达时间。"),
    )
}


def hints(case: "Case") -> list[Data]:
    """Give the hints on a case; most reasons have none.

    :param case: with its facts
    """
    make = OF_REASON.get(case.reason)
    return [] if make is None else [make(case)]


def twins(order: Order, lines: Collection[OrderLine], hours: int) -> dict[UUID, list[Data]]:
    """Find what was likely bought twice: same buyer, seller and SKU, so many hours apart at most.

    One query for all lines; other lines of the same order count as well.
    """
    span = timedelta(hours=hours)
    by_sku: dict[str, list[OrderLine]] = defaultdict(list)
    for other in _bought(order, {line.sku for line in lines}, span) if hours else ():
        by_sku[other.sku].append(other)
    return {
        line.id: [
            {"order": o.order.ref, "line": o.ref, "quantity": o.quantity}
            | {"placed_at": o.order.placed_at}
            for o in by_sku[line.sku]
            if o.id != line.id
        ]
        for line in lines
    }


def _bought(order, skus, span):
    near = (order.placed_at - span, order.placed_at + span)
    of_both = OrderLine.objects.filter(
        order__buyer=order.buyer_id, order__seller=order.seller_id, order__placed_at__range=near
    )
    return of_both.filter(sku__in=skus).select_related("order").order_by("order__placed_at", "id")


def charged(order: Order, lines: Collection[OrderLine], payments: Collection[Payment]) -> Data:
    """Compare what was captured with what the goods and their freight cost; minor units."""
    captured = sum(payment.amount for payment in payments)
    owed = sum(line.paid for line in lines) + order.freight
    return {"charged": captured, "owed": owed, "difference": captured - owed}


def charged_shown(case: "Case") -> Data:
    """Show the comparison for the order of a case, as decimals."""
    facts = case.facts
    told = charged(facts.order, facts.lines.values(), facts.payments)
    return {name: money.shown(amount, facts.order.currency) for name, amount in told.items()}


def _hint(key: str, **more: Any) -> Data:
    return {"hint": key, "label": HINTS[key].label(get_language() or "en"), **more}


def _of_duplicate(case):
    facts = case.facts
    lines = [item.line for item in facts.items]
    found = twins(facts.order, lines, facts.policy.duplicate_hours)
    refs = {line.id: line.ref for line in lines}
    pairs = [{"of": refs[line], **twin} for line, others in found.items() for twin in others]
    return _hint("bought_twice" if pairs else "bought_once", duplicates=pairs)


def _of_amount(case):
    facts = case.facts
    told = charged(facts.order, facts.lines.values(), facts.payments)
    is_explained = case.amount <= told["difference"]
    return _hint("overcharged" if is_explained else "charged_right", **charged_shown(case))


def _of_promise(case):
    """Compare when it came with when it should have, and name what the seller may propose."""
    order, at = case.facts.order, case.facts.at
    promised, arrived = order.promised_at, order.delivered_at
    key = "no_promise"
    if promised is not None:
        key = "promise_missed" if (arrived or at) > promised else "promise_kept"
    language = get_language() or "en"
    return _hint(
        key,
        promised_at=promised,
        shipped_at=order.shipped_at,
        delivered_at=arrived,
        propose=[
            {"remedy": remedy, "label": REMEDIES[remedy].label(language)}
            for remedy in REASONS[case.reason].remedies * (key == "promise_missed")
        ],
    )


OF_REASON: dict[str, Callable[["Case"], Data]] = {
    "duplicate": _of_duplicate,
    "abnormal_amount": _of_amount,
    **{key: _of_promise for key, row in REASONS.items() if row.window_from == "promised"},
}
