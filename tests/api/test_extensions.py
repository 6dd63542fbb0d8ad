"""More time over HTTP: what is asked for must make sense."""

import pytest

from tests.api import callers
from tests.api.callers import buyer, order, seller
from tests.api.problems import pointers, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hours", [0, -1, 241, "24", 1.5, None, True])
def test_hours_that_make_no_sense(hours, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).step(case, "ask_extension", hours=hours)

    assert problem(answer) == (400, "INVALID")
    assert [pointer for pointer, _ in pointers(answer)] == ["/hours"]


def test_more_time_beyond_the_limit(nothing_changes):
    bought = order()
    case = seller(bought).step(callers.opened(bought), "ask_extension", hours=24).json()
    case = buyer(bought).step(case, "grant_extension").json()
    nothing_changes()

    answer = seller(bought).step(case, "ask_extension", hours=24)

    assert problem(answer) == (409, "LIMIT_REACHED")


def test_the_case_says_who_may_ask_and_who_may_grant():
    bought = order()
    case = callers.opened(bought)

    def offered(caller):
        names = [action["name"] for action in caller.case(case["id"])["actions"]]
        return [name for name in names if "extension" in name]

    assert (offered(seller(bought)), offered(buyer(bought))) == (["ask_extension"], [])
    seller(bought).step(case, "ask_extension", hours=24)
    assert (offered(seller(bought)), offered(buyer(bought))) == ([], ["grant_extension"])
