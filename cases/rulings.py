"""Rulings: written, approved, made final; and the appeals against them."""

import hashlib
import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import advances, terms
from cases.canonical import canonical
from cases.papers import BOTH, enqueue, leave
from cases.refusals import BadTerms, ContentChanged

if TYPE_CHECKING:
    from cases.models import Dispute

BEARERS = (*BOTH, "platform", "carrier")  # of fault


def rule(dispute: "Dispute", content: dict[str, Any], statement: UUID) -> str:
    """Decide. Above the policy's amount, cumulative per order, a second mediator looks first.

    :raises BadTerms: the terms do not add up, fault is not 100 in all, or no rule is cited
    """
    facts = dispute.facts
    agreed = terms.check(facts.case, content, ruling=True)
    _check_reasons(content)
    advances.check(facts.case, agreed)
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
    entry.excluded = sorted({*entry.excluded, ruling.ruled_by, ruling.approved_by} - {""})
    if dispute.instance == 1 and facts.policy.appeal and facts.policy.limits.appeals_per_side:
        ruling.state = "live"
        dispute.waiting = list(BOTH)
        entry.waiting, entry.holder, entry.lease, entry.lease_until = False, "", None, None
        facts.touch(entry)
        advances.give(facts.case, _terms_of(ruling))
        return "ruled"
    return _make_final(dispute)


def _make_final(dispute):
    facts = dispute.facts
    ruling = facts.ruling
    facts.decided, facts.fault = _terms_of(ruling), json.loads(ruling.content)["fault"]
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
