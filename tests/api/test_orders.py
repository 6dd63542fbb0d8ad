"""Orders: told by the marketplace, the same again changes nothing, money is fixed by a case."""

import copy

import pytest

from cases.models import Order, Party
from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, service, yuan
from tests.api.problems import pointers, problem

pytestmark = pytest.mark.django_db

SNAPSHOT = {
    "buyer": {"ref": "bea", "language": "zh-hans"},
    "seller": {"ref": "sam"},
    "currency": "CNY",
    "time_zone": "Asia/Shanghai",
    "placed_at": "2026-10-01T08:00:00+08:00",
    "promised_at": "2026-10-05T00:00:00Z",
    "freight": yuan("8.00"),
    "lines": [
        {
            "ref": "1",
            "sku": "cup-red",
            "title": "Cup, 红色",
            "flags": ["gift"],
            "quantity": 2,
            "paid": yuan("39.80"),
            "discounts": yuan("2.00"),
        }
    ],
    "payments": [
        {
            "ref": "p-1",
            "method": "wechat",
            "amount": yuan("47.80"),
            "captured_at": "2026-10-01T00:00:01Z",
        }
    ],
}


def told(**more):
    return copy.deepcopy(SNAPSHOT) | more


def test_an_order_is_told_and_read_back_by_its_parties_only():
    market = world.marketplace()

    answer = service(market).put("orders/o-1", told())

    assert answer.status_code == 201
    for role, ref in (("buyer", "bea"), ("seller", "sam")):
        assert Caller(market, role, ref).get("orders/o-1").json() == answer.json()
    assert problem(Caller(market, "buyer", "bob").get("orders/o-1")) == (404, "NOT_FOUND")
    read = answer.json()
    assert (read["placed_at"], read["freight"]) == ("2026-10-01T00:00:00Z", yuan("8.00"))
    [line] = read["lines"]
    assert (line["paid"], line["claimed"], line["refunded"]) == (yuan("39.80"), 0, yuan("0.00"))


def test_the_same_again_changes_nothing(nothing_changes):
    shop = service(world.marketplace())
    first = shop.put("orders/o-1", told())
    nothing_changes()

    again = shop.put("orders/o-1", told())

    assert (again.status_code, again.json()) == (200, first.json())


def test_times_may_change_at_any_time_and_money_until_there_is_a_case():
    market = world.marketplace()
    shop = service(market)
    shop.put("orders/o-1", told())
    dearer = told(freight=yuan("0.00"), delivered_at=callers.NOW.isoformat())
    dearer["lines"][0]["paid"] = yuan("47.80")

    assert shop.put("orders/o-1", dearer).json()["lines"][0]["paid"] == yuan("47.80")
    bought = Order.everywhere.get()
    callers.opened(bought)
    assert problem(shop.put("orders/o-1", told())) == (409, "ORDER_FIXED")
    later = shop.put("orders/o-1", dearer | {"promised_at": "2026-10-09T00:00:00Z"})

    assert (later.status_code, later.json()["promised_at"]) == (200, "2026-10-09T00:00:00Z")


@pytest.mark.parametrize("change", [{"buyer": {"ref": "bob"}}, {"seller": {"ref": "sue"}}])
def test_parties_never_change(change):
    shop = service(world.marketplace())
    shop.put("orders/o-1", told())

    answer = shop.put("orders/o-1", told(**change))

    assert problem(answer) == (409, "ORDER_FIXED")
    assert answer.json()["changed"] == list(change)


def test_more_than_was_captured_is_refused(nothing_changes):
    market = world.marketplace()
    nothing_changes()

    answer = service(market).put("orders/o-1", told(freight=yuan("8.01")))

    assert problem(answer) == (422, "PAYMENTS_TOO_SMALL")
    assert answer.json()["by"] == yuan("0.01")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"lines": []}, ("/lines", "empty")),
        ({"lines": SNAPSHOT["lines"] * 2}, ("/lines/1/ref", "twice")),
        ({"payments": SNAPSHOT["payments"] * 2}, ("/payments/1/ref", "twice")),
        ({"currency": "yuan"}, ("/currency", "invalid")),
        ({"placed_at": "2026-10-01T08:00:00"}, ("/placed_at", "offset")),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, ("/placed_at", "far")),
        ({"placed_at": "\uff12\uff10\uff12\uff16-10-01T08:00:00Z"}, ("/placed_at", "invalid")),
        ({"time_zone": "Mars/Base"}, ("/time_zone", "invalid_choice")),
        ({"freight": {"amount": "8.00", "currency": "USD"}}, ("/freight/currency", "bad_currency")),
        ({"buyer": {"ref": "b a"}}, ("/buyer/ref", "invalid")),
        ({"buyer": "bea"}, ("/buyer", "invalid")),
    ],
)
def test_a_snapshot_with_a_mistake(change, where, nothing_changes):
    market = world.marketplace()
    nothing_changes()

    answer = service(market).put("orders/o-1", told(**change))

    assert problem(answer) == (400, "INVALID")
    assert where in pointers(answer)


def test_two_marketplaces_may_use_the_same_ids():
    for slug in ("bazaar", "souk"):
        assert service(world.marketplace(slug)).put("orders/o-1", told()).status_code == 201

    assert Party.everywhere.filter(ref="bea").count() == 2


def test_an_order_names_its_cases():
    bought = callers.order()
    case = callers.opened(bought)

    assert buyer(bought).get(f"orders/{bought.ref}").json()["cases"] == [case["id"]]
