"""What somebody may see of a case, all of it: each part is what its own view answers.

So that no rule of who sees what stands here a second time. Links, which would end after minutes,
become the places of the files in the archive.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django_scopes import scope
from rest_framework.exceptions import NotFound

from cases import history, serializers
from cases.actors import Actor
from cases.bargaining import Offers
from cases.evidence import EvidenceOut, evidence_of
from cases.explaining import Explanation
from cases.models import Case, Event, File, Message
from cases.serializing import represent
from cases.threads import ApplicationsOfCase
from cases.tracking import Parcels
from cases.views import SEEN, Clocks, OneDispute, Refunds
from cases.writing import MessageOut
from mediation.files import keeping
from mediation.files.kinds import SUFFIXES
from mediation.files.names import saved_as
from mediation.looking import clock_of, look

PARTS = {
    "applications": ApplicationsOfCase,
    "offers": Offers,
    "parcels": Parcels,
    "dispute": OneDispute,
    "refunds": Refunds,
    "clocks": Clocks,
    "explanation": Explanation,
}


class CaseAsItStands(serializers.CaseDetail):
    """A case without what may be done to it now."""

    actions = None  # type: ignore[assignment]
    unavailable_actions = None  # type: ignore[assignment]
    messages = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Asking:
    """Who asks, in place of a request."""

    user: Actor


@dataclass(frozen=True, kw_only=True)
class Record:
    """A case as somebody may see it."""

    number: str
    at: datetime
    told: dict[str, Any]
    files: dict[str, File]  # place in the archive → file; those whose bytes are there


def gather(case_id: UUID, actor: Actor) -> Record:
    """Read everything: a number of statements that does not depend on how much there is.

    :param actor: of one marketplace; of our people too
    :raises Http404: no such case for this actor
    """
    with scope(marketplace=actor.marketplace_id):
        case = look(partial(get_object_or_404, _cases(actor), pk=case_id), actor)
        at = clock_of(case)()
        told: dict[str, Any] = {"exported_at": at, "case": _standing(case, actor)}
        told |= {name: _part(view, case_id, actor) for name, view in PARTS.items()}
        told["evidence"] = EvidenceOut(evidence_of(case, actor, at)).data
        told |= {"messages": _messages(case, actor, at), "timeline": _timeline(case, actor)}
        rows = File.objects.in_bulk(_named(told))
    places = {
        str(key): f"files/{number:03}-{saved_as(row.name, SUFFIXES[row.media_type])}"
        for number, (key, row) in enumerate(sorted(rows.items()), 1)
        if keeping.storage().exists(row.key)
    }
    files = {places[str(key)]: row for key, row in sorted(rows.items()) if str(key) in places}
    return Record(number=case.number, at=at, told=_placed(told, places), files=files)


def _cases(actor):
    rows = Case.objects.visible_to(actor).select_related(*SEEN)
    return serializers.with_past(rows)


def _standing(case, actor):
    context = {"actor": actor, "statements": history.statements(case, actor)}
    return represent(CaseAsItStands, case, context)


def _part(view_class, case_id, actor):
    """Ask a view; None: there is none of it."""
    view: Any = view_class()
    view.request = Asking(actor)
    try:
        return view.get(view.request, case_id).data
    except NotFound:  # there was never a dispute
        return None


def _messages(case, actor, at):
    thread = Message.objects.thread(case, history.audiences(actor.role)).order_by("id")
    return MessageOut(thread, many=True, context={"at": at}).data


def _timeline(case, actor):
    """Tell of each event with its links of the chain, by which the gaps can be seen."""
    events = list(Event.objects.filter(case=case).order_by("sequence"))
    hashes = {
        e.sequence: {"previous": bytes(e.previous).hex(), "hash": bytes(e.hash).hex()}
        for e in events
    }
    entries = history.entries(case, events, actor)
    told = serializers.EntryOut(entries, many=True).data
    return [{**entry, **hashes[entry["sequence"]]} for entry in told]


def _is_file(value):
    return {"id", "media_type", "links"} <= value.keys()


def _named(value):
    """Collect the files that are shown anywhere, by their ids."""
    if isinstance(value, dict):
        own = {UUID(str(value["id"]))} if _is_file(value) else set()
        return own.union(*map(_named, value.values()))
    return set().union(*map(_named, value)) if isinstance(value, list) else set()


def _placed(value, places):
    """Put the place in the archive where links were; None: the bytes were erased."""
    if isinstance(value, list):
        return [_placed(one, places) for one in value]
    if not isinstance(value, dict):
        return value
    if _is_file(value):
        kept = {name: one for name, one in value.items() if name != "links"}
        return {**kept, "path": places.get(str(value["id"]))}
    return {name: _placed(one, places) for name, one in value.items()}
