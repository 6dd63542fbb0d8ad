"""Complaints in a sandbox: decided as its service tells, and felt as in a live marketplace."""

import pytest

from cases.models import ComplaintEvent
from tests import world
from tests.api.problems import problem
from tests.world import day

pytestmark = pytest.mark.django_db


def complained(sandbox, **more):
    """Sam complains of Bea, who answers."""
    complaint = sandbox.complains(sandbox.open(sandbox.order()), **more)
    told = {"statement": "I did not."}
    path = f"complaints/{complaint['id']}/steps/answer"
    assert sandbox.bea.post(path, told, if_match=1).status_code == 200
    return complaint


def test_a_complaint_that_is_upheld_is_felt_by_the_next_application_until_an_appeal(sandbox):
    complaint = complained(sandbox)

    upheld = sandbox.decides(complaint, "upheld", restrictions=["evidence_first"])
    bare = sandbox.applies(sandbox.order())
    [row] = sandbox.bea.get("restrictions").json()["results"]
    sandbox.passes(days=1)
    appealed = sandbox.bea.post(row["appeal"].removeprefix("/api/v1/"), {"statement": "No."})
    reversed_ = sandbox.decides(complaint, "dismissed").json()
    again = sandbox.applies(sandbox.order())

    assert (upheld.status_code, upheld.json()["verdict"]) == (200, "upheld")
    assert (problem(bare), bare.json()["restriction"]) == (
        (422, "EVIDENCE_MISSING"),
        "evidence_first",
    )
    assert appealed.json()["state"] == "appealed"
    assert (reversed_["state"], reversed_["verdict"]) == ("final", "dismissed")
    assert again.status_code == 201
    decided = ComplaintEvent.objects.filter(name__in=["uphold", "reverse"]).order_by("id")
    assert [event.at for event in decided] == [day(0), day(1)]


def test_what_is_dismissed_in_a_sandbox_restricts_nobody_and_may_be_upheld_on_appeal(sandbox):
    complaint = complained(sandbox)
    sandbox.decides(complaint, "dismissed")
    told = {"statement": "Look again."}
    seen = sandbox.sam.get(f"complaints/{complaint['id']}").json()
    path = f"complaints/{complaint['id']}/steps/appeal"
    assert sandbox.sam.post(path, told, if_match=seen["version"]).status_code == 200
    assert sandbox.bea.get("restrictions").json()["results"] == []

    final = sandbox.decides(complaint, "upheld", restrictions=["notice"]).json()

    assert (final["state"], final["verdict"]) == ("final", "upheld")
    assert [row["kind"] for row in sandbox.bea.get("restrictions").json()["results"]] == ["notice"]


def test_a_confirmed_decision_stays_as_it_was(sandbox):
    complaint = complained(sandbox)
    sandbox.decides(complaint, "upheld", restrictions=["notice"])
    [row] = sandbox.bea.get("restrictions").json()["results"]
    sandbox.bea.post(row["appeal"].removeprefix("/api/v1/"), {"statement": "No."})

    refused = sandbox.decides(complaint, "upheld", restrictions=["manual_review"])
    confirmed = sandbox.decides(complaint, "upheld").json()

    assert problem(refused) == (422, "BAD_TERMS")
    assert (confirmed["state"], confirmed["verdict"]) == ("final", "upheld")


BAD = [
    ({"verdict": "maybe"}, (400, "INVALID")),
    ({"verdict": "dismissed", "restrictions": ["notice"]}, (400, "INVALID")),
    ({"verdict": "upheld", "restrictions": ["prison"]}, (400, "INVALID")),
    ({"verdict": "upheld", "restrictions": ["delist"]}, (422, "BAD_TERMS")),
    ({"verdict": "upheld", "statement": " "}, (400, "INVALID")),
]


def test_a_mediator_of_complaints_that_is_badly_told_decides_nothing(sandbox):
    complaint = complained(sandbox)

    answers = [problem(sandbox.decides(complaint, **decision)) for decision, _answer in BAD]

    assert answers == [answer for _decision, answer in BAD]
    assert sandbox.bea.get(f"complaints/{complaint['id']}").json()["state"] == "in_review"


def test_nobody_decides_before_the_accused_was_heard_nor_twice(sandbox):
    complaint = sandbox.complains(sandbox.open(sandbox.order()))
    early = sandbox.decides(complaint, "upheld")
    sandbox.passes(days=4)  # Bea says nothing
    sandbox.decides(complaint, "upheld")
    twice = sandbox.decides(complaint, "dismissed")

    assert [problem(answer) for answer in (early, twice)] == [(409, "NOT_NOW")] * 2
    nobody = {"id": str(world.uuid4())}
    assert problem(sandbox.decides(nobody, "upheld")) == (404, "NOT_FOUND")
