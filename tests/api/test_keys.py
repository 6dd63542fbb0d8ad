"""Idempotency-Keys: none, no key, one that was used before."""

import pytest

from tests.api import callers
from tests.api.callers import application, buyer, order, seller
from tests.api.problems import problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["", "with space", "long" * 51, "\u00e9"])
def test_a_key_that_is_missing_or_no_key(key, nothing_changes):
    bought = order()
    nothing_changes()

    headers = {"Idempotency-Key": key}
    answer = buyer(bought).client.post("/api/v1/cases", application(bought), headers=headers)

    assert problem(answer) == (400, "IDEMPOTENCY_KEY_MISSING")


def test_a_key_that_was_used_for_something_else():
    bought = order(quantity=2)
    bea = buyer(bought)
    first = bea.open(bought, key="k1")

    answer = bea.open(bought, key="k1", statement="Something else.")

    assert problem(answer) == (422, "KEY_REUSED")
    assert [c["id"] for c in bea.get("cases").json()["results"]] == [first.json()["id"]]


def test_the_same_key_again_gets_the_same_answer(nothing_changes):
    bought = order()
    bea = buyer(bought)
    first = bea.open(bought, key="k1")
    nothing_changes()

    again = bea.open(bought, key="k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]


def test_a_refusal_is_replayed_as_well(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    sam = seller(bought)
    nothing_changes()
    first = sam.step(case, "accept_return", key="k1")

    again = sam.step(case, "accept_return", key="k1")

    assert problem(again) == (409, "NOT_NOW")
    assert again.json() == first.json() | {"trace_id": again.json()["trace_id"]}


def test_another_persons_key_is_another_key():
    bought = order(quantity=2)
    one = application(bought, items=[{"line": "0", "quantity": 1}])
    first = buyer(bought).post("cases", one, key="k1")

    second = buyer(bought, person="buyer-2").post("cases", one, key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
