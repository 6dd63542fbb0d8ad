"""All that is known of one case, gathered for its page in a fixed number of reads."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404

from cases import actions, hints
from cases.evidence import sealing
from cases.models import (
    Appeal,
    Case,
    Clock,
    Event,
    Evidence,
    EvidenceRequest,
    Offer,
    Parcel,
    Proposal,
    Recovery,
    Refund,
    Ruling,
    Statement,
)
from cases.models.case import Application
from cases.roles import PARTIES, STAFF
from mediation import looking
from mediation.desk import (
    access,
    chronicle,
    coming,
    details,
    letters,
    past,
    rules,
    sentences,
    thread,
)
from mediation.models import Mediator

LONGEST_TIMELINE = 500


@dataclass(frozen=True, kw_only=True)
class Running:
    """A clock: running until `due_at`, or standing still with `left`."""

    clock: Clock
    left: timedelta

    @property
    def stands_still(self) -> bool:
        return self.clock.remaining is not None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One line of the timeline."""

    event: Event
    sentence: str
    details: list[str]


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A ruling and what its canonical content says."""

    ruling: Ruling
    content: dict[str, Any]
    amounts: list[tuple[Any, int]]  # order line, minor units
    relied_on: list[str]  # slots
    words: str
    by: str
    approved_by: str


def look(me: Mediator, case_id: UUID) -> Case:
    """Read a case of a marketplace that somebody of the staff works for, as it stands now.

    :returns: the case with its facts, asked by that person under the lease that it holds
    :raises Http404: no such case there
    """
    rows = Case.everywhere.select_related("order", "buyer", "seller", "marketplace", "policy")
    case = looking.look(partial(get_object_or_404, rows.filter(me.sees()), pk=case_id), me.actor)
    dispute = case.facts.dispute
    if dispute is not None and dispute.docket.holder == me.person:
        case.facts.begin(me.actor, lease=dispute.docket.lease)
    return case


def dossier(case: Case) -> dict[str, Any]:
    """Gather the page of a case whose facts are loaded."""
    found = case.facts
    told = {row.pk: row for row in Statement.objects.filter(case__in=_family(case)).order_by("id")}
    rulings = list(Ruling.objects.filter(case=case).order_by("id"))
    proposals = list(Proposal.objects.filter(case=case).order_by("id"))
    events = list(Event.objects.filter(case=case).order_by("-sequence")[:LONGEST_TIMELINE])
    names = access.names(_persons(found, rulings, proposals, events))
    timeline = [_happened(event, case.currency, names) for event in events]
    requests = list(EvidenceRequest.objects.filter(case=case).order_by("round", "side"))
    evidence = _evidence(case, requests, timeline)
    page = {
        "case": case,
        "at": found.at,
        "dispute": found.dispute,
        "docket": found.dispute.docket if found.dispute else None,
        "holder": names.get(found.dispute.docket.holder, "") if found.dispute else "",
        "items": found.items,
        "paid": sum(line.paid for line in found.lines.values()),
        "clocks": _running(found.clocks, found.at),
        "applications": _with_words(
            Application.objects.filter(case=case).order_by("number"), told, "answer_statement_id"
        ),
        "offers": _with_words(Offer.objects.filter(case=case).order_by("version"), told),
        "requests": _with_words(requests, told),
        "proposals": [_proposed(row, found, told, names) for row in proposals],
        "rulings": [_decided(row, found, told, names, evidence) for row in rulings],
        "appeals": _with_words(Appeal.objects.filter(case=case).order_by("id"), told),
        "evidence": evidence,
        "parcels": list(Parcel.objects.filter(case=case).order_by("id")),
        "refunds": list(Refund.objects.filter(case=case).order_by("id")),
        "recoveries": list(Recovery.objects.filter(case=case)) if case.final else [],
        "letters": letters.of(case),
        "thread": thread.of(case),
        "timeline": timeline,
    }
    shown = {
        row.statement_id for row in (*page["requests"], *proposals, *rulings, *page["appeals"])
    }
    stories = _stories(told.values(), timeline, shown)
    return page | {"stories": stories} | _around(case, page, stories)


def _around(case, page, stories):
    """Gather what stands beside the story: what is coming, what was before, the rules."""
    said = [row.text for side in PARTIES for row in stories[side]]
    thread_, letters_ = page["thread"], page["letters"]
    return {
        "bidders": sorted(case.facts.bids),
        "hints": hints.hints(case),
        "rules": rules.of(case),
        "records": past.records(case),
        "alike": past.alike(case, said),
        "coming": coming.of(case),
        "chronicle": chronicle.of(case, page["timeline"], thread_, letters_, page["clocks"]),
        "kinds": chronicle.KINDS,
    }


def _family(case):
    """Name the case and the one it was split off from: they share words and evidence."""
    return {case.pk, case.first_id}


def _evidence(case, requests, timeline):
    """List what was handed in, each with when it was, whether too late, and by which step."""
    rows: list[Any] = list(
        Evidence.objects.filter(case__in=_family(case)).select_related("file").order_by("id")
    )
    occasions = {happened.event.pk: happened.sentence for happened in timeline}
    for row in rows:
        _sealed, row.is_late = sealing(row, requests)
        row.occasion = occasions.get(row.event_id, "")
        row.is_rebuilt = row.file is not None and row.file.sha256 != row.file.uploaded_sha256
    return rows


def possible(case: Case) -> list[str]:
    """Name the steps that the person of `case.facts` may take now: as the API does."""
    steps_, _refusals = actions.available(case)
    return [step.name for step in steps_]


def _running(clocks, at):
    """List the running clocks by their ends, then those that stand still."""
    rows = [
        Running(clock=c, left=c.remaining if c.remaining is not None else c.due_at - at)
        for c in clocks
    ]
    return sorted(rows, key=lambda row: (row.stands_still, row.left))


def _stories(statements, timeline, shown):
    """Sort what was said: the buyer's story, the seller's, and what else our people wrote."""
    stories: dict[str, list[Any]] = {"buyer": [], "seller": [], "staff": []}
    occasions = {happened.event.pk: happened.sentence for happened in timeline}
    for row in statements:
        if row.role in STAFF and row.pk in shown:
            continue
        row.occasion = occasions.get(row.event_id, "")
        side = "seller" if row.role == "seller" else "buyer"  # a service speaks for the buyer
        stories["staff" if row.role in STAFF else side].append(row)
    return stories


def _with_words(rows, told, column="statement_id"):
    """Give each row the words that were typed with it."""
    found = list(rows)
    for row in found:
        words = told.get(getattr(row, column))
        row.words = words.text if words is not None else ""
    return found


def _proposed(row, found, told, names):
    words = told.get(row.statement_id)
    row.words, row.by = words.text if words else "", names.get(row.made_by, row.made_by)
    row.amounts = _by_line(row.content["amounts"], found)
    return row


def _decided(row, found, told, names, evidence):
    content = json.loads(row.content)
    words = told.get(row.statement_id)
    slots = {str(handed_in.pk): handed_in.slot for handed_in in evidence}
    return Decided(
        ruling=row,
        content=content,
        amounts=_by_line(content["amounts"], found),
        relied_on=[slots.get(key, key) for key in content["evidence"]],
        words=words.text if words is not None else "",
        by=names.get(row.ruled_by, row.ruled_by),
        approved_by=names.get(row.approved_by, row.approved_by),
    )


def _by_line(amounts, found):
    return [(found.lines.get(UUID(line)), amount) for line, amount in amounts.items()]


def _happened(event, currency, names):
    told = sentences.payload(event)
    return Happened(
        event=event,
        sentence=sentences.sentence(event, told),
        details=list(details.Told(payload=told, currency=currency, names=names).details()),
    )


def _persons(found, rulings, proposals, events):
    """Name everybody of the staff whom the page mentions."""
    if found.dispute is not None:
        yield found.dispute.docket.holder
    for ruling in rulings:
        yield from (ruling.ruled_by, ruling.approved_by)
    for proposal in proposals:
        yield proposal.made_by
    for event in events:
        if event.name == "assign":
            yield sentences.payload(event).get("mediator", "")
