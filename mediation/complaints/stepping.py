"""One step of one complaint, in memory: what `writer` does for each of n complaints."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cases.actors import CLOCK, Actor
from cases.canonical import canonical
from cases.complaint_actions import STEPS, why_not
from cases.complaint_terms import TERMS
from cases.ids import new_id
from cases.models import Complaint, ComplaintEvent, ComplaintStatement
from mediation.changes import row_type
from mediation.complaints import timekeeping
from mediation.expiry import GRACE, Gap, no_gap
from mediation.files import attaching
from mediation.timeline import link


class Taken(NamedTuple):
    """What a step has led to. `event` is the row of the chain."""

    complaint: Complaint
    event: Any


def move(
    complaint: Complaint, name: str, by: Actor, inputs: Mapping[str, Any], *, fired: bool = False
) -> Taken:
    """Take one step.

    :param inputs: validated; `statement` is typed words, `evidence` a list of what proves them
    :param fired: the step is what follows the end of the clock
    :raises Refused: it may not be taken; nothing has changed
    """
    facts, step, given = complaint.facts, STEPS[name], dict(inputs)
    facts.begin(by)
    if (refusal := why_not(complaint, step)) is not None:
        raise refusal
    words, evidence = given.pop("statement", None), given.pop("evidence", [])
    attaching.check(complaint, by, evidence)
    if words is not None:
        given["statement"] = new_id(facts.at)
    before, ended = str(complaint.state), timekeeping.told(complaint) if fired else None
    getattr(complaint, name)(**given)
    timekeeping.follow(complaint, before, again=fired)
    if not step.rule.quiet:
        complaint.version += 1
    facts.tell(files=[facts.files[key].sha256 for key in attaching.named(evidence)] or None)
    event = _record(complaint, name, before=before, ended=ended)
    if words is not None:
        _keep_words(complaint, event, given["statement"], words, evidence)
    return Taken(complaint, event)


def run_out(complaint: Complaint, last_gap: Callable[[], Gap] = no_gap) -> None:
    """Let a clock that has ended before the moment of the run happen.

    :param last_gap: tells (since, until) of an outage of ours: what fell due in it gets more time
        instead; asked only when a clock has ended
    """
    facts = complaint.facts
    while complaint.due_at is not None and complaint.due_at <= facts.at:
        gap = last_gap()
        if gap and gap[0] < complaint.due_at <= gap[1]:
            _make_good(complaint, gap)
        else:
            move(complaint, TERMS[complaint.state].then, CLOCK, {}, fired=True)


def remind(complaint: Complaint) -> None:
    """Note a reminder if its moment has come and the clock still runs."""
    facts = complaint.facts
    if complaint.next_at is not None and complaint.next_at <= facts.at:
        facts.begin(CLOCK)
        complaint.parked = 0
        complaint.next_at = timekeeping.next_moment(complaint)
        _record(complaint, "remind", before=str(complaint.state))


def _make_good(complaint, gap):
    complaint.facts.begin(CLOCK)
    complaint.due_at += gap[1] - gap[0] + GRACE
    complaint.next_at = timekeeping.next_moment(complaint)
    complaint.version += 1
    _record(complaint, "extend", before=str(complaint.state))


def _record(complaint, name, *, before, ended=None):
    """Add one event to the chain."""
    facts, after = complaint.facts, str(complaint.state)
    role, party_id = str(facts.actor.role), facts.actor.party_id
    complaint.sequence += 1
    told = {
        "name": name,
        "role": role,
        "party": party_id,
        "before": before,
        "after": after,
        "at": facts.at,
        "version": complaint.version,
        **facts.told,
    }
    if ended is not None:
        told["clock"] = ended
    if complaint.due_at is not None:
        told["due_at"] = complaint.due_at
    payload = canonical(told)
    digest = hashlib.sha256(link(complaint.head, complaint.sequence, payload)).digest()
    event = row_type(ComplaintEvent)(
        id=facts.event_id,
        complaint_id=complaint.id,
        sequence=complaint.sequence,
        name=name,
        role=role,
        party_id=party_id,
        before=before,
        after=after,
        at=facts.at,
        due_at=ended["due_at"] if ended else None,
        clock=ended["id"] if ended else None,
        payload=payload,
        previous=bytes(complaint.head),
        hash=digest,
    )
    complaint.head = digest
    facts.changes.touch(complaint)
    facts.changes.added[ComplaintEvent].append(event)
    return event


def _keep_words(complaint, event, written, words, evidence):
    facts = complaint.facts
    facts.changes.added[ComplaintStatement].append(
        ComplaintStatement.fresh(
            id=written,
            complaint_id=complaint.id,
            event_id=event.id,
            role=str(facts.actor.role),
            party_id=facts.actor.party_id,
            text=words,
            evidence=[_handed_in(complaint, item) for item in evidence],
            written_at=facts.at,
        )
    )


def _handed_in(complaint, item):
    """Note one thing that proves it; a file of ours is bound to the complaint."""
    if "file" not in item:
        return item
    file = attaching.attach(complaint, item["file"])
    return {"slot": item["slot"], "sha256": file.sha256, "file": str(file.id)}
