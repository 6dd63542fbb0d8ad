"""What the passing of a sandbox's time has caused: transitions, letters, payments."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from cases import money
from cases.models import Case, Complaint, ComplaintEvent, Event, Marketplace, Party, Penalty
from cases.roles import Role
from mediation.gateways.models import Payout
from notifications.models import Letter

BY_ITSELF = [str(role) for role in (Role.CLOCK, Role.CARRIER, Role.GATEWAY, Role.CASE)]
Known = dict[str, set[UUID]]


def _events(marketplace_id: UUID) -> QuerySet:
    mine = Event.objects.filter(marketplace_id=marketplace_id, role__in=BY_ITSELF)
    return mine.annotate(moment=F("at"))


def _of_complaints(marketplace_id: UUID) -> QuerySet:
    mine = ComplaintEvent.objects.filter(complaint__marketplace=marketplace_id, role__in=BY_ITSELF)
    return mine.annotate(moment=F("at"))


def _letters(marketplace_id: UUID) -> QuerySet:
    ours: list[QuerySet[Any, Any]] = [
        rows.filter(marketplace=marketplace_id).values("pk")
        for rows in (Case.everywhere, Complaint.everywhere, Penalty.objects)
    ]
    about: Any = ours[0].union(*ours[1:], all=True)
    return Letter.objects.filter(case_id__in=about, done_at__isnull=False).annotate(
        moment=F("done_at")
    )


def _payments(marketplace_id: UUID) -> QuerySet:
    mine = Payout.objects.filter(refund__case__marketplace=marketplace_id)
    return mine.annotate(moment=Greatest("asked_at", "answered_at"))


KINDS = {
    "transitions": _events,
    "complaints": _of_complaints,
    "letters": _letters,
    "payments": _payments,
}


def known(marketplace_id: UUID, at: datetime) -> Known:
    """Note what has happened at the very moment at which a clock stands."""
    return {
        kind: set(rows(marketplace_id).filter(moment=at).values_list("pk", flat=True))
        for kind, rows in KINDS.items()
    }


def between(
    marketplace: Marketplace, since: datetime, until: datetime, before: Known
) -> dict[str, list[dict[str, Any]]]:
    """Tell what has happened by itself from one moment to another, but for what was known."""
    found = {}
    for kind, rows in KINDS.items():
        mine = rows(marketplace.id).filter(moment__gte=since, moment__lte=until)
        mine = mine.filter(~Q(pk__in=before[kind]))
        found[kind] = TOLD[kind](_ordered(kind, mine))
    return found


def _ordered(kind, rows):
    if kind == "transitions":
        return rows.order_by("at", "case_id", "sequence")
    if kind == "complaints":
        return rows.order_by("at", "complaint_id", "sequence")
    if kind == "payments":
        return rows.select_related("refund__case").order_by("moment", "pk")
    return rows.order_by("moment", "due_at", "pk")


def _transition(event):
    dispute = json.loads(event.payload).get("dispute")
    return {"case": str(event.case_id), **_moved(event), "dispute": dispute}


def _moved(event):
    clock = json.loads(event.payload).get("clock")
    return {
        "sequence": event.sequence,
        "name": event.name,
        "role": event.role,
        "before": event.before,
        "after": event.after,
        "clock": clock["name"] if isinstance(clock, dict) else clock,
        "decided_at": event.due_at or event.at,
        "at": event.at,
    }


def letters(rows: Iterable[Letter]) -> list[dict[str, Any]]:
    """Show letters as they were written; in a sandbox they are sent to nobody."""
    rows = list(rows)
    readers = Party.everywhere.filter(pk__in={row.recipient_id for row in rows})
    role_of = dict(readers.values_list("pk", "role"))
    return [
        {
            "id": str(row.id),
            "case": str(row.case_id),
            "event": str(row.event_id),
            "to": role_of.get(row.recipient_id, "staff"),
            "channel": row.channel,
            "template": row.template,
            "locale": row.locale,
            "outcome": row.outcome,
            "at": row.done_at or row.due_at,
            "text": row.rendered,
        }
        for row in rows
    ]


def _payment(payout):
    refund = payout.refund
    return {
        "refund": str(refund.id),
        "case": str(refund.case_id),
        "kind": refund.kind,
        "amount": money.shown(refund.amount, refund.currency),
        "answer": payout.answer or "none",
        "code": payout.code,
        "state": refund.state,
        "asked_at": payout.asked_at,
        "answered_at": payout.answered_at,
    }


TOLD: dict[str, Callable[[Iterable[Any]], list[dict[str, Any]]]] = {
    "transitions": lambda rows: [_transition(row) for row in rows],
    "complaints": lambda rows: [
        {"complaint": str(row.complaint_id), **_moved(row)} for row in rows
    ],
    "letters": letters,
    "payments": lambda rows: [_payment(row) for row in rows],
}
