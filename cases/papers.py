"""The papers of a dispute: docket entry, requests, proposals, bids, rulings, appeals."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import terms
from cases.money import split
from cases.reasons import SLOTS
from cases.refusals import AmountTooHigh, BadTerms, ContentChanged, NotIndependent
from cases.roles import PARTIES, Role
from cases.terms import Terms

if TYPE_CHECKING:
    from cases.models import Case, Dispute

BOTH = [str(side) for side in PARTIES]
BEARERS = (*BOTH, "platform", "carrier")  # of fault


# The docket


def begin(dispute: "Dispute") -> None:
    """A round begins: back to the first instance, into the docket by rank."""
    facts = dispute.facts
    facts.case.mediation_rounds += 1
    dispute.round, dispute.instance, dispute.rulings = dispute.round + 1, 1, 0
    dispute.opened_at, dispute.ended_at, dispute.overdue = facts.at, None, False
    dispute.waiting, dispute.appealed = [], []
    entry = facts.docket
    entry.skill = facts.case.reason
    entry.senior = entry.supervisor = False
    enqueue(dispute, facts.due("ruling"))


def enqueue(dispute: "Dispute", ruling_due: datetime) -> None:
    """Rank the dispute: the moment its ruling is due, less the hours of each named bonus."""
    facts = dispute.facts
    entry = facts.docket
    entry.terms = facts.bonuses()
    entry.rank_at = ruling_due - timedelta(hours=sum(entry.terms.values()))
    put_back(dispute)


def put_back(dispute: "Dispute") -> None:
    """Back into the docket, where it stood."""
    entry = dispute.facts.docket
    entry.waiting, entry.holder, entry.lease, entry.lease_until = True, "", None, None
    dispute.facts.touch(entry)


def hold(dispute: "Dispute", mediator: str, lease: UUID, until: datetime) -> None:
    """A mediator holds the dispute on a lease."""
    entry = dispute.facts.docket
    entry.waiting, entry.holder, entry.lease, entry.lease_until = False, mediator, lease, until
    entry.supervisor = False
    dispute.claims += 1
    dispute.facts.touch(entry)


def assign(dispute: "Dispute", mediator: str, lease: UUID, until: datetime) -> None:
    """A supervisor chooses who holds the dispute.

    :raises NotIndependent: the mediator has decided it before
    """
    if mediator in dispute.facts.docket.excluded:
        raise NotIndependent("This mediator has decided the dispute before.")
    hold(dispute, mediator, lease, until)
    dispute.facts.tell(mediator=mediator)


def overdue(dispute: "Dispute") -> None:
    """The platform is late: into the supervisor's queue; if it is the ruling, both sides see it."""
    dispute.facts.docket.supervisor = True
    dispute.facts.touch(dispute.facts.docket)
    if dispute.facts.fired == "ruling":
        dispute.overdue = True


def leave(dispute: "Dispute", how: str) -> None:
    """The dispute is over; nobody waits for a ruling any more."""
    facts = dispute.facts
    entry = facts.docket
    entry.waiting = entry.supervisor = False
    entry.holder, entry.lease, entry.lease_until = "", None, None
    facts.touch(entry)
    for paper, state in ((facts.proposal, "lapsed"), (facts.ruling, "void")):
        if paper is not None and paper.state in {"open", "draft", "live"}:
            paper.state = state
            facts.touch(paper)
    facts.proposal = facts.ruling = None
    dispute.waiting, dispute.ended_at = [], facts.at
    facts.tell(dispute=how)


# Evidence


def ask(dispute: "Dispute", requests: dict[str, list[str]], statement: UUID) -> None:
    """Ask one side or both for named items.

    :param requests: side → evidence slots, at least one
    :raises BadTerms: nobody is asked, or for something that does not exist
    """
    facts = dispute.facts
    asked = [side for side in BOTH if requests.get(side)]
    if not asked or not requests.keys() <= set(BOTH):
        raise BadTerms("Ask the buyer, the seller or both for something.")
    if unknown := {slot for side in asked for slot in requests[side]} - SLOTS.keys():
        raise BadTerms("There is no such evidence.", slots=sorted(unknown))
    dispute.evidence_rounds += 1
    dispute.waiting = asked
    for side in dispute.waiting:
        request = facts.new(
            "EvidenceRequest",
            case_id=facts.case.id,
            round=dispute.evidence_rounds,
            side=side,
            items=list(requests[side]),
            statement_id=statement,
            asked_at=facts.at,
        )
        facts.requests.append(request)
    facts.tell(asked=requests, statement=statement)


def hand_in(dispute: "Dispute", side: str, statement: UUID | None) -> str:
    """Seal one side's part of the round; with the last one the review goes on."""
    facts = dispute.facts
    for request in facts.requests:
        if request.side == side and request.sealed_at is None:
            request.sealed_at, request.handed_in = facts.at, statement is not None
            facts.touch(request)
    dispute.waiting = [waiting for waiting in dispute.waiting if waiting != side]
    facts.stop_clock("evidence", side)
    facts.tell(side=side, seal=facts.seal(side), statement=statement)
    return "gathering" if dispute.waiting else "in_review"


# Proposals and bids


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


# Rulings


