"""From an HTTP request to a wish, and from what the writer says to an answer.

The answer is made while the case is locked, so that it can be stored under the Idempotency-Key
in the same transaction; whoever asks again gets the same.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases import money
from cases.actors import Actor
from cases.menu import menu
from cases.models import Case, Order
from cases.refusals import Refused
from cases.rulebook import dotted
from cases.serializers import ActionOut, Receipt
from cases.serializing import represent
from mediation import errors, looking, timeline
from mediation.errors import Problem
from mediation.idempotency import Key, Stored
from mediation.stepping import Taken
from mediation.steps import Wish, take

KEY = re.compile(r"[!-~]{1,200}", re.ASCII)
VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?', re.ASCII)
DRY_RUN = "dry_run"
AMOUNTS = ("most",)  # details of refusals that are money


def is_dry_run(request: Request) -> bool:
    """Say whether a request only asks what would happen.

    :raises Problem: neither true nor false
    """
    asked = request.query_params.get(DRY_RUN, "false")
    if asked not in {"true", "false"}:
        raise Problem(400, "INVALID", f"{DRY_RUN} is true or false.")
    return asked == "true"


def idempotency_key(request: Request, caller: Actor, inputs: Mapping[str, Any]) -> Key:
    """Read the Idempotency-Key.

    :param inputs: the validated input, of which a hash is kept
    :raises Problem: it is missing or not made of 1 to 200 visible ASCII characters
    """
    text = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(text):
        raise Problem(400, "IDEMPOTENCY_KEY_MISSING", "Send an Idempotency-Key with each command.")
    parsed = json.dumps(timeline.plain(dict(inputs)), sort_keys=True)
    return Key(
        caller=caller.pk,
        route=f"{request.method} {request.path}",
        key=text,
        fingerprint=hashlib.sha256(parsed.encode()).hexdigest(),
    )


def expected_version(request: Request, *, required: bool) -> int | None:
    """Read the version of a case from If-Match.

    :raises Problem: it is missing (428) or not a version (400)
    """
    text = request.headers.get("If-Match", "")
    if not text and required:
        raise Problem(428, "IF_MATCH_MISSING", "Send the case's version in If-Match.")
    if not text:
        return None
    found = VERSION.fullmatch(text)
    if found is None:
        raise Problem(400, "BAD_IF_MATCH", 'If-Match holds the case\'s version, such as "3".')
    return int(found[1])


class Answering:
    """Makes the answer to a wish, and remembers to what."""

    def __init__(self, actor: Actor, status: int, parties: Case | Order) -> None:
        """Get ready.

        :param status: of success
        :param parties: whose `buyer` and `seller` are read already
        """
        self.actor, self.status, self.parties = actor, status, parties
        self.of: Any = None
        self.made: tuple[int, dict[str, Any]] = (0, {})

    def __call__(self, case: Case, answer: Any) -> tuple[int, dict[str, Any]]:
        """Answer what the writer says: status and body."""
        self.of = answer
        if isinstance(answer, Refused):
            self.made = refused(answer, case, self.actor)
        else:
            self.made = (self.status, receipt(answer, self.actor, self.parties))
        return self.made


def receipt(taken: Taken, actor: Actor, parties: Case | Order) -> dict[str, Any]:
    """Show the case after a step, and the event that the step has left; reads nothing."""
    case = taken.case
    case.order, case.buyer, case.seller = case.facts.order, parties.buyer, parties.seller
    case.event = taken.event  # type: ignore[attr-defined]
    return represent(Receipt, case, {"actor": actor})


def refused(refusal: Refused, case: Case | None, actor: Actor) -> tuple[int, dict[str, Any]]:
    """Describe a refusal: on a conflict with how the case stands now, with how it stands.

    :param case: with its facts; None: there is none, or it is not known
    """
    details = _shown(refusal.details, case)
    status, body, _headers = errors.refusal(type(refusal)(str(refusal), **details))
    if status in errors.TELLS_ACTIONS and case is not None and case.state != "new":
        actions = [represent(ActionOut, action) for action in menu(case, actor)[0]]
        body |= {"version": case.version, "state": str(case.state), "actions": actions}
    return status, body


def _shown(details, case):
    """Show lines by their ref, amounts as decimals, a rule by its path, and where to appeal."""
    shown = dict(details)
    if "restriction" in shown:
        shown["restrictions"] = "/api/v1/restrictions"  # why, until when, and each one's appeal
    if case is not None and isinstance(shown.get("line"), UUID):
        line = case.facts.lines.get(shown["line"])
        shown["line"] = line.ref if line else str(shown["line"])
    if case is not None and isinstance(shown.get("most"), int):
        shown["most"] = money.shown(shown["most"], case.currency)
    if "rule" in shown:
        shown["rule"] = dotted(shown["rule"])
    shown.pop("version", None)
    shown.pop("state", None)
    return timeline.plain(shown)


def command(
    request: Request, actor: Actor, wish: Wish, *, parties: Case | Order, status: int = 200
) -> Response:
    """Carry out a wish, or say what would happen, and answer.

    :param actor: who asks; in `wish.by` it may speak for somebody
    :param wish: without key and answer
    :param parties: whose `buyer` and `seller` are read already
    :param status: of success
    """
    answering = Answering(actor, status, parties)
    clock = looking.clock_of(parties if isinstance(parties, Case) else parties.marketplace)
    if is_dry_run(request):
        [said] = take([wish], clock=clock, dry_run=True)
    else:
        key = idempotency_key(request, actor, {"order": wish.order_id, **wish.inputs})
        [said] = take([replace(wish, key=key, answer=answering)], clock=clock)
    if isinstance(said, Stored):
        return respond(request, said.status, said.body, {"Idempotent-Replayed": "true"})
    if answering.of is said:
        return respond(request, *answering.made)
    if isinstance(said, Taken):
        body = {**receipt(said, actor, parties), DRY_RUN: True}
        return respond(request, 200, body)
    return respond(request, *refused(said, _case_of(actor, wish), actor), _headers(said))


def _headers(refusal):
    return errors.refusal(refusal)[2]


def _case_of(actor, wish):
    """Look at the case again: what was refused outside the lock knows nothing of it."""
    if wish.order_id is not None:
        return None
    try:
        visible = Case.objects.visible_to(actor)
        return looking.look(partial(get_object_or_404, visible, pk=wish.case_id), actor)
    except Http404:
        return None


def respond(
    request: Request,
    status: int,
    body: dict[str, Any],
    headers: dict[str, str] | None = None,
    *,
    of: str = "cases",
) -> Response:
    """Answer with a case (or a complaint), with a problem, or with something else of it."""
    if "code" in body and "title" in body:
        return errors.answer(request, status, body, headers)
    if "version" not in body:
        return Response(body, status=status, headers=headers)
    headers = {**(headers or {}), "ETag": f'"{body["version"]}"'}
    if status == 201:  # noqa: PLR2004
        headers["Location"] = f"/api/v1/{of}/{body['id']}"
    return Response(body, status=status, headers=headers)
