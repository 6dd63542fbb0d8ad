"""The papers of a dispute: its docket entry, and the evidence that is asked for."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from cases import durations
from cases.reasons import REASONS, SLOTS
from cases.refusals import BadTerms, NotIndependent
from cases.roles import PARTIES

if TYPE_CHECKING:
    from cases.models import Dispute

BOTH = [str(side) for side in PARTIES]
HOURS = (24, 168)  # that a mediator may give for evidence
FARTHEST = 720  # hours by which a supervisor may move a dispute in the docket


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


def alarm(dispute: "Dispute") -> None:
    """Into the supervisor's queue as well."""
    dispute.facts.docket.supervisor = True
    dispute.facts.touch(dispute.facts.docket)


def triage(dispute: "Dispute", hours: int, skill: str, language: str, statement: UUID) -> None:
    """Rank the dispute ahead, or behind, by so many hours in all, and give it another lane.

    :raises BadTerms: too many hours, no such reason, or all is as it was
    """
    facts = dispute.facts
    entry = facts.docket
    was = entry.terms.get("supervisor", 0)
    if (hours, skill, language) == (was, entry.skill, entry.language):
        raise BadTerms("The dispute stands there already.")
    if abs(hours) > FARTHEST or skill not in REASONS or not language:
        raise BadTerms("There is no such place in the docket.")
    facts.tell(hours=hours, skill=skill, language=language, statement=statement)
    facts.tell(hours_before=was, skill_before=entry.skill, language_before=entry.language)
    entry.rank_at += timedelta(hours=was - hours)
    others = {term: bonus for term, bonus in entry.terms.items() if term != "supervisor"}
    entry.terms = others | ({"supervisor": hours} if hours else {})
    entry.skill, entry.language = skill, language
    facts.touch(entry)


def overdue(dispute: "Dispute") -> None:
    """The platform is late: into the supervisor's queue; if it is the ruling, both sides see it."""
    alarm(dispute)
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


def ask(
    dispute: "Dispute",
    requests: dict[str, list[str]],
    statement: UUID,
    hours: int | None = None,
) -> None:
    """Ask one side or both for named items.

    :param requests: side → evidence slots, at least one
    :param hours: that each side has, within HOURS; None: as the policy says
    :raises BadTerms: nobody is asked, or for something that does not exist, or for too long
    """
    facts = dispute.facts
    if hours is not None and not HOURS[0] <= hours <= HOURS[1]:
        raise BadTerms("Give each side a day at least and a week at most.", hours=hours)
    asked = [side for side in BOTH if requests.get(side)]
    if not asked or not requests.keys() <= set(BOTH):
        raise BadTerms("Ask the buyer, the seller or both for something.")
    if unknown := {slot for side in asked for slot in requests[side]} - SLOTS.keys():
        raise BadTerms("There is no such evidence.", slots=sorted(unknown))
    if hours is not None:
        facts.lengths["evidence"] = durations.parse(f"{hours}h")
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
    facts.tell(asked=requests, statement=statement, hours=hours)


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
