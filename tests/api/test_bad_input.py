"""Words, numbers and fields that are wrong: each is pointed at, and nothing is changed."""

import pytest

from tests.api.callers import buyer, order, yuan
from tests.api.problems import pointers, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("amount", "pointer"),
    [
        ({"amount": "12.3", "currency": "CNY"}, "/amount"),
        ({"amount": "12.345", "currency": "CNY"}, "/amount"),
        ({"amount": "12", "currency": "CNY"}, "/amount"),
        ({"amount": "NaN", "currency": "CNY"}, "/amount"),
        ({"amount": "Infinity", "currency": "CNY"}, "/amount"),
        ({"amount": "\uff11\uff12.\uff10\uff10", "currency": "CNY"}, "/amount"),
        ({"amount": "\u0661\u0662.\u0660\u0660", "currency": "CNY"}, "/amount"),
        ({"amount": "1e2", "currency": "CNY"}, "/amount"),
        ({"amount": "1_000.00", "currency": "CNY"}, "/amount"),
        ({"amount": "-12.00", "currency": "CNY"}, "/amount"),
        ({"amount": "+12.00", "currency": "CNY"}, "/amount"),
        ({"amount": " 12.00", "currency": "CNY"}, "/amount"),
        ({"amount": "12.00\n", "currency": "CNY"}, "/amount"),
        ({"amount": "9999999999999.00", "currency": "CNY"}, "/amount"),
        ({"amount": "12.00", "currency": "USD"}, "/currency"),
        ({"amount": "12.00", "currency": "cny"}, "/currency"),
        ({"amount": "12.00", "currency": None}, "/currency"),
        ({"amount": 12.00, "currency": "CNY"}, ""),
        ({"amount": "12.00"}, ""),
        ({"amount": "12.00", "currency": "CNY", "more": 1}, ""),
        ("12.00", ""),
        (12, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_an_amount_that_could_be_meant_otherwise(amount, pointer, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": 1, "amount": amount}])

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == [f"/items/0/amount{pointer}"]


def test_an_amount_in_a_currency_without_decimals(nothing_changes):
    bought = order(currency="JPY")
    nothing_changes()

    item = {"line": "0", "quantity": 1, "amount": {"amount": "10.00", "currency": "JPY"}}
    answer = buyer(bought).open(bought, items=[item])

    assert pointers(answer) == [("/items/0/amount/amount", "bad_amount")]


def test_more_than_was_paid(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(
        bought, items=[{"line": "0", "quantity": 1, "amount": yuan("100.01")}]
    )

    assert problem(answer) == (422, "AMOUNT_TOO_HIGH")
    assert (answer.json()["line"], answer.json()["most"]) == ("0", yuan("100.00"))


def test_more_pieces_than_were_bought(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": 2}])

    assert problem(answer) == (409, "QUANTITY_TAKEN")


def test_evidence_that_the_reason_demands(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, reason="wrong_item", remedy="return_refund")

    assert problem(answer) == (422, "EVIDENCE_MISSING")
    assert answer.json()["missing"] == ["photo_goods"]


@pytest.mark.parametrize("quantity", [0, -1, 1.0, 1.5, "1", "\uff11", True, None, [], 10**30])
def test_a_quantity_that_is_no_count(quantity, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": quantity}])

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == ["/items/0/quantity"]


@pytest.mark.parametrize(
    "words",
    ["", "   ", "a\x00b", "a\x07b", "a\u202eb", "a\u2066b", "x" * 4001, 7, None, ["a"]],
)
def test_words_that_nobody_types(words, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, statement=words)

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == ["/statement"]


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({"state": "completed"}, ("/state", "unknown")),
        ({"reason": "boredom"}, ("/reason", "invalid_choice")),
        ({"remedy": None}, ("/remedy", "null")),
        ({"items": []}, ("/items", "empty")),
        ({"items": [{"line": "9", "quantity": 1}]}, ("/items/0/line", "unknown_line")),
        ({"items": [{"line": "0", "quantity": 1}] * 2}, ("/items/1/line", "twice")),
        ({"items": {"line": "0"}}, ("/items", "not_a_list")),
        ({"evidence": [{"slot": "photo_goods", "sha256": "x"}]}, ("/evidence/0/sha256", "invalid")),
        ({"evidence": [{"slot": "gossip"}]}, ("/evidence/0/slot", "invalid_choice")),
        ({"compensation": {"amount": "1.00", "currency": "CNY"}}, ("/compensation", "not_paid")),
        ({"order": 7}, ("/order", "required")),
    ],
)
def test_a_field_that_is_wrong_is_pointed_at(inputs, where, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, **inputs)

    assert problem(answer) == (400, "INVALID")
    assert pointers(answer) == [where]


def test_all_mistakes_are_told_at_once(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, reason="", statement="", more=1)

    assert sorted(where for where, _ in pointers(answer)) == ["/more", "/reason", "/statement"]
