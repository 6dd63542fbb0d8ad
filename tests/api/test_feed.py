"""The feed of a marketplace: everything, once, in order, and never past a transaction that runs."""

import time

import pytest
from django.db import transaction

from cases.models import Event
from tests import world
from tests.api import callers
from tests.api.callers import order, seller, service
from tests.api.problems import problem
from tests.api.test_races import at_once_one

pytestmark = pytest.mark.django_db(transaction=True)


def look(caller, after="", limit=100):
    answer = caller.get("events", after=after, limit=limit)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return body["results"], body["next"]


def read(caller, after="", *, wanted, limit=100):
    """Look until so many events are there: any transaction on the server holds them back."""
    for _ in range(1_200):
        found, cursor = look(caller, after, limit)
        if len(found) >= wanted:
            return found, cursor
        time.sleep(0.05)
    raise AssertionError(f"only {len(found)} of {wanted} events")


def test_everything_is_told_once_and_in_order():
    bought = order()
    shop = service(bought)
    case = callers.opened(bought)
    first, cursor = read(shop, wanted=1)
    seller(bought).step(case, "approve")

    second, cursor = read(shop, cursor, wanted=1)
    third, last = look(shop, cursor)

    assert [(e["case"], e["sequence"], e["name"]) for e in first] == [(case["id"], 1, "open")]
    assert [(e["sequence"], e["name"], e["after"]) for e in second] == [
        (2, "approve", "awaiting_return")
    ]
    assert (third, last) == ([], cursor)


def test_pages_are_as_long_as_asked_for():
    market = world.marketplace()
    cases = [callers.opened(order(market))["id"] for _ in range(3)]
    shop = service(market)

    found, cursor = read(shop, limit=2, wanted=2)
    rest, _ = read(shop, cursor, limit=2, wanted=1)

    assert [event["case"] for event in found + rest] == cases


def test_what_a_slow_transaction_has_written_is_never_skipped():
    market = world.marketplace()
    shop = service(market)
    slow, quick = order(market), order(market)
    with transaction.atomic():
        list(Event.objects.all())
        transaction.get_connection().cursor().execute("SELECT pg_current_xact_id()")  # has begun
        [case] = at_once_one(lambda: callers.opened(quick))
        [(during, cursor)] = at_once_one(lambda: look(shop))
        # What this transaction would still write must not end up behind the cursor.
        assert (during, cursor) == ([], "")
    late = callers.opened(slow)

    after, _ = read(shop, cursor, wanted=2)

    assert [event["case"] for event in after] == [case["id"], late["id"]]


def test_a_marketplace_reads_only_its_own():
    bought = order(world.marketplace("bazaar"))
    callers.opened(bought)
    read(service(bought), wanted=1)

    assert look(service(world.marketplace("souk"))) == ([], "")


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "9" * 30 + "-" + "0" * 36}])
def test_a_cursor_that_is_not_one_of_ours(query):
    market = world.marketplace()

    assert problem(service(market).get("events", **query)) == (400, "BAD_CURSOR")


@pytest.mark.parametrize("limit", ["0", "501", "-1", "ten", "\uff11"])
def test_a_limit_that_is_none(limit):
    market = world.marketplace()

    assert problem(service(market).get("events", limit=limit)) == (400, "INVALID")
