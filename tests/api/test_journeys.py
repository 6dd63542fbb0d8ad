"""From application to money over HTTP; the same facts in receipt, detail and list."""

from uuid import uuid4

import pytest

from cases import models
from cases.models import Case, Refund
from mediation.steps import lapse
from tests import world
from tests.api import callers
from tests.api.callers import NOW, buyer, order, seller, service, yuan
from tests.world import at

pytestmark = pytest.mark.django_db


def test_a_buyer_applies_a_seller_approves_and_the_money_comes_back():
    bought = order()
    bea, sam, shop = buyer(bought), seller(bought), service(bought)

    answer = bea.open(bought)
    case = answer.json()
    assert (answer.status_code, case["state"], case["version"]) == (201, "awaiting_seller", 1)
    assert answer["Location"] == f"/api/v1/cases/{case['id']}"
    assert answer["ETag"] == '"1"'

    case = sam.step(case, "approve").json()
    assert (case["state"], case["my_state"]) == ("awaiting_return", "waiting_for_other")
    case = bea.step(case, "ship_return", carrier="sf", tracking_no="SF10001").json()
    told = shop.post(
        "parcel-events",
        {
            "id": "scan-1",
            "carrier": "sf",
            "tracking_no": "SF10001",
            "code": "delivered",
            "happened_at": NOW.isoformat(),
        },
    )
    assert (told.status_code, told.json()["step"], told.json()["state"]) == (
        201,
        "return_delivered",
        "inspecting",
    )
    case = sam.step(sam.case(case["id"]), "accept_return").json()
    assert (case["state"], case["money"]["agreed"]) == ("refunding", yuan("100.00"))
    case = shop.step(case, "refund_settled", refund=str(Refund.objects.get().id)).json()

    assert (case["state"], case["my_state"]) == ("completed", "resolved")
    assert case["money"]["refunded"] == yuan("100.00")
    [refund] = bea.get(f"cases/{case['id']}/refunds").json()["results"]
    assert (refund["state"], refund["amount"]) == ("succeeded", yuan("100.00"))
    assert [part["amount"] for part in refund["parts"]] == [yuan("100.00")]
    timeline = bea.get(f"cases/{case['id']}/timeline").json()["results"]
    assert [(entry["name"], entry["role"]) for entry in timeline] == [
        ("open", "buyer"),
        ("approve", "seller"),
        ("ship_return", "buyer"),
        ("return_delivered", "carrier"),
        ("accept_return", "seller"),
        ("refund_settled", "gateway"),
    ]


def test_a_dry_run_tells_state_clocks_and_money_and_changes_nothing(nothing_changes):
    bought = order()
    case = callers.opened(bought, remedy="refund_only")
    nothing_changes()

    answer = seller(bought).step(case, "approve", dry_run=True)

    seen = answer.json()
    assert (answer.status_code, seen["dry_run"], seen["version"]) == (200, True, 2)
    assert (seen["state"], seen["waiting_on"]) == ("refunding", ["gateway"])
    assert [clock["name"] for clock in seen["clocks"]] == ["refund_settlement"]
    assert seen["money"]["agreed"] == yuan("100.00")


def test_a_dry_run_of_an_application_opens_no_case(nothing_changes):
    bought = order(quantity=3, paid=10_000)
    nothing_changes()

    answer = buyer(bought).open(bought, dry_run=True, items=[{"line": "0", "quantity": 1}])

    assert (answer.status_code, answer.json()["money"]["asked"]) == (200, yuan("33.33"))
    refused = buyer(bought).open(bought, dry_run=True, items=[{"line": "0", "quantity": 4}])
    assert (refused.status_code, refused.json()["code"]) == (409, "QUANTITY_TAKEN")


def test_sides_negotiate_and_agree_on_exactly_what_was_offered():
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    case = callers.opened(bought)

    terms = {"remedy": "refund_only", "items": [{"line": "0", "amount": yuan("40.00")}]}
    case = sam.step(case, "offer", **terms).json()
    assert (case["state"], case["offer"]["items"]) == ("negotiating", terms["items"])
    quoted = {"offer": case["offer"]["id"], "version": case["offer"]["version"]}
    wrong = bea.step(case, "accept_offer", **{**quoted, "version": 7})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "STALE_OFFER")
    case = bea.step(case, "accept_offer", **quoted).json()

    assert (case["state"], case["money"]["agreed"]) == ("refunding", yuan("40.00"))


def test_a_silent_seller_brings_mediation_and_both_see_it_without_internals():
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    case = callers.opened(bought)

    lapse(clock=at(NOW + 3 * callers.AGO))

    seen = bea.case(case["id"])
    assert (seen["state"], seen["my_state"], seen["waiting_on"]) == (
        "in_mediation",
        "under_review",
        ["platform"],
    )
    assert [clock["name"] for clock in seen["clocks"]] == ["ruling"]
    dispute = sam.get(f"cases/{case['id']}/dispute").json()
    assert (dispute["state"], dispute["rulings"], dispute["bid"]) == ("queued", [], None)
    ended = bea.get(f"cases/{case['id']}/clocks").json()["ended"]
    assert [(clock["name"], clock["how"]) for clock in ended] == [("seller_response", "ran_out")]


def test_what_has_run_out_is_shown_before_a_worker_comes_to_it():
    bought = order(delivered=NOW - 9 * callers.AGO)
    found = world.open_case(bought, when=NOW - 4 * callers.AGO)

    seen = seller(bought).case(found.pk)

    assert (seen["state"], seen["version"]) == ("in_mediation", 1)
    assert Case.everywhere.get(pk=found.pk).state == "awaiting_seller"


def test_receipt_detail_and_list_agree():
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    case = callers.opened(bought)
    receipt = sam.step(case, "refuse", reason="outside_window", statement="Too late.").json()

    detail = sam.case(case["id"])
    [listed] = sam.get("cases").json()["results"]

    for key in listed:
        if key != "money":
            assert listed[key] == receipt[key] == detail[key]
    for key in receipt.keys() - {"event", "actions"}:
        assert receipt[key] == detail[key]
    without_schema = [
        {key: value for key, value in action.items() if key != "input_schema"}
        for action in detail["actions"]
    ]
    assert receipt["actions"] == without_schema
    names = [action["name"] for action in bea.case(case["id"])["actions"]]
    assert names == ["reapply", "withdraw", "escalate"]


def test_a_case_that_lives_by_a_test_clock_is_answered_by_it():
    market = world.marketplace(clock_id=uuid4())
    models.TestClock.objects.create(id=market.clock_id, marketplace=market, at=world.day(0))
    bought = world.order(market)  # long ago: for the database's clock the time to apply is over

    case = callers.opened(bought)
    models.TestClock.objects.update(at=world.day(1))
    case = seller(bought).step(case, "approve").json()

    assert (case["opened_at"], case["event"]["at"]) == (
        "2026-03-02T08:00:00Z",
        "2026-03-03T08:00:00Z",
    )
