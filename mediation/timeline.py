"""The timeline: what is written down of each step, canonical and chained."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from cases.canonical import canonical
from cases.models import Case, Clock, Event
from mediation import outbox
from mediation.changes import Changes, row_type


def record(
    case: Case, name: str, changes: Changes, *, before: str, fired: Clock | None = None
) -> Any:
    """Add one event to a case's chain, with the effects that must follow it.

    :param before: the case's state before the step
    :param fired: the clock whose end this is; its id in an event proves "exactly once"
    :returns: the row, a named tuple of the columns of `Event`
    """
    facts = case.facts
    party_id, role = facts.actor.party_id, str(facts.actor.role)
    before, after = str(before), str(case.state)
    case.sequence += 1
    told = {
        "name": name,
        "role": role,
        "party": party_id,
        "before": before,
        "after": after,
        "dispute": str(facts.dispute.state) if facts.dispute else None,
        "at": facts.at,
        "version": case.version,
        **_of_clocks(facts.told),
    }
    if fired is not None:
        told["clock"] = _of_clock(fired)
    payload = canonical(told)
    digest = hashlib.sha256(link(case.head, case.sequence, payload)).digest()
    event = row_type(Event)(
        id=facts.event_id,
        case_id=case.id,
        marketplace_id=case.marketplace_id,
        sequence=case.sequence,
        name=name,
        role=role,
        party_id=party_id,
        before=before,
        after=after,
        at=facts.at,
        due_at=fired.due_at if fired is not None else None,
        clock=fired.id if fired is not None else None,
        payload=payload,
        previous=bytes(case.head),
        hash=digest,
    )
    case.head = digest
    changes.touch(case)
    changes.added[Event].append(event)
    outbox.plan(case, event, changes)
    return event


def link(previous: bytes | memoryview, sequence: int, payload: str) -> bytes:
    """Join what one link of the chain is the hash of; SQL does the same in `invariants`."""
    return bytes(previous) + str(sequence).encode() + payload.encode()


def _of_clocks(told):
    return told | {
        key: [_of_clock(clock) for clock in told[key]]
        for key in ("clocks_started", "clocks_resumed", "clocks_ended")
        if key in told
    }


def _of_clock(clock):
    return {
        "id": clock.id,
        "name": clock.name,
        "party": clock.party,
        "length": clock.length,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "stood_still_s": int(clock.stood_still.total_seconds()),
        "extensions": clock.extensions,
    }


def plain(value: Any) -> Any:
    """Turn ids and moments into text, all the way down; keys too."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
