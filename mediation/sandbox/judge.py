"""The mediator of a sandbox: rules and decides as it is told, by the same steps as any other."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cases.actors import Actor
from cases.complaint_terms import S
from cases.models import Case, Complaint, Docket, Ruling
from cases.refusals import BadTerms, NotNow, Refused
from cases.roles import Role
from mediation.complaints import stepping as complaints
from mediation.complaints import writer
from mediation.stepping import LEASE, Taken
from mediation.steps import Wish, take

Clockwork = Callable[[], datetime]
DECIDED_BY = {str(S.UPHELD): "uphold", str(S.DISMISSED): "dismiss"}  # verdict → step


def decide(case: Case, content: dict[str, Any], clock: Clockwork) -> Taken:
    """Take a dispute up and rule; where a second mediator must look, one does and approves.

    :param content: what the step `rule` asks for, but for the rule and the evidence it cites
    :raises Refused: what refused it; a dispute that was taken up stays so
    """
    holder, lease = _take_up(case, clock)
    told = {"rule": "sandbox", "evidence": [], **content}
    taken = _does(case, "rule", holder, clock, told, lease=lease)
    if taken.case.facts.dispute.state == "awaiting_approval":
        ruling = Ruling.objects.get(case=case, state="draft")
        return _does(case, "approve_ruling", f"{holder}-second", clock, {"sha256": ruling.sha256})
    return taken


def decide_complaint(
    found: Complaint, verdict: str, content: dict[str, Any], clock: Clockwork
) -> complaints.Taken:
    """Take a complaint up and decide it; an appeal is confirmed or reversed by somebody else.

    :param verdict: upheld or dismissed, in either instance
    :param content: `statement`, and `restrictions` if any
    :raises Refused: what refused it; a complaint that was taken up stays so
    """
    at = clock()
    if found.state == S.OPEN and (found.due_at is None or found.due_at > at):
        raise NotNow("The accused is being heard: let it answer, or let time pass.")
    holder = found.holder if found.lease_until and found.lease_until > at else ""
    if not holder:
        holder = f"sandbox-{found.sequence + 1}"  # never who has decided it before
        found = _moves(found, "claim", holder, clock, {"until": at + LEASE}).complaint
    step = DECIDED_BY[verdict]
    if found.state == S.APPEALED:
        step = "confirm" if found.verdict == verdict else "reverse"
    if step == "confirm" and "restrictions" in content:
        raise BadTerms("What is confirmed restricts as it did.")
    return _moves(found, step, holder, clock, content)


def _moves(found, step, person, clock, inputs):
    wish = writer.Wish(complaint_id=found.pk, step=step, by=_senior(found, person), inputs=inputs)
    answer = writer.take(wish, clock=clock)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _take_up(case: Case, clock: Clockwork) -> tuple[str, UUID]:
    entry = Docket.objects.select_related("case__dispute").filter(case=case).first()
    if entry is None:
        raise NotNow("The case has never been in mediation.")
    at = clock()
    if entry.lease and entry.lease_until is not None and entry.lease_until > at:
        return entry.holder, entry.lease
    holder, lease = f"sandbox-{entry.case.dispute.claims + 1}", uuid4()
    inputs = {"lease": lease, "until": at + LEASE}
    _does(case, "claim", holder, clock, inputs)
    return holder, lease


def _does(case, step, person, clock, inputs, *, lease=None):
    wish = Wish(case_id=case.pk, step=step, by=_senior(case, person), inputs=inputs, lease=lease)
    [answer] = take([wish], clock=clock)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _senior(of, person):
    return Actor(role=str(Role.SENIOR), marketplace_id=of.marketplace_id, person=person)
