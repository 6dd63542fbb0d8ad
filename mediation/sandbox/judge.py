"""The mediator of a sandbox: rules as it is told, by the same steps as any other."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cases.actors import Actor
from cases.models import Case, Docket, Ruling
from cases.refusals import NotNow, Refused
from cases.roles import Role
from mediation.stepping import LEASE, Taken
from mediation.steps import Wish, take

Clockwork = Callable[[], datetime]


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
    by = Actor(role=str(Role.SENIOR), marketplace_id=case.marketplace_id, person=person)
    wish = Wish(case_id=case.pk, step=step, by=by, inputs=inputs, lease=lease)
    [answer] = take([wish], clock=clock)
    if isinstance(answer, Refused):
        raise answer
    return answer
