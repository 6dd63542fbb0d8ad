"""What the record says about a claim: goods bought twice, money charged."""

from datetime import timedelta

import pytest

from cases.models import Order
from tests import world
from tests.api import callers
from tests.api.callers import AGO, NOW, buyer, order, seller, yuan
from tests.api.test_eligibility import check

pytestmark = pytest.mark.django_db

RECORD = [{"slot": "payment_record"}]


def twice(hours, place=None, **more):
    """Let the same buyer buy the same goods of the same seller again, so many hours later."""
    first = order(place, delivered=NOW - timedelta(hours=1))
    parties = {"buyer": first.buyer, "seller": first.seller} | more
    second = order(first.marketplace, **parties)
    placed = first.placed_at + timedelta(hours=hours)
    Order.everywhere.filter(pk=second.pk).update(placed_at=placed)
    return first, second


def duplicates(bought):
    return [
        d["order"] for line in check(buyer(bought), bought)["lines"] for d in line["duplicates"]
    ]


def hint(bought, case):
    [found] = seller(bought).case(case["id"])["hints"]
    return found


@pytest.mark.requirement("K03")
def test_goods_bought_twice_are_found_before_anybody_applies():
    first, second = twice(hours=71)

    assert duplicates(first) == [second.ref]
    assert duplicates(second) == [first.ref]


def test_the_other_line_of_the_same_order_is_found_too():
    bought = order(lines=2)

    [one, two] = check(buyer(bought), bought)["lines"]

    assert [d["line"] for d in one["duplicates"] + two["duplicates"]] == ["1", "0"]


def test_what_was_bought_later_is_no_mistake():
    assert duplicates(twice(hours=73)[0]) == []


def test_what_was_bought_of_another_seller_is_no_mistake():
    place = world.marketplace()
    shop = world.party(place, "seller")

    assert duplicates(twice(hours=1, place=place, seller=shop)[0]) == []


def test_other_goods_are_no_mistake():
    first, second = twice(hours=1)
    second.lines.update(sku="plate")

    assert duplicates(first) == []


def test_a_case_says_whether_a_second_purchase_was_found():
    first, second = twice(hours=1)
    alone = order(first.marketplace)
    cases = [callers.opened(bought, reason="duplicate") for bought in (first, alone)]

    found = hint(first, cases[0])
    assert (found["hint"], [(d["of"], d["order"], d["line"]) for d in found["duplicates"]]) == (
        *("bought_twice", [("0", second.ref, "0")]),
    )
    assert hint(alone, cases[1]) == {
        "hint": "bought_once",
        "label": "No second purchase was found.",
        "duplicates": [],
    }


@pytest.mark.parametrize(("asked", "key"), [("5.00", "overcharged"), ("5.01", "charged_right")])
def test_a_wrong_amount_is_checked_against_the_payments(asked, key):
    bought = order(freight=300)
    bought.payments.update(amount=10_000 + 300 + 500)
    items = [{"line": "0", "quantity": 1, "amount": yuan(asked)}]
    claim = {"reason": "abnormal_amount", "remedy": "refund_only", "evidence": RECORD}
    case = callers.opened(bought, items=items, **claim)

    found = hint(bought, case)

    assert found.pop("label")
    assert found == {
        "hint": key,
        "charged": yuan("108.00"),
        "owed": yuan("103.00"),
        "difference": yuan("5.00"),
    }
    assert check(buyer(bought), bought)["amounts"]["difference"] == yuan("5.00")


def test_other_reasons_have_no_hints():
    bought = order()

    assert buyer(bought).case(callers.opened(bought)["id"])["hints"] == []


@pytest.mark.requirement("R05")
def test_what_was_promised_and_what_the_seller_must_propose():
    bought = order(delivered=None)  # promised for the day before yesterday
    case = callers.opened(bought, reason="not_received", remedy="refund_only")

    told = hint(bought, case)

    remedies = [each["remedy"] for each in told["propose"]]
    assert (told["hint"], remedies) == ("promise_missed", ["refund_only", "reship", "compensation"])
    assert told["promised_at"] == (NOW - 2 * AGO).isoformat().replace("+00:00", "Z")
    Order.everywhere.filter(pk=bought.pk).update(promised_at=NOW + AGO)
    assert (hint(bought, case)["hint"], hint(bought, case)["propose"]) == ("promise_kept", [])
