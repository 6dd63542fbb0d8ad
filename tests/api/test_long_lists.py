"""Long lists: as many statements as for ten rows; pages of ten thousand go by an index."""

from datetime import timedelta

import pytest

from cases.models import (
    Application,
    ApplicationItem,
    Case,
    Clock,
    Complaint,
    Event,
    Message,
    Penalty,
    Statement,
)
from tests.api import callers
from tests.api.callers import NOW, buyer, order, service
from tests.api.test_complaints import decided
from tests.copies import asked, multiply, read_whole
from tests.sizes import SOAK, size

pytestmark = pytest.mark.django_db

BIG = (Case, Application, ApplicationItem, Clock, Complaint, Event, Message, Penalty, Statement)
SOON, AGO = (NOW + timedelta(days=9)).isoformat(), (NOW - timedelta(hours=1)).isoformat()
CASES = [
    {},
    {"state": "awaiting_seller"},
    {"waiting_on": "seller"},
    {"due_before": SOON},
    {"updated_after": AGO},
    {"order": "REF"},
]
LISTS = [
    *(("cases", query) for query in CASES),
    *(("applications", query) for query in [*CASES, {"reason": "no_longer_wanted"}]),
    ("complaints", {}),
    ("restrictions", {}),
    ("cases/ID/timeline", {}),
    ("cases/ID/messages", {}),
]

BY_INDEX = {  # of those that are filtered, which keep all here, some are read whole and sorted
    ("cases",),
    ("cases", "state"),
    ("cases", "waiting_on"),
    ("cases", "due_before"),
    ("cases", "order"),
    ("applications",),
    ("complaints",),
    ("restrictions",),
}


def test_long_lists_cost_the_same_as_short_ones_and_pages_go_by_index():
    bought = order()
    case = callers.opened(bought)
    decided(bought, case, "notice")
    buyer(bought).post(f"cases/{case['id']}/messages", {"audience": "all", "text": "Well?"})

    grow(10)
    few = read_all(bought, case)
    grow(size(1_000, 10_000), after=10)
    many = read_all(bought, case)

    assert costs(many) == costs(few)
    pages = {key: many[key] for key in many if key[1:] in BY_INDEX}
    assert len(pages) == 2 * len(BY_INDEX)
    if SOAK:  # of a thousand rows some are read whole sooner than by an index
        whole = {key: read_whole(statements, *BIG) for key, statements in pages.items()}
        assert whole == {key: set() for key in pages}


def grow(n, *, after=0):
    """Copy the case with all that belongs to it, and let its own thread and timeline grow."""
    first = Case.everywhere.order_by("id")[:1].get().pk
    multiply(
        n,
        Case.everywhere.filter(pk=first),
        Application.objects.filter(case=first),
        ApplicationItem.objects.filter(application__case=first),
        Clock.objects.filter(case=first),
        Event.objects.filter(case=first, sequence=1),
        Statement.objects.filter(case=first),
        Complaint.everywhere.filter(case=first),
        Penalty.objects.filter(case=first),
        after=after,
        reporter_id="NULL",  # one may complain but once
    )
    grown = {"id": "gen_random_uuid()", "sequence": 't."sequence" + 10 * n'}
    story = Event.objects.filter(case=first, sequence__lt=10)
    thread = Message.objects.filter(case=first).order_by("id")[:1]
    multiply(n, story, thread, after=after, **grown)


def read_all(bought, case):
    """Read every list as a buyer and as the service; give what each page asked of the database."""
    found = {}
    for caller in (buyer(bought), service(bought)):
        for path, query in lists(caller, bought, case):
            key = (caller.role, path, *query)
            with asked() as found[key]:
                answer = caller.get(path, **query)
            assert answer.status_code == 200, answer.content
            if path != "events" and (following := answer.json()["next"]):
                with asked() as found[*key, "next"]:
                    assert caller.client.get(following).status_code == 200
    return found


def lists(caller, bought, case):
    for path, query in LISTS:
        told = {key: bought.ref if value == "REF" else value for key, value in query.items()}
        yield path.replace("ID", case["id"]), told
    if caller.role == "service":
        yield "events", {}


def costs(found):
    return {key: len(statements) for key, statements in found.items() if key[-1] != "next"}
