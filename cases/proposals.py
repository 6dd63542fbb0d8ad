"""A mediator's proposals to both sides, and the sealed bids of the sides."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import terms
from cases.money import split
from cases.papers import BOTH, leave
from cases.refusals import AmountTooHigh, ContentChanged
from cases.roles import Role
from cases.terms import Terms

if TYPE_CHECKING:
    from cases.models import Case, Dispute


def propose(dispute: "Dispute", content: dict[str, Any], statement: UUID) -> None:
    """Propose terms to both sides."""
    facts = dispute.facts
    proposed = terms.check(facts.case, content)
    dispute.proposals += 1
    dispute.waiting = list(BOTH)
    facts.proposal = facts.new(
        "Proposal",
        case_id=facts.case.id,
        number=dispute.proposals,
        content=proposed.as_payload(),
        made_by=facts.actor.person,
        statement_id=statement,
        made_at=facts.at,
    )
    facts.tell(proposal=facts.proposal.id, statement=statement, **proposed.as_payload())


def _open_proposal(dispute, proposal):
    found = dispute.facts.proposal
    if found is None or found.id != proposal:
        raise ContentChanged("Another proposal stands now.")
    return found


def accept(dispute: "Dispute", proposal: UUID) -> str:
    """Note that a side accepts; with both, the terms are enforced."""
    facts = dispute.facts
    found = _open_proposal(dispute, proposal)
    agreed = terms.check(facts.case, vars(terms.read(found.content)))
    dispute.waiting = [side for side in dispute.waiting if side != facts.actor.role]
    facts.stop_clock("proposal", facts.actor.role)
    facts.tell(proposal=found.id, **agreed.as_payload())
    if dispute.waiting:
        return "proposed"
    found.state = "accepted"
    facts.touch(found)
    return _settle(dispute, agreed)


def _settle(dispute: "Dispute", agreed: Terms) -> str:
    dispute.facts.decided = agreed
    leave(dispute, "settled")
    return "settled"


def end_proposal(dispute: "Dispute", state: str, proposal: UUID | None = None) -> None:
    """A side declined, or did not answer."""
    facts = dispute.facts
    found = facts.proposal if proposal is None else _open_proposal(dispute, proposal)
    found.state = state
    facts.touch(found)
    dispute.waiting = []
    facts.tell(proposal=found.id)
    facts.proposal = None


def bid(dispute: "Dispute", amount: int) -> str:
    """Keep a sealed bid. If the seller pays at least what the buyer takes: the midpoint, down.

    :raises AmountTooHigh: more than the goods are worth
    """
    facts = dispute.facts
    most = sum(terms.most(item) for item in facts.items)
    if not 0 < amount <= most:
        raise AmountTooHigh("More than the goods are worth.", most=most)
    side = facts.actor.role
    bids = {**facts.bids, side: amount}
    facts.new("Bid", case_id=facts.case.id, side=side, amount=amount, made_at=facts.at)
    facts.bids = bids
    if len(bids) < len(BOTH) or bids[Role.SELLER] < bids[Role.BUYER]:
        return dispute.state  # nothing is revealed
    middle = min((bids[Role.SELLER] + bids[Role.BUYER]) // 2, most)  # it may be less by now
    facts.tell(settled_at=middle)
    return _settle(dispute, _refund_of(facts.case, middle))


def _refund_of(case: "Case", total: int) -> Terms:
    amounts = split(total, {item.line_id: terms.most(item) for item in case.facts.items})
    return terms.check(case, {"remedy": "refund_only", "amounts": amounts})
