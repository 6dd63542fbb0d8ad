"""Refunds and compensations: instructed, paid, failed."""

from typing import TYPE_CHECKING
from uuid import UUID

from cases.refusals import NotNow

if TYPE_CHECKING:
    from cases.models import Case


def pay(case: "Case") -> None:
    """Instruct the refund: its parts go to the payments in the order of their capture."""
    facts = case.facts
    case.settled_by = ""
    if case.compensation:
        facts.refund = _refund(case, "compensation", case.compensation, case.compensation_payer)
        return
    total = sum(item.agreed for item in facts.items) + case.freight
    facts.refund = _refund(case, "refund", total, "")
    for payment in facts.payments:
        part = min(total, payment.amount - payment.given_back)
        if part > 0:
            facts.new("RefundPart", refund_id=facts.refund.id, payment_id=payment.id, amount=part)
            facts.give_back(payment, part)
            total -= part
    if total:
        raise RuntimeError("the payments of an order always cover its lines and its freight")


def _refund(case, kind, amount, payer):
    case.facts.tell(refund_amount=amount, refund_kind=kind)
    return case.facts.new(
        "Refund",
        case_id=case.id,
        event_id=case.facts.event_id,
        kind=kind,
        medium=case.medium,
        amount=amount,
        currency=case.currency,
        payer=payer,
        decided_at=case.facts.at,
    )


def paid(case: "Case", refund: UUID, state: str = "succeeded") -> None:
    """Turn reserved into refunded.

    :raises NotNow: it is not the refund that this case waits for
    """
    facts = case.facts
    _expect(case, refund)
    for item in facts.items:
        if item.agreed:
            facts.post(item.line, reserved=-item.agreed, refunded=item.agreed)
            item.advanced = item.agreed if case.advance_id == refund else 0
            item.refunded, item.agreed = item.refunded + item.agreed, 0
            facts.touch(item)
    if case.freight:
        facts.post(None, reserved=-case.freight, refunded=case.freight)
        case.freight_refunded, case.freight = case.freight_refunded + case.freight, 0
    facts.refund.state, facts.refund.settled_at = state, facts.at
    facts.touch(facts.refund)
    facts.tell(refund=refund, refund_amount=facts.refund.amount)


def failed(case: "Case", refund: UUID, code: str) -> None:
    """Note that the gateway could not pay.

    :raises NotNow: it is not the refund that this case waits for
    """
    _expect(case, refund)
    found = case.facts.refund
    found.code, found.failures = code, found.failures + 1
    case.facts.touch(found)
    case.facts.tell(
        refund=refund, refund_code=code, refund_amount=found.amount, failures=found.failures
    )


def _expect(case, refund):
    found = case.facts.refund
    if found is None or found.id != refund or found.state != "pending":
        raise NotNow("The case does not wait for this refund.")
