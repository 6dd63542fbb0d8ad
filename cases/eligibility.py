"""What may be applied for of an order, what not and why; before anybody applies.

It asks the functions that the step `open` asks, with all free pieces of each line at once.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import get_language

from cases import applications, money
from cases.advice import advice
from cases.details import details_of
from cases.hints import charged_shown
from cases.promises import promised
from cases.reasons import REASONS, REMEDIES, SLOTS, Demand, Reason, Row
from cases.refusals import Refused
from cases.rulebook import cited

if TYPE_CHECKING:
    from cases.models import Case, OrderLine

Data = dict[str, Any]

NOTHING_AGAINST = {"code": None, "why": None, "detail": None, "rule": None}
# Why not, in words: by `why` of a refusal, or else by its code.
WHY = {
    row.key: row
    for row in (
        Row("wrong_stage", "It does not fit where the parcel is.", "与包裹当前状态不符。"),
        Row("window_closed", "The time to apply for it is over.", "已超过申请期限。"),
        Row("closed_kind", "It is not taken for goods of this kind.", "该类目商品不支持此原因。"),
        Row("excepted_goods", "These goods are excepted.", "该类商品不适用。"),
        Row("LIMIT_REACHED", "It was applied for too often.", "申请次数已达上限。"),
        Row("QUANTITY_TAKEN", "No piece is free.", "没有可申请的件数。"),
        Row("AMOUNT_TOO_HIGH", "Nothing is left to give back.", "没有可退的金额。"),
    )
}


def eligibility(case: "Case", twins: dict[UUID, list[Data]]) -> Data:
    """Answer for each line of an order, each reason and each of its remedies.

    :param case: in state `new`, with its facts and the actor who asks
    :param twins: of `cases.hints`: what was likely bought twice
    """
    facts = case.facts
    lines = sorted(facts.lines.values(), key=lambda line: line.ref)
    return {
        "order": facts.order.ref,
        "at": facts.at,
        "stage": facts.stage,
        "policy": {"name": facts.policy.name, "version": facts.policy.version},
        "advice": advice(case),
        "amounts": charged_shown(case),
        "reasons": [_reason(case, row) for row in REASONS.values()],
        "lines": [{**_line(case, line), "duplicates": twins[line.id]} for line in lines],
    }


def _label(row: Row) -> str:
    return row.label(get_language() or "en")


def _reason(case: "Case", row: Reason) -> Data:
    """Tell of a reason what holds for the whole order."""
    facts = case.facts
    order = facts.order
    freight = order.freight - order.freight_reserved - order.freight_refunded
    return {
        "reason": row.key,
        "label": _label(row),
        "closes_at": facts.window_closes_at(row.key, ()),
        "freight_payer": facts.freight_payer(row.key, ()),
        "freight_out": money.shown(freight * row.refunds_outbound_freight, order.currency),
        "remedies": [{"remedy": key, "label": _label(REMEDIES[key])} for key in row.remedies],
        "details": [
            {"detail": each.key, "label": _label(each), "evidence": _slots(each)}
            for each in details_of(row.key)
        ],
        "evidence": _slots(row),
    }


def _slots(row: Demand) -> list[Data]:
    return [
        {"slot": key, "label": _label(SLOTS[key]), "level": level, "kinds": SLOTS[key].kinds}
        for key, level in row.evidence.items()
    ]


def _of_kind(case: "Case", kind: str) -> Iterator[Data]:
    """Tell of the reasons for which goods of a kind have rules of their own."""
    facts = case.facts
    for reason in REASONS:
        rules = facts.policy.rules_of_kind(reason, kind)
        if rules:
            proof = facts.policy.proof(reason, kind)
            yield {
                "reason": reason,
                "closes_at": facts.window_closes_at(reason, [kind]),
                "freight_payer": facts.freight_payer(reason, [kind]),
                "evidence": _slots(proof) if proof is not None else [],
                "rules": [cited(facts.policy, path) for path in rules],
            }


def _line(case: "Case", line: "OrderLine") -> Data:
    facts = case.facts
    free = line.quantity - line.claimed
    return {
        "line": line.ref,
        "sku": line.sku,
        "title": line.title,
        "category": line.category,
        "quantity": line.quantity,
        "free": free,
        "applications_left": max(0, line.tries_left("applications", facts.policy.limits)),
        "promises": promised(facts.policy, line.category, line.flags),
        "reasons": list(_of_kind(case, line.category)),
        "choices": [
            _choice(case, line, reason, remedy, free)
            for reason, row in REASONS.items()
            for remedy in row.remedies
        ],
    }


def _choice(case, line, reason, remedy, free):
    """Try one reason and remedy with all pieces that are free."""
    facts = case.facts
    is_compensation = REMEDIES[remedy].pays == "compensation"
    least = min(1, facts.compensation_cap) or 1  # a cap of nothing is exceeded by anything
    item = {"line": line.id, "quantity": max(free, 1), "amount": None}
    told: Data = {"reason": reason, "remedy": remedy, "eligible": False, "most": None}
    try:
        applications.check_reason(case, reason, remedy, [item])
        [want] = applications.check_goods(
            case, "open", reason, remedy, [item], least * is_compensation
        )
    except Refused as refusal:
        return {**told, **_why_not(case, refusal)}
    most = facts.compensation_cap if is_compensation else want["amount"] or want["worth"]
    shown = money.shown(most, facts.order.currency)
    return {**told, "eligible": True, "most": shown, **NOTHING_AGAINST}


def _why_not(case: "Case", refusal: Refused) -> Data:
    why = refusal.details.get("why", refusal.code)
    rule = cited(case.facts.policy, refusal.rule) if refusal.rule else None
    return {"code": refusal.code, "why": why, "detail": _label(WHY[why]), "rule": rule}
