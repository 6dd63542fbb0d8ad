"""Ten cases from the order to their end, over HTTP alone, on the clock of a sandbox."""

import pytest

from mediation.invariants import check
from tests.api.callers import yuan
from tests.api.sandboxes import Sandbox, steps

pytestmark = pytest.mark.django_db

PHOTO = [{"slot": "photo_goods"}]


@pytest.fixture
def shop():
    """Bea buys, Sam sells; whatever happens to them, the books balance."""
    sandbox = Sandbox()
    yield sandbox
    assert check(at=sandbox.now) == {}


def ended(shop, case):
    """Tell how a case has ended: state, outcome, money given back."""
    case = shop.case(case)
    given = case["outcome"] in {"refunded", "replaced"}
    assert case["counts_against"] == ("yes" if given else "no")
    return case["state"], case["outcome"], case["money"]["refunded"]["amount"]


def test_refused_for_the_size_applied_for_again_with_the_right_data_and_refunded(shop):
    case = shop.open(
        shop.order(),
        reason="not_as_described",
        remedy="refund_only",
        evidence=PHOTO,
        statement="It is too small.",
    )
    shop.does("seller", case, "refuse", reason="facts_differ", statement="You ordered a small one.")

    again = {
        "reason": "not_as_described",
        "remedy": "return_refund",
        "items": [{"line": "0", "quantity": 1}],
        "evidence": PHOTO,
        "statement": "The label says 42, the page said 44; see the photograph.",
    }
    shop.does("buyer", case, "reapply", **again)
    assert shop.does("seller", case, "approve")["state"] == "awaiting_return"
    shop.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF10001")
    shop.carrier(case, "deliver")
    assert steps(shop.passes(days=2)) == ["return_delivered"]
    shop.does("seller", case, "accept_return")
    assert steps(shop.passes(hours=1)) == ["refund_settled"]

    assert ended(shop, case) == ("completed", "refunded", "100.00")


def test_quality_proven_by_photographs(shop):
    ref = shop.order(paid="80.00")
    body = {"order": ref, "reason": "quality", "remedy": "refund_only", "statement": "It is torn."}
    body["items"] = [{"line": "0", "quantity": 1}]
    unproven = shop.bea.post("cases", body)
    assert (unproven.status_code, unproven.json()["code"]) == (422, "EVIDENCE_MISSING")

    case = shop.open(ref, reason="quality", remedy="refund_only", evidence=PHOTO)
    assert shop.does("seller", case, "approve")["state"] == "refunding"
    shop.passes(hours=1)

    assert ended(shop, case) == ("completed", "refunded", "80.00")


def test_counterfeit_goes_to_the_mediator_who_decides_for_the_buyer(shop):
    case = shop.open(shop.order(), reason="counterfeit", remedy="refund_only", evidence=PHOTO)
    shop.does("seller", case, "refuse", reason="facts_differ", statement="It is genuine.")
    shop.does("buyer", case, "escalate")

    items = [{"line": "0", "amount": yuan("100.00")}]
    shop.rules(case, remedy="refund_only", items=items, statement="The seal is forged.")
    told = shop.passes(days=8)

    assert steps(told) == ["finalize", "finalize", "refund_settled"]
    assert ended(shop, case) == ("completed", "refunded", "100.00")


def test_what_never_arrived_is_refunded(shop):
    ref = shop.order(delivered_at=None)
    case = shop.open(ref, reason="not_received", remedy="refund_only")

    shop.passes(days=2)  # the seller has nothing to say
    items = [{"line": "0", "amount": yuan("100.00")}]
    shop.rules(case, remedy="refund_only", items=items, fault={"carrier": 100})
    shop.passes(days=8)

    assert ended(shop, case) == ("completed", "refunded", "100.00")


def test_signed_for_but_not_received_is_settled_half_way(shop):
    case = shop.open(shop.order(), reason="signed_not_received", remedy="refund_only")
    terms = {"remedy": "refund_only", "items": [{"line": "0", "amount": yuan("50.00")}]}
    offered = shop.does("seller", case, "offer", **terms)["offer"]

    shop.does("buyer", case, "accept_offer", offer=offered["id"], version=offered["version"])
    shop.passes(hours=1)

    assert ended(shop, case) == ("completed", "refunded", "50.00")


def test_ordered_twice_by_mistake_and_one_goes_back(shop):
    shop.order(paid="50.00")
    case = shop.open(shop.order(paid="50.00"), reason="duplicate", evidence=[{"slot": "intact"}])
    shop.does("seller", case, "approve")
    shop.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF10002")
    shop.carrier(case, "deliver")

    told = shop.passes(days=13)  # nobody looks at it

    assert steps(told) == ["return_delivered", "accept_return", "refund_settled"]
    assert ended(shop, case) == ("completed", "refunded", "50.00")


def test_late_beyond_the_promise_is_compensated(shop):
    case = shop.open(
        shop.order(promised_at=-5, delivered_at=-1),
        reason="late",
        remedy="compensation",
        compensation=yuan("20.00"),
    )
    assert shop.does("seller", case, "approve")["state"] == "refunding"
    told = shop.passes(hours=1)

    assert [(p["kind"], p["amount"]) for p in told["payments"]] == [("compensation", yuan("20.00"))]
    assert shop.case(case)["state"] == "completed"


def test_a_silent_seller_is_not_waited_for(shop):
    case = shop.open(shop.order(), reason="quality", remedy="refund_only", evidence=PHOTO)

    told = shop.passes(days=2)

    assert steps(told) == ["escalate"]
    assert [letter["to"] for letter in told["letters"]].count("seller") > 1  # it was reminded
    items = [{"line": "0", "amount": yuan("100.00")}]
    shop.rules(case, remedy="refund_only", items=items)
    shop.passes(days=8)
    assert ended(shop, case) == ("completed", "refunded", "100.00")


def test_returned_goods_are_refused_and_go_back_to_the_buyer(shop):
    case = shop.open(shop.order())
    shop.does("seller", case, "approve")
    shop.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF10003")
    shop.carrier(case, "deliver")
    shop.passes(days=2)
    shop.does(
        "seller",
        case,
        "reject_return",
        reason="not_intact",
        statement="It has been worn.",
        evidence=PHOTO,
    )

    shop.rules(case, remedy="send_back", fault={"buyer": 100})
    shop.passes(days=8)
    assert shop.case(case)["state"] == "awaiting_replacement"
    shop.does("seller", case, "dispatch_replacement", carrier="sf", tracking_no="SF10004")
    shop.carrier(case, "deliver")
    shop.passes(days=10)

    assert ended(shop, case) == ("completed", "replaced", "0.00")


def test_an_exchange_whose_replacement_is_lost_becomes_a_refund(shop):
    case = shop.open(shop.order(), reason="wrong_item", remedy="exchange", evidence=PHOTO)
    shop.does("seller", case, "approve")
    shop.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF10005")
    shop.carrier(case, "deliver_now")
    shop.does("seller", case, "accept_return")
    shop.does("seller", case, "dispatch_replacement", carrier="sf", tracking_no="SF10006")
    shop.carrier(case, "lose")

    assert steps(shop.passes(days=5))[-1] == "replacement_lost"
    assert shop.case(case)["state"] == "in_mediation"
    items = [{"line": "0", "amount": yuan("100.00")}]
    shop.rules(case, remedy="refund_only", items=items, fault={"carrier": 100})
    shop.passes(days=8)

    assert ended(shop, case) == ("completed", "refunded", "100.00")
