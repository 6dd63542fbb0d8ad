"""What happens to the money outside: cancelled orders, refunds by others, the bank."""

from typing import TYPE_CHECKING
from uuid import UUID

from cases import terms
from cases.refusals import AmountTooHigh, NotEligible, NotNow
from cases.settlement import close, unreserve

if TYPE_CHECKING:
    from cases.models import Case


def cancelled(case: "Case", outcome: str = "order_cancelled") -> None:
    """Everything was given back outside."""
    unreserve(case)
    for item in case.facts.items:
        if item.line.left:
            case.facts.post(item.line, outside=item.line.left)
    close(case, outcome)


def given_back(case: "Case", line_id: UUID, amount: int) -> str:
    """Note money given back outside and tell the state that follows.

    :raises NotEligible: the line is not part of this case
    :raises AmountTooHigh: more than is left of the line
    """
    item = next((i for i in case.facts.items if i.line_id == line_id), None)
    if item is None:
        raise NotEligible("The line is not part of this case.", line=line_id)
    most = item.line.left + item.agreed
    if not 0 < amount <= most:
        raise AmountTooHigh("More than is left of the line.", line=line_id, most=most)
    was_agreed = any(item.agreed for item in case.facts.items)
    cut = max(0, amount - item.line.left)
    case.facts.post(item.line, outside=amount, reserved=-cut)
    item.agreed -= cut
    case.facts.touch(item)
    case.facts.tell(line=line_id, amount=amount)
    left = [i.agreed if was_agreed else terms.most(i) for i in case.facts.items]
    case.amount = min(case.amount, sum(left))
    if any(left):
        return case.state
    close(case, "refunded_outside")
    return "closed"


def hold(case: "Case") -> None:
    """A chargeback holds the case."""
    case.held, case.chargebacks = True, case.chargebacks + 1


def let_go(case: "Case", *, lost: bool) -> str:
    """The chargeback is over; money that went back through the bank is gone from here.

    :raises NotNow: the gateway is paying at this moment
    """
    if lost and (case.state == "refunding" or case.advance_id is not None):
        raise NotNow("A refund is on its way; settle it first.")
    case.held = False
    if not lost:
        return case.state
    cancelled(case, "charged_back")
    return "closed"
