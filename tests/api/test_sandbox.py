"""The sandbox over HTTP: its clock, its carrier, its gateway, its mediator, its letters."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from cases.models import Clock, Event, Marketplace, TestClock
from mediation import effects, steps
from mediation.models import Effect, GatewayAccount, SandboxRefund
from mediation.sandbox import time
from notifications import post_office
from tests import world
from tests.api import callers, sandboxes
from tests.api.problems import problem
from tests.api.sandboxes import Sandbox, moment
from tests.world import day

pytestmark = pytest.mark.django_db


def test_time_stands_until_it_is_moved(sandbox):
    case = sandbox.open(sandbox.order())
    told = sandbox.shop.get("sandbox/clock").json()

    assert (moment(told["at"]), moment(told["next_at"])) == (day(0), day(0))  # letters to write
    assert moment(case["opened_at"]) == day(0)
    sandbox.moves(day(0))
    told = sandbox.shop.get("sandbox/clock").json()
    assert (moment(told["at"]), moment(told["next_at"])) == (day(0), day(1))  # the reminder


def test_a_silent_seller_brings_the_mediator_in_with_everything_told_in_order(sandbox):
    case = sandbox.open(sandbox.order())

    told = sandbox.moves(day(3))

    assert (moment(told["since"]), moment(told["at"]), told["more"]) == (day(0), day(3), False)
    assert [(each["name"], moment(each["at"])) for each in told["transitions"]] == [
        ("remind", day(1)),
        ("remind", day(1, hours=14, minutes=24)),
        ("remind", day(1, hours=23)),
        ("escalate", day(2)),
        ("to_supervisor", day(2, hours=4)),
    ]
    assert {each["case"] for each in told["transitions"]} == {case["id"]}
    escalated = told["transitions"][3]
    assert (escalated["before"], escalated["after"], escalated["clock"]) == (
        "awaiting_seller",
        "in_mediation",
        "seller_response",
    )
    moments = [letter["at"] for letter in told["letters"]]
    assert moments == sorted(moments)
    assert {letter["outcome"] for letter in told["letters"]} == {"captured"}
    assert {letter["to"] for letter in told["letters"]} == {"buyer", "seller"}
    assert sandbox.case(case)["state"] == "in_mediation"


def test_complaints_move_with_the_clock_in_one_order_with_the_cases(sandbox):
    case = sandbox.open(sandbox.order())
    body = {"case": case["id"], "ground": "malicious_refund", "statement": "The fourth in a week."}
    complaint = sandbox.sam.post("complaints", body).json()

    sandbox.moves(day(1))
    seen = [moment(sandbox.moves()["at"]) for _ in range(3)]
    told = sandbox.moves(day(4))

    assert seen == [day(1, hours=14, minutes=24), day(1, hours=23), day(2)]  # a day is left of both
    assert [
        (each["complaint"], each["name"], each["clock"], moment(each["at"]))
        for each in told["complaints"]
    ] == [(complaint["id"], "close_hearing", "hearing", day(3))]
    letters = sandbox.shop.get("sandbox/letters", case=complaint["id"]).json()["results"]
    assert {each["template"]: (each["to"], moment(each["at"])) for each in letters} == {
        "complaint_file.accused": ("buyer", day(0)),
        "complaint_file.reporter": ("seller", day(0)),
        "complaint_remind.accused": ("buyer", day(2)),
    }
    assert sandbox.bea.get(f"complaints/{complaint['id']}").json()["state"] == "in_review"


def test_next_goes_from_moment_to_moment(sandbox):
    sandbox.open(sandbox.order())
    seen = [moment(sandbox.moves()["at"]) for _ in range(4)]

    assert seen == [day(0), day(1), day(1, hours=14, minutes=24), day(1, hours=23)]


def test_with_nothing_to_come_the_next_moment_is_now(sandbox):
    told = sandbox.moves()

    assert (told["since"], told["next_at"], told["transitions"]) == (told["at"], None, [])


def test_what_was_told_once_is_not_told_again(sandbox):
    sandbox.open(sandbox.order())
    first = sandbox.moves(day(2))

    again = sandbox.moves(day(2))

    assert sandboxes.steps(first) == ["escalate"]
    assert (again["transitions"], again["letters"], again["payments"]) == ([], [], [])


def test_a_clock_is_never_set_back(sandbox):
    sandbox.moves(day(2))

    answer = sandbox.shop.post("sandbox/clock/advance", {"to": day(1).isoformat()})

    assert problem(answer) == (409, "CLOCK_RUNS_FORWARD")
    assert sandbox.now == day(2)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "INVALID")),
        ({"next": False}, (400, "INVALID")),
        ({"next": True, "to": "2026-03-09T08:00:00Z"}, (400, "INVALID")),
        ({"to": "2026-03-09T08:00:00"}, (400, "INVALID")),  # without its offset
        ({"to": "soon"}, (400, "INVALID")),
        ({"to": "2037-03-09T08:00:00Z"}, (422, "TOO_FAR")),
        ({"to": "2026-03-09T08:00:00Z", "speed": 2}, (400, "INVALID")),
    ],
)
def test_a_clock_that_is_badly_moved_stands(sandbox, body, answer):
    assert problem(sandbox.shop.post("sandbox/clock/advance", body)) == answer
    assert sandbox.now == day(0)


def test_a_long_way_is_gone_in_pieces(sandbox, monkeypatch):
    monkeypatch.setattr(time, "MOST", 5)
    monkeypatch.setattr(time, "BATCH", 2)
    for _ in range(3):
        sandbox.open(sandbox.order())

    first = sandbox.moves(day(3))
    told = sandbox.passes(days=3)

    assert (first["more"], told["more"]) == (True, False)
    seen = [(each["case"], each["sequence"]) for each in first["transitions"]]
    seen += [(each["case"], each["sequence"]) for each in told["transitions"]]
    assert len(seen) == len(set(seen)) == Event.objects.exclude(name="open").count()


def test_years_pass_within_the_limits_of_a_request(sandbox, monkeypatch):
    monkeypatch.setattr(time, "BUDGET", 4)
    case = sandbox.open(sandbox.order())

    told = sandbox.moves(day(3_650))

    assert (told["more"], len(told["transitions"]) <= time.MOST) == (True, True)
    assert day(2) < sandbox.now < day(3_650)
    assert sandbox.case(case)["state"] == "in_mediation"


@pytest.mark.django_db(transaction=True)
def test_two_cannot_move_one_clock_at_once(sandbox):
    sandbox.open(sandbox.order())
    with time._alone(sandbox.market.clock_id):
        answers = []

        def other():
            answers.append(sandbox.shop.post("sandbox/clock/advance", {"next": True}))
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    assert problem(answers[0]) == (409, "CLOCK_IS_MOVING")
    assert answers[0]["Retry-After"] == "1"
    assert sandboxes.steps(sandbox.moves(day(2))) == ["escalate"]


# Live marketplaces, and live workers

CALLS = [
    ("get", "sandbox/clock", None),
    ("post", "sandbox/clock/advance", {"next": True}),
    ("get", "sandbox/letters", None),
    ("put", "sandbox/gateway", {"script": "ok"}),
    ("post", f"sandbox/parcels/{day(0).year:032x}/plan", {"plan": "lose"}),
    ("post", f"sandbox/cases/{day(0).year:032x}/ruling", {}),
    ("post", f"sandbox/complaints/{day(0).year:032x}/decision", {}),
]


def calls(caller, method, path, body):
    path = "/".join(_uuid(part) for part in path.split("/"))
    return getattr(caller, method)(path, *([body] if body is not None else []))


def _uuid(part):
    return str(world.uuid4()) if len(part) == 32 else part


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_there_is_nothing_of_it_in_a_live_marketplace(method, path, body):
    shop = callers.service(world.marketplace())

    assert problem(calls(shop, method, path, body)) == (404, "NOT_A_SANDBOX")


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_buyers_and_sellers_move_nothing(sandbox, method, path, body):
    for caller in (sandbox.bea, sandbox.sam):
        assert problem(calls(caller, method, path, body)) == (403, "NOT_YOUR_ROLE")


def test_a_live_marketplace_never_becomes_a_sandbox_nor_the_reverse(sandbox):
    live = world.marketplace()
    TestClock.objects.create(id=world.uuid4(), marketplace=live, at=day(0))

    for market, clock_id in ((live, world.uuid4()), (sandbox.market, None)):
        with pytest.raises(ProgrammingError, match="keeps the clock"), transaction.atomic():
            Marketplace.objects.filter(pk=market.pk).update(clock_id=clock_id)
    assert callers.service(live).get("sandbox/clock").status_code == 404


def test_two_sandboxes_never_share_a_clock(sandbox):
    with pytest.raises(IntegrityError, match="marketplace_clock_once"), transaction.atomic():
        world.marketplace("other", clock_id=sandbox.market.clock_id)


def test_the_database_itself_sets_no_clock_back(sandbox):
    with pytest.raises(ProgrammingError, match="runs forward"), transaction.atomic():
        TestClock.objects.update(at=day(-1))


def test_one_sandbox_moves_without_the_others(sandbox):
    other = Sandbox(slug="other")
    case = other.open(other.order())
    sandbox.open(sandbox.order())

    sandbox.moves(day(3))

    assert (other.now, other.case(case)["state"]) == (day(0), "awaiting_seller")
    assert other.shop.get("sandbox/letters").json()["results"] == []


def test_live_workers_leave_a_sandbox_alone(sandbox):
    sandbox.open(sandbox.order())
    much_later = world.at(day(99))

    assert steps.lapse(clock=much_later) == 0
    assert effects.run(clock=much_later) == 0
    assert post_office.deliver(clock=much_later) == 0
    assert Clock.objects.get().clock_id == sandbox.market.clock_id
    assert Effect.objects.filter(done_at=None).count() == 1


def test_whatever_its_account_says_a_sandbox_pays_nobody(sandbox, settings):
    settings.GATEWAYS = {**settings.GATEWAYS, "bank": "tests.no.such.gateway"}
    GatewayAccount.objects.update(gateway="bank", options={})
    case = sandbox.open(sandbox.order(), remedy="refund_only")
    sandbox.does("seller", case, "approve")

    told = sandbox.moves()

    assert [payment["answer"] for payment in told["payments"]] == ["succeeded"]
    assert SandboxRefund.objects.get().paid == 1


# Orders, scans and ids are of the sandbox's time


def test_what_is_told_is_of_the_sandboxs_time(sandbox):
    ref = sandbox.order()
    case = sandbox.open(ref)
    message = {"id": "1", "carrier": "sf", "tracking_no": "SF99", "code": "in_transit"}
    sandbox.shop.post("parcel-events", {**message, "happened_at": day(0).isoformat()})

    assert case["id"][:13].replace("-", "") == f"{int(day(0).timestamp() * 1000):012x}"
    assert sandbox.shop.get("process").json()["policy"]["name"] == "default"
    # Of the present nothing is there.
    assert moment(sandbox.shop.get(f"orders/{ref}").json()["placed_at"]) == day(-10)


def test_a_moment_long_ago_is_possible(sandbox):
    old = Sandbox(slug="old", start=day(-100), policy="default")

    assert old.now == day(-100)
    assert old.now + timedelta(days=100) == sandbox.now
