"""From an event to its letters and webhooks: what they tell, and whether they are still wanted.

The words are the post office's; here codes, ids, amounts and times are gathered, at the event's
own moment as far as it tells them.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from cases import money
from cases.models import Case, Clock, Event
from mediation import bell
from mediation.ends import Ends
from mediation.models import Effect
from mediation.notices import NOTICES, STAFF, Told
from notifications import deliveries, post_office, texts
from notifications.deliveries import Notice as Announcement
from notifications.models import Letter
from notifications.post_office import Note

log = logging.getLogger(__name__)

DELIVER = "mediation.tasks.deliver"
HOUR = 3600  # seconds


def write(effects: list[Effect], clock: Callable[[], datetime]) -> Ends:
    """Write the letters and webhooks of n events: each is written once, however often it is asked.

    A fixed number of statements. What the letters lack is a mistake of ours: the effect fails.
    """
    at, ends = clock(), Ends()
    found = Event.objects.filter(pk__in=[effect.event_id for effect in effects])
    events = found.select_related("case__order").in_bulk()
    running = _running({event.case_id for event in events.values()})
    of_event = {effect.event_id: effect.pk for effect in effects}
    notes: list[Note] = []
    for effect in effects:
        try:
            event = events[effect.event_id]
            notes += _notes(event, running.get(event.case_id, []))
        except Exception as error:
            log.exception("event %s has no letters", effect.event_id)
            ends.failed[effect.pk] = error
    for note, fault in post_office.send(notes, at=at):
        log.error("no letter for event %s: %s", note.event_id, fault)
        ends.failed[of_event[note.event_id]] = fault
    deliveries.announce([_announcement(event) for event in events.values()], at=at)
    ends.done = [effect.pk for effect in effects if effect.pk not in ends.failed]
    if any(effect.clock_id is None for effect in effects):
        bell.ring(DELIVER)
    return ends


def still_wanted(letters: list[Letter]) -> set[UUID]:
    """Keep the letters that still make sense: one that asks for something, while it is awaited."""
    clocks = {letter.params["clock"] for letter in letters if letter.params.get("clock")}
    alive = {str(pk) for pk in Clock.objects.filter(pk__in=clocks).values_list("pk", flat=True)}
    return {
        letter.pk
        for letter in letters
        if not letter.params.get("clock") or letter.params["clock"] in alive
    }


def foreseen(case: Case, event: Any) -> list[Note]:
    """Make the notes of an event that a dry run has led to: nothing is written.

    :param case: with its facts, as the event leaves it
    :param event: a row of `Event`, a named tuple
    """
    case.order = case.facts.order
    row = Event.fresh(**event._asdict())
    row.case = case
    return list(_notes(row, [_told(clock) for clock in case.facts.clocks if clock.due_at]))


def _running(cases: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The clocks that run now, in the shape in which events tell them."""
    running: dict[UUID, list[dict[str, Any]]] = {}
    for clock in Clock.objects.filter(case__in=cases):
        if clock.due_at:
            running.setdefault(clock.case_id, []).append(_told(clock))
    return running


def _told(clock):
    told = {"id": str(clock.pk), "name": clock.name, "party": clock.party}
    return {**told, "due_at": clock.due_at.isoformat()}


def _notes(event: Event, running: list[dict[str, Any]]) -> Iterator[Note]:
    case, told = event.case, json.loads(event.payload)
    notice = NOTICES[event.name]
    for reader in notice.readers(told):
        key = texts.table().find(event.name, reader, *_causes(event, told, reader))
        if key is None:
            continue
        clock = _clock(notice.due, told, running, reader)
        params = _params(event, told, clock)
        if event.name == "remind":
            params["clock"] = told["clock_id"]
        elif clock and reader == notice.asks:
            params["clock"] = clock["id"]
        yield Note(
            case_id=case.pk,
            event_id=event.pk,
            marketplace_id=case.marketplace_id,
            recipient_id=case.marketplace_id if reader == STAFF else getattr(case, f"{reader}_id"),
            template=key,
            params=params,
            clock_id=case.clock_id,
        )


def _causes(event: Event, told: Told, reader: str) -> Iterator[str]:
    """The narrower first: the clock, the states that were reached, who did it."""
    clock = told.get("clock")
    if clock:
        yield clock["name"] if isinstance(clock, dict) else clock
    yield from filter(None, (told["dispute"], event.after))
    if event.role == "clock":
        yield "clock"
    if event.role == reader:
        yield "own"


def _clock(names, told, running, reader):
    """Find the clock whose end is told: as the event tells it, or as it runs now."""
    known = [*told.get("clocks_started", []), *told.get("clocks_resumed", []), *running]
    for name in names:
        for clock in known:
            if clock["name"] == name and clock["party"] in {"", reader}:
                return clock
    return None


def _params(event: Event, told: Told, clock: dict[str, Any] | None) -> dict[str, Any]:
    case: Case = event.case
    due = told.get("expires_at") or (clock and clock["due_at"]) or _due_of(told)
    params = {
        "case_no": case.number,
        "order_no": case.order.ref,
        "amount": {"minor": _amount(case, told), "currency": case.currency},
        "remedy": told.get("remedy") or case.remedy,
        "reason": told.get("refund_code") or told.get("reason") or case.reason,
        "ruling": told.get("remedy") or case.remedy,
    }
    if event.before != event.after:
        params["state"] = event.after
    if due:
        left = (datetime.fromisoformat(due) - event.at).total_seconds()
        params |= {"due": due, "hours_left": max(1, round(left / HOUR))}
    return params


def _due_of(told: Told) -> str | None:
    """The end of the clock that the event is about: it ran out, or has more time."""
    clock = told.get("clock")
    return clock["due_at"] if isinstance(clock, dict) else told.get("due_at")


def _amount(case: Case, told: Told) -> int:
    """What is paid, or else agreed, or else asked for, in minor units."""
    if "refund_amount" in told:
        return told["refund_amount"]
    if "amounts" in told:
        return sum(told["amounts"].values()) + told["compensation"]
    return told.get("amount", case.amount)


def _announcement(event: Event) -> Announcement:
    """Tell a marketplace that something happened: thin, it reads the rest through the API."""
    body: dict[str, Any] = {
        "id": str(event.pk),
        "type": f"case.{event.name}",
        "case": str(event.case_id),
        "sequence": event.sequence,
        "role": event.role,
        "before": event.before,
        "state": event.after,
        "at": event.at.isoformat(),
    }
    if owed := json.loads(event.payload).get("recoveries"):
        body["recoveries"] = [_owed(each, event.case.currency) for each in owed]
    return Announcement(
        marketplace_id=event.marketplace_id,
        case_id=event.case_id,
        event_id=event.pk,
        sequence=event.sequence,
        type=body["type"],
        body=json.dumps(body, separators=(",", ":")),
        clock_id=event.case.clock_id,
    )


def _owed(recovery: Told, currency: str) -> Told:
    """Tell what somebody owes; its id is the key by which it is carried out once."""
    return {**recovery, "amount": money.shown(recovery["amount"], currency)}
