"""What is not there for who asks, not possible now, not theirs, or too late."""

import pytest

from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller
from tests.api.problems import problem

pytestmark = pytest.mark.django_db


def test_an_order_that_nobody_knows(nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).open(bought, order="other")) == (404, "ORDER_NOT_FOUND")


def test_somebody_elses_order(nothing_changes):
    bought = order()
    stranger = world.party(bought.marketplace, "buyer")
    nothing_changes()

    answer = Caller(bought.marketplace, "buyer", stranger.ref).open(bought)

    assert problem(answer) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("path", ["", "/timeline", "/clocks", "/refunds", "/dispute"])
def test_somebody_elses_case_does_not_exist(path, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    stranger = world.party(bought.marketplace, "buyer")
    nothing_changes()

    answer = Caller(bought.marketplace, "buyer", stranger.ref).get(f"cases/{case['id']}{path}")

    assert problem(answer) == (404, "NOT_FOUND")


def test_a_step_in_somebody_elses_case(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    other = order(world.marketplace("souk"), seller=None)
    nothing_changes()

    assert problem(seller(other).step(case, "approve")) == (404, "NOT_FOUND")


def test_the_step_of_a_mediator_is_not_taken_here(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    assert problem(buyer(bought).step(case, "rule")) == (404, "NOT_FOUND")


def test_only_the_service_tells_of_orders_and_parcels_and_reads_the_feed(nothing_changes):
    bought = order()
    nothing_changes()

    for caller in (buyer(bought), seller(bought)):
        assert problem(caller.put("orders/o-1", {})) == (403, "NOT_YOUR_ROLE")
        assert problem(caller.post("parcel-events")) == (403, "NOT_YOUR_ROLE")
        assert problem(caller.get("events")) == (403, "NOT_YOUR_ROLE")


# When


def test_a_step_that_is_not_possible_now(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).step(case, "accept_return")

    assert problem(answer) == (409, "NOT_NOW")
    assert (answer.json()["version"], answer.json()["state"]) == (1, "awaiting_seller")
    assert [action["name"] for action in answer.json()["actions"]] == [
        *("approve", "refuse", "offer", "ask_extension")
    ]


def test_a_step_of_the_other_side(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    assert problem(buyer(bought).step(case, "approve")) == (403, "NOT_YOUR_STEP")


def test_a_version_that_has_been_left_behind(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).step(case, "approve", if_match=7)

    assert problem(answer) == (412, "STALE_VERSION")
    assert answer.json()["version"] == 1


def test_no_version_at_all(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).post(f"cases/{case['id']}/steps/approve")

    assert problem(answer) == (428, "IF_MATCH_MISSING")


@pytest.mark.parametrize("version", ["*", "one", "1, 2", "\uff11"])
def test_an_if_match_that_is_no_version(version, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    headers = {"If-Match": version.encode().decode("latin-1")}
    answer = seller(bought).post(f"cases/{case['id']}/steps/approve", **headers)

    assert problem(answer) == (400, "BAD_IF_MATCH")


def test_an_answer_that_comes_too_late():
    bought = order(delivered=callers.NOW - 9 * callers.AGO)
    found = world.open_case(bought, when=callers.NOW - 4 * callers.AGO)
    case = {"id": found.pk, "version": 1}

    answer = seller(bought).step(case, "refuse", reason="outside_window", statement="No.")

    assert problem(answer) == (410, "DEADLINE_PASSED")
    assert answer.json()["state"] == world.case(found.pk).state == "in_mediation"
    assert answer.json()["version"] == world.case(found.pk).version
