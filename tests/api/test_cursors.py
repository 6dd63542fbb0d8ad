"""Cursors: for whoever was given them, in the list that they are of; and how long a page is."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from cases import cursors
from cases.actors import Actor
from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller, service
from tests.api.problems import problem

pytestmark = pytest.mark.django_db

BAD = (400, "BAD_CURSOR")


@pytest.fixture
def bought():
    """Two cases about one order, so that a page of one has a next one."""
    found = order(quantity=2)
    for _ in range(2):
        callers.opened(found, items=[{"line": "0", "quantity": 1}])
    return found


def cursor(answer):
    assert answer.status_code == 200, answer.content
    return parse_qs(urlsplit(answer.json()["next"]).query)["cursor"][0]


def test_a_cursor_is_good_for_whoever_was_given_it(bought):
    bea = buyer(bought)
    mine = cursor(bea.get("cases", limit=1))
    stranger = Caller(bought.marketplace, "buyer", world.party(bought.marketplace, "buyer").ref)
    abroad = world.marketplace("souk")

    assert len(bea.get("cases", cursor=mine).json()["results"]) == 1
    assert len(buyer(bought, person="b-2").get("cases", cursor=mine).json()["results"]) == 1
    for other in (seller(bought), service(bought), stranger, service(abroad)):
        assert problem(other.get("cases", cursor=mine)) == BAD


def test_a_cursor_is_good_for_its_own_list(bought):
    bea = buyer(bought)
    mine = cursor(bea.get("cases", limit=1))
    [case, _] = bea.get("cases").json()["results"]

    for path in ("applications", f"cases/{case['id']}/timeline", f"cases/{case['id']}/messages"):
        assert problem(bea.get(path, cursor=mine)) == BAD


def test_a_cursor_that_somebody_has_made(bought):
    bea = buyer(bought)
    mine = cursor(bea.get("cases", limit=1))
    place, _, seal = mine.rpartition("~")
    guessed = base64.b64encode(b"p=01900000-0000-7000-8000-000000000000").decode()

    for made in (
        place,
        guessed,
        f"{guessed}~{seal}",
        f"{mine}x",
        f"~{seal}",
        "",
        "\u202e",
        "a\x00",
    ):
        assert problem(bea.get("cases", cursor=made)) == BAD


def test_a_cursor_of_the_feed_is_good_for_its_marketplace():
    here, there = (world.marketplace(slug) for slug in ("bazaar", "souk"))
    place = "7-01900000-0000-7000-8000-000000000000"
    whose = Actor(role="service", marketplace_id=here.id, person="p-1")
    mine = cursors.signed(place, path="events", actor=whose)

    assert service(here).get("events", after=mine).json() == {"results": [], "next": mine}
    assert problem(service(there).get("events", after=mine)) == BAD
    assert problem(service(here).get("events", after=place)) == BAD


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "1.5", "\uff11", "", "9" * 5_000])
def test_a_page_of_a_length_that_makes_no_sense(limit):
    bea = buyer(order())

    assert problem(bea.get("cases", limit=limit)) == (400, "INVALID")
    assert problem(bea.get("applications", limit=limit)) == (400, "INVALID")


@pytest.mark.parametrize("name", ["due_before", "updated_after"])
@pytest.mark.parametrize(
    "moment",
    ["2026-03-02T08:00:00", "2026-03-02", "0001-01-01T00:00:00Z", "\uff12026-03-02T08:00:00Z"],
)
def test_a_moment_without_a_zone_filters_nothing(name, moment):
    answer = buyer(order()).get("cases", **{name: moment})

    assert problem(answer) == (400, "INVALID")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]


def test_no_list_is_ordered_or_cut_down_by_what_is_private(bought):
    bea = buyer(bought)

    for name in ("ordering", "order_by", "seller__contacts", "order__marketplace__secret", "id"):
        for path in ("cases", "applications"):
            assert problem(bea.get(path, **{name: "x"})) == (400, "UNKNOWN_PARAMETER")
