"""What of a case's past somebody may see: events without our internals, clocks that have ended."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import money
from cases.clocks import CLOCKS
from cases.models import Audience, Event, Statement
from cases.roles import PARTIES, STAFF, Role, other
from cases.standing import INTERNAL, OURS, PLATFORM, shown

if TYPE_CHECKING:
    from cases.actors import Actor
    from cases.models import Case

Data = dict[str, Any]

# Who of our people holds a dispute, and what was written before a second mediator looked.
INSIDE = {"claim", "assign", "release", "triage", "call_supervisor", "send_back", "alarm"}
INSIDE |= {"recovery_settled"}  # between the marketplace and us
MONEY = {"amount", "compensation", "freight", "refund_amount", "settled_at"}
NOT_YET = {"refund", "advance", "offer", "proposal", "ruling"}  # ids that a forecast makes up
TOLD = {
    *("reason", "detail", "remedy", "freight_payer", "payer", "kind", "outcome", "line", "side"),
    *("split_from", "split_into", "medium"),
    *("offer", "offer_version", "parcel", "refund", "refund_kind", "refund_code", "advance"),
    *("code", "how", "since", "extended", "hours"),
    *("evidence", "asked", "proposal", "ruling", "due_at", "party", "message", "audience"),
}


def entries(case: "Case", events: Iterable[Event], actor: "Actor") -> list[Data]:
    """Show the events that an actor may see, with the words that it may read."""
    lines = {str(line.id): line.ref for line in case.order.lines.all()}
    words = {row.id: row.text for row in statements(case, actor)}
    sealed = set(of_open_round(case, actor))
    told = ((event, json.loads(event.payload)) for event in events)
    return [
        {
            **_entry(event, payload, actor.role, words),
            "details": {} if event.id in sealed else _details(payload, case.currency, lines),
        }
        for event, payload in told
        if visible(event, payload, actor.role)
    ]


def foreseen(case: "Case", events: Iterable[Any], actor: "Actor") -> Iterator[tuple[Any, Data]]:
    """Show events that have not happened: no words, and no ids that will be others.

    :param case: with its facts
    """
    lines = {str(line.id): line.ref for line in case.facts.lines.values()}
    for event in events:
        payload = json.loads(event.payload)
        if visible(event, payload, actor.role):
            details = _details(payload, case.currency, lines)
            known = {key: value for key, value in details.items() if key not in NOT_YET}
            yield event, _entry(event, payload, actor.role, {}) | {"details": known}


def may_know(clock: str, actor: "Actor") -> bool:
    """Say whether somebody may know of a clock."""
    return actor.role not in PARTIES or clock not in INTERNAL


def visible(event: Event, payload: Data, role: str) -> bool:
    """Say whether a role may know of an event; the marketplace's service of all but messages."""
    if event.name == "message" and payload["audience"] not in audiences(role):
        return False
    if role not in PARTIES:
        return True
    draft = event.name == "rule" and payload.get("dispute") == "awaiting_approval"
    if event.name in INSIDE or draft:
        return False
    if event.name == "bid" and event.role == other(role):
        return event.after != event.before  # it has settled the dispute, or nobody is told
    name = _clock_name(payload)
    if event.name == "remind":
        return CLOCKS[name].waits_on not in OURS
    return name not in INTERNAL


def _clock_name(payload):
    clock = payload.get("clock") or ""
    return clock["name"] if isinstance(clock, dict) else clock


def _entry(event, payload, role, words):
    dispute = payload.get("dispute")
    statement = payload.get("statement")
    return {
        "sequence": event.sequence,
        "name": event.name,
        "role": event.role,
        "before": event.before,
        "after": event.after,
        "dispute": shown(dispute, role) if dispute else None,
        "at": event.at,
        "decided_at": event.due_at or event.at,
        "clock": _clock_name(payload) or None,
        "statement": words.get(UUID(statement)) if statement else None,
    }


def _details(payload, currency, lines):
    data = {key: value for key, value in payload.items() if key in TOLD and value not in (None, "")}
    if "line" in data:
        data["line"] = lines.get(data["line"])
    for key in MONEY & payload.keys():
        data[key] = money.shown(payload[key], currency)
    if amounts := payload.get("amounts"):
        data["items"] = [
            {"line": lines.get(line), "amount": money.shown(amount, currency)}
            for line, amount in amounts.items()
        ]
    return data


def ended_clocks(events: Iterable[Event], role: str) -> Iterator[Data]:
    """List the clocks that have ended, as the timeline tells of them; none is kept elsewhere."""
    for event in events:
        payload = json.loads(event.payload)
        fired = payload.get("clock")
        found = [(clock, "answered") for clock in payload.get("clocks_ended", [])]
        if isinstance(fired, dict):
            found.append((fired, "ran_out"))
        for clock, how in found:
            if role == Role.SERVICE or clock["name"] not in INTERNAL:
                yield _ended(clock, how, event)


def _ended(clock, how, event):
    waits_on = clock["party"] or CLOCKS[clock["name"]].waits_on
    return {
        "name": clock["name"],
        "waits_on": PLATFORM if waits_on in OURS else waits_on,
        "length": clock["length"],
        "started_at": clock["started_at"],
        "due_at": clock["due_at"],
        "stood_still_s": clock["stood_still_s"],
        "extensions": clock["extensions"],
        "ended_at": event.at,
        "how": how,
        "sequence": event.sequence,
    }


CHANGES = (
    *("extend", "take_extension", "ask_extension", "grant_extension", "give_extension"),
    *("pause", "resume", "chargeback_opened", "chargeback_closed"),
)


def clock_changes(events: Iterable[Event]) -> Iterator[Data]:
    """List what gave clocks more time, or let them stand still or go on."""
    for event in events:
        if event.name in CHANGES:
            told = json.loads(event.payload)
            yield {
                "name": event.name,
                "role": event.role,
                "at": event.at,
                "clock": told.get("extended") or told.get("clock"),
                "hours": told.get("hours"),
                "sequence": event.sequence,
            }


READERS = {
    Role.BUYER: [Audience.ALL, Audience.BUYER_MEDIATOR],
    Role.SELLER: [Audience.ALL, Audience.SELLER_MEDIATOR],
    Role.SERVICE: [Audience.ALL],
}


def audiences(role: str) -> list[str]:
    """Name the audiences whose messages somebody reads, and may write to."""
    if role in STAFF:
        return list(Audience.values)
    return [str(audience) for audience in READERS.get(Role(role), [])]


def statements(case: "Case", actor: "Actor") -> list[Statement]:
    """Read the typed words of a case that an actor may read."""
    family = Statement.objects.filter(case__in={case.id, case.first_id})
    own = family.filter(audience__in=audiences(actor.role))
    return list(own.exclude(event_id__in=of_open_round(case, actor)))


def of_open_round(case: "Case", actor: "Actor") -> list[UUID]:
    """Name the events by which the other side has handed in for a round that is still open.

    Who hands in second must not have read what the first has said.
    """
    if actor.role not in PARTIES or not case.mediation_rounds:
        return []
    asked = case.evidence_requests.filter(sealed_at=None, case__dispute__state="gathering")
    asked_at = asked.values_list("asked_at", flat=True).first()
    if asked_at is None:
        return []
    events = case.events.filter(name="hand_in", role=other(actor.role), at__gte=asked_at)
    return list(events.values_list("id", flat=True))
