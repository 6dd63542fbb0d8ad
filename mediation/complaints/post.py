"""What is told of complaints: letters to both sides, webhooks to the marketplace.

They are rows of the post office, which carries them like all others; they are written in the
transaction of the event. A webhook carries the consequences, each by the id of its penalty: the
key by which the marketplace carries it out once.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from cases.models import Complaint, ComplaintEvent, Penalty
from mediation import bell
from mediation.changes import Changes
from mediation.letters import DELIVER
from notifications import deliveries, post_office, texts
from notifications.deliveries import Notice
from notifications.post_office import Note

log = logging.getLogger(__name__)

ACCUSED, REPORTER = "accused", "reporter"
# Step → who hears of it; the words are in notifications/letters/complaints.toml. A text is
# chosen by event and reader, and by the verdict where there is one for it.
HEARS: dict[str, tuple[str, ...]] = {
    "file": (ACCUSED, REPORTER),
    "remind": (ACCUSED,),
    "object": (ACCUSED,),
    "withdraw": (ACCUSED,),
    "ask": (ACCUSED,),
    "uphold": (ACCUSED, REPORTER),
    "dismiss": (ACCUSED, REPORTER),
    "appeal": (ACCUSED, REPORTER),
    "confirm": (ACCUSED, REPORTER),
    "reverse": (ACCUSED, REPORTER),
    "lift": (ACCUSED,),
}
INTERNAL = ("claim", "release", "remind", "to_supervisor")  # nobody's business outside


@dataclass(frozen=True, kw_only=True)
class About:
    """What letter and webhook are about; `subject` is the id that both are kept under."""

    subject: UUID
    marketplace_id: UUID
    clock_id: UUID | None


def write(changes: Changes, complaints: Mapping[UUID, Complaint]) -> None:
    """Write the letters and webhooks of the events of one run: four statements, for any number."""
    events = changes.added.get(ComplaintEvent, [])
    penalties = {row.id: row for c in complaints.values() for row in c.facts.penalties}
    notes = [n for e in events for n in _notes(complaints[e.complaint_id], e, penalties)]
    told = [e for e in events if e.name not in INTERNAL]
    notices = [_notice(complaints[e.complaint_id], e, penalties) for e in told]
    send(notes, notices, at=changes.at)


def send(notes: list[Note], notices: list[Notice], *, at: datetime) -> None:
    """Hand letters and webhooks to the post office, and ring for them after the commit."""
    if not notes and not notices:
        return
    for note, fault in post_office.send(notes, at=at):
        log.error("no letter for %s: %s", note.event_id, fault)
    deliveries.announce(notices, at=at)
    transaction.on_commit(lambda: bell.ring(DELIVER), robust=True)


def points_given(penalties: Iterable[Penalty], *, at: datetime) -> None:
    """Tell sellers and marketplaces of points that come from the record alone."""
    notes, notices = [], []
    for row in penalties:
        about = About(subject=row.id, marketplace_id=row.marketplace_id, clock_id=row.clock_id)
        params = {"reason": row.cause, "points": row.points, "due": row.ends_at.isoformat()}
        notes.append(_note(about, row.id, row.party_id, "complaint_points.accused", params))
        body = {"id": str(row.id), "type": "consequence", "consequences": [consequence(row)]}
        notices.append(_announce(about, row.id, 1, body))
    send(notes, notices, at=at)


def consequence(row: Penalty) -> dict[str, Any]:
    """Tell of one penalty; its id is the key by which it is carried out once."""
    return {
        "id": str(row.id),
        "party": str(row.party_id),
        "kind": row.kind,
        "points": row.points,
        "cause": row.cause,
        "begins_at": row.begins_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "lifted_at": row.lifted_at and row.lifted_at.isoformat(),
    }


def _about(complaint):
    return About(
        subject=complaint.id,
        marketplace_id=complaint.marketplace_id,
        clock_id=complaint.clock_id,
    )


def _notes(complaint, event, penalties):
    told = json.loads(event.payload)
    kinds = [penalties[UUID(key)].kind for key in told.get("penalties", ())]
    params = {"complaint_no": complaint.number, "reason": complaint.ground}
    if "due_at" in told:
        params["due"] = told["due_at"]
    if kinds:
        params["penalty"] = ",".join(kinds)
    readers = {ACCUSED: complaint.accused_id, REPORTER: complaint.reporter_id}
    for reader in HEARS.get(event.name, ()):
        if readers[reader] is None:
            continue
        cause = "restricted" if kinds else told.get("verdict", "")
        key = texts.table().find(f"complaint_{event.name}", reader, cause)
        if key is not None:
            yield _note(_about(complaint), event.id, readers[reader], key, params)


def _note(about, event_id, recipient_id, template, params):
    return Note(
        case_id=about.subject,
        event_id=event_id,
        marketplace_id=about.marketplace_id,
        recipient_id=recipient_id,
        template=template,
        params=params,
        clock_id=about.clock_id,
    )


def _notice(complaint, event, penalties):
    told = json.loads(event.payload)
    concerned = [penalties[UUID(k)] for name in ("penalties", "lifted") for k in told.get(name, ())]
    body = {
        "id": str(event.id),
        "type": f"complaint.{event.name}",
        "complaint": str(complaint.id),
        "case": complaint.case_id and str(complaint.case_id),
        "sequence": event.sequence,
        "role": event.role,
        "before": event.before,
        "state": event.after,
        "at": event.at.isoformat(),
        "consequences": [consequence(row) for row in concerned],
    }
    return _announce(_about(complaint), event.id, event.sequence, body)


def _announce(about, event_id, sequence, body):
    return Notice(
        marketplace_id=about.marketplace_id,
        case_id=about.subject,
        event_id=event_id,
        sequence=sequence,
        type=body["type"],
        body=json.dumps(body, separators=(",", ":")),
        clock_id=about.clock_id,
    )
