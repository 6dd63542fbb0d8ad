"""Whom a sandbox stands in for: the carrier, the gateway, the mediator, and who reads letters."""

import pytest

from cases.models import Event
from mediation.gateways import sandbox as gateway
from mediation.models import GatewayAccount, SandboxRefund
from notifications.models import Letter
from tests import world
from tests.api import callers, sandboxes
from tests.api.problems import problem
from tests.api.sandboxes import Sandbox, moment
from tests.world import day

pytestmark = pytest.mark.django_db


# The carrier


def returning(sandbox, **application):
    case = sandbox.open(sandbox.order(), **application)
    sandbox.does("seller", case, "approve")
    return sandbox.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF10001")


def test_the_carrier_delivers_as_planned(sandbox):
    case = returning(sandbox)
    planned = sandbox.carrier(case, "deliver")
    assert [each["said"] for each in planned["messages"]] == [True, False, False, False]

    told = sandbox.moves(day(2))

    assert [(e["name"], e["role"], moment(e["at"])) for e in told["transitions"]] == [
        ("return_delivered", "carrier", day(2))
    ]
    assert sandbox.case(case)["state"] == "inspecting"


def test_the_carrier_loses_a_parcel(sandbox):
    case = returning(sandbox)
    sandbox.carrier(case, "lose")

    assert sandboxes.steps(sandbox.moves(day(5)))[-1] == "return_lost"
    assert sandbox.case(case)["state"] == "in_mediation"


def test_the_carrier_is_late_and_the_clock_comes_first(sandbox):
    case = returning(sandbox)
    sandbox.carrier(case, "delay")

    told = sandbox.moves(day(20))

    escalated = next(each for each in told["transitions"] if each["name"] == "escalate")
    assert (escalated["before"], moment(escalated["at"]) < day(20)) == ("return_in_transit", True)
    assert sandbox.case(case)["parcels"][0]["scans"] > 0


def test_a_new_plan_takes_the_place_of_the_old_one(sandbox):
    case = returning(sandbox)
    sandbox.carrier(case, "lose")
    sandbox.carrier(case, "deliver_now")

    assert sandbox.case(case)["state"] == "inspecting"
    assert sandboxes.steps(sandbox.moves(day(6))) == []


def test_messages_come_when_they_are_told_to(sandbox):
    case = returning(sandbox)
    parcel = sandbox.shop.case(case["id"])["parcels"][0]
    messages = [{"code": "delivered", "at": day(1).isoformat()}]

    sandbox.shop.post(f"sandbox/parcels/{parcel['id']}/plan", {"messages": messages})

    assert moment(sandbox.shop.get("sandbox/clock").json()["next_at"]) <= day(1)
    assert sandboxes.steps(sandbox.moves(day(1))) == ["return_delivered"]


@pytest.mark.parametrize(
    "body", [{}, {"plan": "eat"}, {"plan": "lose", "messages": []}, {"messages": []}]
)
def test_a_carrier_that_is_badly_told_does_nothing(sandbox, body):
    case = returning(sandbox)
    parcel = sandbox.shop.case(case["id"])["parcels"][0]

    answer = sandbox.shop.post(f"sandbox/parcels/{parcel['id']}/plan", body)

    assert problem(answer) == (400, "INVALID")
    assert sandbox.case(case)["parcels"][0]["scans"] == 0


def test_parcels_of_another_sandbox_are_not_there(sandbox):
    other = Sandbox(slug="other")
    case = returning(other)
    parcel = other.shop.case(case["id"])["parcels"][0]

    answer = sandbox.shop.post(f"sandbox/parcels/{parcel['id']}/plan", {"plan": "lose"})

    assert problem(answer) == (404, "NOT_FOUND")


# The gateway


def refunding(sandbox, script):
    sandbox.gateway(script)
    case = sandbox.open(sandbox.order(), remedy="refund_only")
    return sandbox.does("seller", case, "approve")


@pytest.mark.parametrize(
    ("script", "happens"),
    [
        ("ok", ["refund_settled"]),
        ("fail ok", ["refund_failed", "refund_settled"]),
        ("timeout", ["refund_settled"]),
        ("down down ok", ["refund_settled"]),
        ("late", ["refund_settled"]),
        ("late_fail ok", ["refund_failed", "refund_settled"]),
        ("twice", ["refund_settled"]),
    ],
)
def test_the_gateway_answers_by_its_script(sandbox, script, happens):
    case = refunding(sandbox, script)

    told = sandbox.passes(hours=12)

    assert sandboxes.steps(told) == happens
    assert (sandbox.case(case)["state"], SandboxRefund.objects.get().paid) == ("completed", 1)
    assert told["payments"][-1]["answer"] == "succeeded"


def test_a_late_answer_comes_by_itself_when_it_is_due(sandbox):
    refunding(sandbox, "late")

    told = sandbox.passes(hours=1)

    assert [moment(e["at"]) for e in told["transitions"]] == [day(0, seconds=30)]


