"""What an agreement, a ruling or a lapse does to the pieces and the money of a case.

Agreement reserves, payment turns reserved into refunded, lapse and withdrawal release. Each
change of a counter is a posting; the database adds them up and refuses what does not fit.
"""

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from cases import offers, parcels, terms
from cases.applications import release_pieces
from cases.payments import paid, pay
from cases.reasons import DELIVERED, REASONS, REMEDIES
from cases.refusals import NotYourStep
from cases.roles import Role
from cases.terms import Terms

if TYPE_CHECKING:
    from cases.models import Case

# Agreement


def agree_as_asked(case: "Case", *, remedy: str = "") -> str:
    """Agree to the application as it stands, or to another remedy that the policy names.

    :raises BadTerms: nothing is left to give
    :raises NotYourStep: a person names another remedy; that is an offer
    """
    facts = case.facts
    if remedy and facts.actor.role != Role.CLOCK:
        raise NotYourStep("Another remedy than the one applied for is an offer.")
    if not remedy or not _may_turn_into(case, remedy):
        remedy = facts.application.remedy
    pays = REMEDIES[remedy].pays
    content = {
        "remedy": remedy,
        "amounts": terms.asked_for(case) if pays == "refund" else {},
        "compensation": case.compensation if pays == "compensation" else 0,
        "medium": case.medium if pays == "compensation" else terms.MONEY,
    }
    state = agree(case, terms.check(case, content), answer="approved")
    offers.end_all(case, "lapsed")
    return state


def _may_turn_into(case, remedy):
    """No small compensation becomes a whole refund; nothing is sent back that has not come."""
    asked, turned = REMEDIES[case.facts.application.remedy], REMEDIES[remedy]
    return asked.pays != "compensation" and (not turned.returns or case.facts.stage == DELIVERED)


def agree(case: "Case", agreed: Terms, *, answer: str) -> str:
    """Reserve the money and tell the state that follows from the remedy."""
    facts = case.facts
    unreserve(case)
    for item in facts.items:
        _reserve(case, item, agreed.amounts.get(item.line_id, 0))
    case.remedy, case.freight_payer = agreed.remedy, agreed.freight_payer
    case.compensation, case.compensation_payer = agreed.compensation, agreed.payer
    case.medium = agreed.medium
    case.amount = agreed.total or case.amount
    if agreed.pays == "refund":
        _reserve_freight(case, agreed.freight_out)
    if facts.application.answer == "":
        facts.application.answer, facts.application.answered_at = answer, facts.at
        facts.application.answered_by = str(facts.actor.role)
        facts.touch(facts.application)
    facts.tell(**agreed.as_payload(), freight=case.freight)
    if REMEDIES[agreed.remedy].returns and not facts.goods_are_coming:
        return "awaiting_return"
    return after_return(case)


def _reserve(case, item, amount):
    if amount:
        case.facts.post(item.line, reserved=amount)
        item.agreed = amount
        case.facts.touch(item)


def _reserve_freight(case, wanted):
    """Outbound freight goes back once: with the last line, or when the fault is another's."""
    order, facts = case.facts.order, case.facts
    left = order.freight - order.freight_reserved - order.freight_refunded
    is_the_last = not any(line.left for line in facts.lines.values())
    if wanted is None:
        wanted = REASONS[case.reason].refunds_outbound_freight or is_the_last
    if wanted and left > 0:
        facts.post(None, reserved=left)
        case.freight = left


def unreserve(case: "Case") -> None:
    """Let reserved money go."""
    for item in case.facts.items:
        if item.agreed:
            case.facts.post(item.line, reserved=-item.agreed)
            item.agreed = 0
            case.facts.touch(item)
    if case.freight:
        case.facts.post(None, reserved=-case.freight)
        case.freight = 0


def after_return(case: "Case") -> str:
    """The goods are back: pay, or owe the replacement."""
    if REMEDIES[case.remedy].sends:
        return "awaiting_replacement"
    pay(case)
    return "refunding"


def turn_into_refund(case: "Case") -> None:
    """Nothing can be sent: refund what the pieces are worth."""
    amounts = {item.line_id: terms.most(item) for item in case.facts.items}
    agree(case, terms.check(case, {"remedy": "refund_only", "amounts": amounts}), answer="approved")


def enforce(case: "Case", decided: Terms) -> str:
    """Carry out what a dispute decided and tell the state that follows.

    What was given back outside in the meantime is not given again.
    """
    case.final = case.facts.dispute.state == "final"
    if decided.remedy == terms.NOTHING:
        close(case, "ruled_for_seller")
        return "closed"
    if decided.remedy == terms.SEND_BACK:
        unreserve(case)
        case.remedy = terms.SEND_BACK
        return "awaiting_replacement"
    most = {item.line_id: terms.most(item) for item in case.facts.items}
    left = {line: min(amount, most[line]) for line, amount in decided.amounts.items()}
    if decided.pays == "refund" and not any(left.values()):
        close(case, "refunded_outside")
        return "closed"
    return agree(case, replace(decided, amounts=left), answer="decided")


# Ends and turns


def close(case: "Case", outcome: str) -> None:
    """End the case without giving anything: pieces and money are free again."""
    offers.end_all(case, "lapsed")
    parcels.end_all(case)
    unreserve(case)
    release_pieces(case)
    case.outcome, case.ended_at = outcome, case.facts.at
    case.facts.tell(outcome=outcome)


def complete(case: "Case", outcome: str) -> None:
    """End the case with what was owed given; pieces not paid back may be claimed again."""
    parcels.end_all(case)
    release_pieces(case)
    case.held = False  # a chargeback is no longer this case's business
    case.outcome, case.ended_at = outcome, case.facts.at
    case.facts.tell(outcome=outcome)


def again(case: "Case", statement: UUID) -> None:
    """Take an ended case up again."""
    facts = case.facts
    for item in facts.items:
        if not item.claims:
            facts.post(item.line, claimed=item.quantity)
            item.claims = True
            facts.touch(item)
    case.back_to, case.outcome, case.ended_at = "", "", None
    facts.tell(statement=statement)


def by_hand(case: "Case") -> bool:
    """The first supervisor notes it; with the second one it is paid."""
    if not case.settled_by:
        case.settled_by = case.facts.actor.person
        return False
    paid(case, case.facts.refund.id, "by_hand")
    return True
