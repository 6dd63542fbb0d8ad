"""How a complaint is seen over HTTP, and how a command to it is answered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases import complaint_inputs, schemas
from cases.actors import Actor
from cases.complaint_actions import available
from cases.complaint_terms import TERMS, side_of, waits_on
from cases.models import Complaint
from cases.refusals import Refused
from cases.serializers.complaints import API, ComplaintReceipt
from mediation import commands, errors
from mediation.complaints.looking import stand
from mediation.complaints.stepping import Taken
from mediation.complaints.writer import Wish, take
from mediation.idempotency import Stored

JOINED = ("accused", "reporter")


def seen(actor: Actor, complaint_id: UUID) -> Complaint:
    """Find a complaint that somebody may see.

    :raises Http404: no such complaint for this actor
    """
    rows = Complaint.objects.visible_to(actor).select_related(*JOINED)
    return get_object_or_404(rows, pk=complaint_id)


def look(actor: Actor, complaint_id: UUID) -> Complaint:
    """Read a complaint as it stands at this moment; what has run out is shown as run out."""
    found = seen(actor, complaint_id)
    stand(found)
    found.facts.begin(actor)
    return found


def context(complaint: Complaint, actor: Actor) -> dict[str, Any]:
    """Give what the serializers ask for."""

    def actions(row):
        row.facts.begin(actor)
        return [_action(row, step, actor) for step in available(row)]

    return {"actor": actor, "at": complaint.facts.at, "actions": actions}


def _action(complaint, step, actor):
    side = side_of(complaint, actor)
    is_mine = bool(side) and side == waits_on(complaint) and step.name != "withdraw"
    return {
        "name": step.name,
        "href": f"{API}/complaints/{complaint.id}/steps/{step.name}",
        "mandatory": is_mine and step.name == "answer",
        "due_at": complaint.due_at if is_mine else None,
        "on_expiry": TERMS[complaint.state].then if is_mine else None,
        "limits": {},
        "input_schema": schemas.of(complaint_inputs.FOR[step.name]()),
    }


def answered(  # noqa: PLR0917 -- as `commands.command`
    request: Request,
    actor: Actor,
    wish: Wish,
    clock: Callable[[], datetime],
    status: int = 200,
    given: dict[str, Any] | None = None,
) -> Response:
    """Carry out a wish, or say what would happen, and answer.

    The answer is stored under the Idempotency-Key. One to a dry run says that it is one.

    :param given: what a repeated request is compared by; None: the inputs of the wish
    """
    made: list[tuple[int, dict[str, Any]]] = []
    parties = wish.new or seen(actor, wish.complaint_id)
    dry_run = commands.is_dry_run(request)

    def answer(complaint, said):
        made.append(_made(complaint, said, actor, 200 if dry_run else status, parties))
        return made[-1]

    key = None if dry_run else commands.idempotency_key(request, actor, given or wish.inputs)
    said = take(replace(wish, key=key, answer=answer), clock=clock, dry_run=dry_run)
    if isinstance(said, Stored):
        headers = {"Idempotent-Replayed": "true"}
        return commands.respond(request, said.status, said.body, headers, of="complaints")
    if not made:  # refused before the complaint was looked at
        status, body, headers = errors.refusal(said)
        return commands.respond(request, status, body, headers)
    status, body = made[-1]
    if dry_run and isinstance(said, Taken):
        body |= {commands.DRY_RUN: True}
    return commands.respond(request, status, body, of="complaints")


def receipt(complaint: Complaint, parties: Complaint, actor: Actor) -> dict[str, Any]:
    """Show a complaint after a step.

    :param parties: the same, whose `accused` and `reporter` are read already
    """
    complaint.accused, complaint.reporter = parties.accused, parties.reporter
    return dict(ComplaintReceipt(complaint, context=context(complaint, actor)).data)


def _made(complaint, said, actor, status, parties):
    if isinstance(said, Taken):
        return status, receipt(complaint, parties, actor)
    status, body, _headers = errors.refusal(type(said)(str(said), **_plain(said)))
    if status in errors.TELLS_ACTIONS and complaint.state != "new":
        actions = context(complaint, actor)["actions"](complaint)
        body |= {"version": complaint.version, "state": str(complaint.state), "actions": actions}
    return status, body


def _plain(refusal: Refused) -> dict[str, Any]:
    return {k: v for k, v in refusal.details.items() if k not in {"version", "state"}}