def test_a_refund_that_cannot_be_paid_alarms(sandbox):
    case = refunding(sandbox, "gone")

    told = sandbox.moves(day(16))

    assert sandboxes.steps(told)[0] == "refund_failed"
    assert "alarm" in sandboxes.steps(told)
    assert sandbox.case(case)["state"] == "refunding"


@pytest.mark.parametrize("script", ["", "maybe", "ok maybe", 7])
def test_a_gateway_that_is_badly_told_answers_as_before(sandbox, script):
    answer = sandbox.shop.put("sandbox/gateway", {"script": script})

    assert problem(answer) == (400, "INVALID")
    assert GatewayAccount.objects.get().options == {"mix": {"ok": 1}}


def test_every_word_of_the_gateway_may_be_told(sandbox):
    sandbox.gateway(" ".join(gateway.WORDS))


# The mediator


def disputed(sandbox):
    case = sandbox.open(
        sandbox.order(), reason="quality", remedy="refund_only", evidence=[{"slot": "photo_goods"}]
    )
    sandbox.moves(day(2))
    return case


def test_the_mediator_rules_as_it_is_told(sandbox):
    case = disputed(sandbox)
    items = [{"line": "0", "amount": callers.yuan("60.00")}]

    ruled = sandbox.rules(case, remedy="refund_only", items=items)
    told = sandbox.passes(days=8)

    assert ruled["dispute"]["state"] == "ruled"
    assert sandboxes.steps(told) == ["finalize", "finalize", "refund_settled"]
    assert sandbox.case(case)["money"]["refunded"] == callers.yuan("60.00")


def test_an_appeal_is_ruled_on_by_somebody_else(sandbox):
    case = disputed(sandbox)
    items = [{"line": "0", "amount": callers.yuan("60.00")}]
    sandbox.rules(case, remedy="refund_only", items=items)
    sandbox.does("seller", case, "appeal", statement="I have sent what was ordered.")

    ruled = sandbox.rules(case, remedy="none", fault={"buyer": 100})

    assert (ruled["state"], ruled["outcome"]) == ("closed", "ruled_for_seller")


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        ({"remedy": "refund_only"}, (422, "BAD_TERMS")),
        ({"remedy": "none", "fault": {"buyer": 50}}, (422, "BAD_TERMS")),
        ({"remedy": "gold"}, (400, "INVALID")),
        ({"remedy": "none", "fault": {"bank": 100}}, (400, "INVALID")),
    ],
)
def test_a_mediator_that_is_badly_told_rules_nothing(sandbox, verdict, answer):
    case = disputed(sandbox)
    body = {"fault": {"seller": 100}, "statement": "So be it.", **verdict}

    assert problem(sandbox.shop.post(f"sandbox/cases/{case['id']}/ruling", body)) == answer
    assert Event.objects.filter(name="rule").count() == 0


def test_where_there_is_no_dispute_nobody_rules(sandbox):
    case = sandbox.open(sandbox.order())
    body = {"remedy": "none", "fault": {"buyer": 100}, "statement": "No."}

    answer = sandbox.shop.post(f"sandbox/cases/{case['id']}/ruling", body)

    assert problem(answer) == (409, "NOT_NOW")


def test_a_mediator_that_goes_away_loses_the_dispute(sandbox):
    case = disputed(sandbox)
    body = {"remedy": "refund_only", "fault": {"seller": 100}, "statement": "So be it."}
    sandbox.shop.post(f"sandbox/cases/{case['id']}/ruling", body)  # taken up, and not ruled

    told = sandbox.passes(hours=1)

    assert sandboxes.steps(told) == ["release"]


# Letters


def test_letters_are_kept_to_be_read(sandbox):
    case = sandbox.open(sandbox.order())
    sandbox.moves(day(2))

    listed = sandbox.shop.get("sandbox/letters", case=case["id"]).json()["results"]

    assert {letter["case"] for letter in listed} == {case["id"]}
    assert len(listed) == Letter.objects.count() > 2
    moments = [letter["at"] for letter in listed]
    assert moments == sorted(moments, reverse=True)
    assert all(letter["text"] for letter in listed)
    nobody = sandbox.shop.get("sandbox/letters", case=str(world.uuid4())).json()
    assert nobody["results"] == []


def test_letters_are_listed_page_by_page_at_the_same_cost(sandbox, django_assert_num_queries):
    for _ in range(3):
        sandbox.open(sandbox.order())
    sandbox.moves(day(2))

    with django_assert_num_queries(4):
        first = sandbox.shop.get("sandbox/letters", limit=2).json()
    with django_assert_num_queries(4):
        second = sandbox.shop.client.get(first["next"]).json()

    ids = [letter["id"] for letter in first["results"] + second["results"]]
    assert len(set(ids)) == 4


@pytest.mark.parametrize("query", [{"case": "7"}, {"to": "bea"}, {"cursor": "cD1ub3Bl"}])
def test_letters_that_are_badly_asked_for(sandbox, query):
    assert sandbox.shop.get("sandbox/letters", **query).status_code == 400