def rule(dispute: "Dispute", content: dict[str, Any], statement: UUID) -> str:
    """Decide. Above the policy's amount, cumulative per order, a second mediator looks first.

    :raises BadTerms: the terms do not add up, fault is not 100 in all, or no rule is cited
    """
    facts = dispute.facts
    agreed = terms.check(facts.case, content, ruling=True)
    _check_reasons(content)
    text = canonical(
        agreed.as_payload()
        | {"fault": content["fault"], "rule": content["rule"], "statement": str(statement)}
        | {"evidence": [str(each) for each in content["evidence"]]}
    )
    amount = agreed.total
    dispute.rulings += 1
    if facts.ruling is not None:  # the second instance replaces the first
        facts.ruling.state = "replaced"
        facts.touch(facts.ruling)
    facts.ruling = facts.new(
        "Ruling",
        case_id=facts.case.id,
        round=dispute.round,
        instance=dispute.instance,
        content=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        statement_id=statement,
        ruled_by=facts.actor.person,
        ruled_at=facts.at,
        amount=amount,
        state="draft",
    )
    facts.tell(ruling=facts.ruling.id, sha256=facts.ruling.sha256, statement=statement)
    if facts.needs_approval(amount):
        return "awaiting_approval"
    return _publish(dispute)


def _check_reasons(content):
    shares = content["fault"]
    if not shares.keys() <= set(BEARERS) or min(shares.values(), default=-1) < 0:
        raise BadTerms("Fault is borne by the buyer, the seller, the platform or the carrier.")
    if sum(shares.values()) != 100:  # noqa: PLR2004 -- percent
        raise BadTerms("The shares of fault sum to 100.")
    if not content["rule"]:
        raise BadTerms("Cite the rule.")


def canonical(content: dict[str, Any]) -> str:
    """Write JSON in one way only: RFC 8785, as our values are texts, integers and booleans.

    Ids become their text and moments ISO 8601.
    """
    return ENCODER.encode(content)


def _plain(value: UUID | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)


def approve(dispute: "Dispute", sha256: str) -> str:
    """A second mediator approves.

    :raises ContentChanged: the hash is not that of the ruling as it stands
    """
    facts = dispute.facts
    if sha256 != facts.ruling.sha256:
        raise ContentChanged("The ruling is not the one that was shown.")
    facts.ruling.approved_by, facts.ruling.approved_at = facts.actor.person, facts.at
    return _publish(dispute)


def _publish(dispute):
    facts = dispute.facts
    ruling, entry = facts.ruling, facts.docket
    facts.touch(ruling)
    facts.tell(ruling=ruling.id, sha256=ruling.sha256, **_terms_of(ruling).as_payload())
    entry.excluded = sorted({*entry.excluded, ruling.ruled_by})
    if dispute.instance == 1 and facts.policy.appeal and facts.policy.limits.appeals_per_side:
        ruling.state = "live"
        dispute.waiting = list(BOTH)
        entry.waiting, entry.holder, entry.lease, entry.lease_until = False, "", None, None
        facts.touch(entry)
        return "ruled"
    return _make_final(dispute)


def _make_final(dispute):
    facts = dispute.facts
    ruling = facts.ruling
    facts.decided = _terms_of(ruling)
    facts.tell(ruling=ruling.id, **facts.decided.as_payload())
    leave(dispute, "final")
    ruling.state = "final"
    facts.touch(ruling)
    return "final"


def _terms_of(ruling):
    return terms.read(json.loads(ruling.content))


def send_back(dispute: "Dispute", statement: UUID) -> None:
    """A second mediator does not approve."""
    facts = dispute.facts
    facts.ruling.state = "void"
    facts.touch(facts.ruling)
    facts.tell(ruling=facts.ruling.id, statement=statement)
    facts.ruling = None


# Appeals


def appeal(dispute: "Dispute", statement: UUID) -> None:
    """The ruling goes to a senior mediator who has not decided it before."""
    facts = dispute.facts
    side = facts.actor.role
    facts.new(
        "Appeal",
        case_id=facts.case.id,
        ruling_id=facts.ruling.id,
        side=side,
        statement_id=statement,
        appealed_at=facts.at,
    )
    facts.tell(ruling=facts.ruling.id, side=side, statement=statement)
    joins = bool(dispute.appealed)
    dispute.appealed = [*dispute.appealed, str(side)]
    if joins:
        _tell_due(facts, "ruling")
        return
    dispute.instance, dispute.rulings, dispute.waiting = 2, 0, []
    facts.docket.senior = True
    enqueue(dispute, facts.due("ruling", variant="appealed"))


def waive(dispute: "Dispute", side: str) -> str:
    """A side will not appeal, or let the time pass; with both the ruling is final."""
    dispute.waiting = [waiting for waiting in dispute.waiting if waiting != side]
    dispute.facts.stop_clock("appeal", side)
    dispute.facts.tell(side=side)
    _tell_due(dispute.facts, "appeal")
    return "ruled" if dispute.waiting else _make_final(dispute)


def _tell_due(facts, name):
    """Say until when a clock that goes on still runs."""
    facts.tell(due_at=next((clock.due_at for clock in facts.clocks if clock.name == name), None))
