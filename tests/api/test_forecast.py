"""What will happen, over HTTP: told to whom it concerns, as far as it may know."""

from datetime import timedelta

import pytest

from cases import inputs
from mediation import pauses
from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller, service, yuan
from tests.api.problems import NOBODY, problem
from tests.api.sandboxes import Sandbox
from tests.mediation.story import Story, in_mediation

pytestmark = pytest.mark.django_db


def test_the_forecast_is_what_the_sandbox_then_does():
    sandbox = Sandbox()
    case = sandbox.open(sandbox.order())
    future = sandbox.bea.get(f"cases/{case['id']}/forecast").json()

    told = sandbox.moves(sandbox.now + timedelta(days=9))

    seen = [(each["name"], each["at"]) for each in told["transitions"]]
    internal = {"to_supervisor"}
    foreseen = [(each["name"], each["at"]) for each in future["events"]]
    assert foreseen == [each for each in seen if each in foreseen]
    assert {name for name, _ in seen} - {name for name, _ in foreseen} <= internal
    assert (future["ends"], future["state"], future["waits_on"]) == (
        "repeats",
        "in_mediation",
        ["platform"],
    )


def test_money_clocks_and_branches_are_told():
    bought = order()
    case = callers.opened(bought, remedy="refund_only")

    answer = seller(bought).post(f"cases/{case['id']}/forecast", {"step": "approve"})

    future = answer.json()
    assert (answer.status_code, future["state"], future["ends"]) == (200, "refunding", "repeats")
    approved, *_ = future["events"]
    assert (approved["name"], approved["role"]) == ("approve", "seller")
    assert approved["money"] == [{"line": "0", "reserved": yuan("100.00")}]
    assert [clock["name"] for clock in approved["clocks_started"]] == ["refund_settlement"]
    [paid] = future["branches"]
    assert (paid["by"], paid["step"], paid["then"]["state"]) == (
        "gateway",
        "refund_settled",
        "completed",
    )
    settled = paid["then"]["events"][0]
    assert settled["money"] == [
        {"line": "0", "reserved": yuan("-100.00"), "refunded": yuan("100.00")}
    ]


def test_nothing_is_written(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    for caller in (buyer(bought), seller(bought), service(bought)):
        assert caller.get(f"cases/{case['id']}/forecast").status_code == 200
    answer = seller(bought).post(f"cases/{case['id']}/forecast", {"step": "approve"})
    assert answer.status_code == 200


def test_a_step_may_bring_its_inputs():
    bought = order()
    case = callers.opened(bought)
    terms = {"remedy": "refund_only", "items": [{"line": "0", "amount": yuan("30.00")}]}

    future = (
        seller(bought)
        .post(f"cases/{case['id']}/forecast", {"step": "offer", "inputs": terms})
        .json()
    )

    assert [each["name"] for each in future["events"] if each["name"] != "remind"][:3] == [
        "offer",
        "lapse_offer",
        "escalate",
    ]


def test_the_forecast_of_every_listed_action_without_input_is_there():
    bought = order()
    case = callers.opened(bought)
    for caller in (buyer(bought), seller(bought)):
        for action in caller.case(case["id"])["actions"]:
            if not inputs.FOR[action["name"]]().fields:
                body = {"step": action["name"]}
                assert caller.post(f"cases/{case['id']}/forecast", body).status_code == 200


def test_the_parties_do_not_see_our_internals():
    story = in_mediation()
    market = story.order.marketplace

    def seen(role, ref=""):
        answer = Caller(market, role, ref).get(f"cases/{story.id}/forecast")
        return {
            clock["name"] for each in answer.json()["events"] for clock in each["clocks_started"]
        }

    assert "docket_wait" not in seen("buyer", story.order.buyer.ref)
    assert "docket_wait" not in seen("seller", story.order.seller.ref)


def test_a_sealed_bid_stays_sealed():
    story = in_mediation()
    story.buyer("bid", amount=1_000)
    sam = Caller(story.order.marketplace, "seller", story.order.seller.ref)
    body = {"step": "bid", "inputs": {"amount": yuan("100.00")}}
    dry = f"cases/{story.id}/steps/bid?dry_run=true"

    assert sam.post(f"cases/{story.id}/forecast", body).json()["state"] == "in_mediation"
    assert sam.post(dry, body["inputs"]).json()["state"] == "in_mediation"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "INVALID")),
        ({"step": "dance"}, (400, "INVALID")),
        ({"step": "open"}, (400, "INVALID")),
        ({"step": "approve", "more": 1}, (400, "INVALID")),
        ({"step": "approve", "inputs": {"more": 1}}, (400, "INVALID")),
        ({"step": "approve", "inputs": []}, (400, "INVALID")),
        ({"step": "accept_return"}, (409, "NOT_NOW")),
        ({"step": "withdraw"}, (403, "NOT_YOUR_STEP")),
    ],
)
def test_a_step_that_cannot_be_taken_cannot_be_foreseen(body, answer, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    assert problem(seller(bought).post(f"cases/{case['id']}/forecast", body)) == answer


def test_a_wrong_input_is_pointed_at():
    bought = order()
    case = callers.opened(bought)
    body = {"step": "rate", "inputs": {"score": 9}}

    answer = buyer(bought).post(f"cases/{case['id']}/forecast", body)

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/inputs/score"]


def test_somebody_elses_future_is_not_told():
    bought = order()
    case = callers.opened(bought)
    stranger = Caller(bought.marketplace, "buyer", world.party(bought.marketplace, "buyer").ref)

    for case_id in (case["id"], NOBODY):
        assert problem(stranger.get(f"cases/{case_id}/forecast")) == (404, "NOT_FOUND")


def test_a_forecast_costs_the_same_statements_however_long_it_is(django_assert_num_queries):
    stories = [Story(), Story()]
    stories[1].seller("approve")
    stories[1].buyer("ship_return")
    for story in stories:
        bea = Caller(story.order.marketplace, "buyer", story.order.buyer.ref)
        with django_assert_num_queries(10 if story is stories[0] else 11):
            assert bea.get(f"cases/{story.id}/forecast").status_code == 200


def test_a_paused_case_says_that_its_clocks_stand_still_and_until_when():
    bought = order()
    case = callers.opened(bought)
    bea = buyer(bought)
    assert bea.get(f"cases/{case['id']}/forecast").json()["stands_still"] is None
    until = callers.NOW + timedelta(days=9)
    pause = pauses.begin(bought.marketplace, region="", reason="Flood", by="olga", until=until)
    pauses.sweep()

    future = bea.get(f"cases/{case['id']}/forecast").json()

    shown = {"since": iso(pause.began_at), "until": iso(until)}
    assert future["stands_still"] == shown
    first = future["events"][0]
    assert (first["name"], first["at"]) == ("resume", iso(until))


def iso(at):
    return at.isoformat().replace("+00:00", "Z")
