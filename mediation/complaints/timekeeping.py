"""The one clock of a complaint: which starts where, when it reminds, and how it is told of."""

from datetime import datetime
from typing import Any

from cases.complaint_terms import TERMS
from cases.durations import reminders
from cases.ids import new_id
from cases.models import Complaint


def follow(complaint: Complaint, before: str, *, again: bool) -> None:
    """Set the clock right after a step: a state that is entered starts its own.

    :param before: the state before the step
    :param again: the clock has run out; where it stays, it starts once more
    """
    term, facts = TERMS.get(complaint.state), complaint.facts
    if term is None:
        complaint.clock, complaint.length, complaint.clock_key = "", "", None
        complaint.started_at = complaint.due_at = complaint.next_at = None
    elif before != complaint.state or again:
        name = term.again if again and before == complaint.state else term.length
        complaint.clock, complaint.clock_key = term.name, new_id(facts.at)
        complaint.length = str(getattr(facts.terms, name))
        complaint.started_at, complaint.parked = facts.at, 0
        complaint.due_at = facts.ends(name)
        complaint.next_at = next_moment(complaint)


def next_moment(complaint: Complaint) -> datetime | None:
    """Tell the next reminder of the clock after the moment of the run, or its end."""
    term, facts = TERMS[complaint.state], complaint.facts
    started_at, due_at = complaint.started_at, complaint.due_at
    if started_at is None or due_at is None or not term.reminds:
        return due_at
    coming = reminders(started_at, due_at, getattr(facts.terms, term.reminds))
    return next((moment for moment in coming if moment > facts.at), due_at)


def told(complaint: Complaint) -> dict[str, Any]:
    """Tell of the clock as it stands."""
    return {
        "id": complaint.clock_key,
        "name": complaint.clock,
        "length": complaint.length,
        "started_at": complaint.started_at,
        "due_at": complaint.due_at,
    }
