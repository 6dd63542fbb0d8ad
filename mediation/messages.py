"""Messages: written by the writer as steps are, though they move nothing.

The case is locked and the moment is read as for a step; the event tells who wrote to whom, never
what. A letter says that there is something to read: one in ten minutes for each side and audience.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from cases.actors import Actor
from cases.history import audiences
from cases.models import Case, Message
from cases.refusals import NotYourAudience
from mediation import stepping, timeline
from mediation.changes import Changes
from mediation.files import attaching

NAME = "message"  # of the event
PAUSE = timedelta(minutes=10)  # between two letters about messages of one side


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message that somebody wants to send."""

    audience: str
    text: str = ""
    files: tuple[UUID, ...] = ()  # each once


def keep(case: Case, draft: Draft, by: Actor, changes: Changes) -> Any:
    """Add a message to the thread of a locked case whose facts are loaded.

    :returns: the row of its event
    :raises NotYourAudience: the author would not read it there
    :raises UnknownFile: a file is not there for the author
    """
    if draft.audience not in audiences(by.role):
        raise NotYourAudience("This is not for you to write to.", audience=draft.audience)
    attaching.see(case, by, draft.files)
    facts = case.facts
    facts.begin(by)
    announced = _is_news(case, draft, by, facts.at)
    message = facts.new(
        "Message",
        case_id=case.id,
        event_id=facts.event_id,
        role=by.role,
        party_id=by.party_id,
        person=by.person,
        audience=draft.audience,
        text=draft.text,
        announced=announced,
        written_at=facts.at,
    )
    files = [attaching.attach(case, key) for key in draft.files]
    for file in files:
        facts.new("Attachment", message_id=message.id, file_id=file.id)
    facts.tell(message=message.id, audience=draft.audience, announced=announced)
    facts.tell(files=[file.sha256 for file in files] or None)
    if facts.dispute is not None:
        stepping.renew_lease(facts)
    return timeline.record(case, NAME, changes, before=case.state)


def kept(taken: Any) -> dict[str, Any]:
    """Tell what was made of a message: from its event, as the row is not read again."""
    event = taken.event
    told = json.loads(event.payload)
    return {
        "id": told["message"],
        "sequence": event.sequence,
        "audience": told["audience"],
        "written_at": event.at,
    }


def _is_news(case, draft, by, at):
    """Say whether its readers have heard of no message from this side for a while."""
    told = Message.objects.filter(
        case=case,
        role=by.role,
        audience=draft.audience,
        announced=True,
        written_at__gt=at - PAUSE,
        written_at__lte=at,
    )
    return not told.exists()
