"""Refunds through a gateway that fails, falls silent, comes late or says things twice."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Clock, Event, Payment
from mediation import payouts, steps
from mediation.gateways import Capabilities, Unheard, models, sandbox
from mediation.models import Effect
from mediation.steps import lapse
from tests import world
from tests.mediation.paying import books, names, refunding, run, run_until_done
from tests.world import at, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return world.marketplace()


def test_a_refund_is_paid_and_completes_the_case(market):
    found, refund = refunding(market)

    run(day(1))

    assert world.case(found.pk).state == "completed"
    refund.refresh_from_db()
    assert (refund.state, refund.settled_at) == ("succeeded", day(1))
    assert (books().key, books().amount, books().paid) == (refund.pk, 10_000, 1)
    assert Effect.objects.get(kind="refund").done_at == day(1)


def test_the_gateway_is_told_what_goes_back_to_which_payment(market, monkeypatch):
    asked = []
    monkeypatch.setattr(sandbox.Sandbox, "request", lambda _self, ask: asked.append(ask) or 1 / 0)
    _, refund = refunding(market)

    run(day(1))

    [ask] = asked
    assert (ask.key, ask.amount, ask.currency, ask.kind) == (refund.pk, 10_000, "CNY", "refund")
    assert [(part.payment_ref, part.amount, part.captured) for part in ask.parts] == [
        ("1", 10_000, 10_000)
    ]


def test_a_failure_is_noted_and_tried_again_with_the_same_key(market):
    sandbox.tell(market, "fail ok")
    found, refund = refunding(market)

    run(day(1))

    refund.refresh_from_db()
    assert (refund.state, refund.code, refund.failures) == ("pending", "insufficient_funds", 1)
    assert world.case(found.pk).state == "refunding"

    run_until_done(day(1))

    assert world.case(found.pk).state == "completed"
    assert (books().asked, books().paid) == (2, 1)
    assert names(found) == ["open", "approve", "refund_failed", "refund_settled"]


def test_a_gateway_that_paid_and_fell_silent_is_asked_what_it_knows(market):
    sandbox.tell(market, "timeout")
    found, refund = refunding(market)

    run(day(1))

    assert books().paid == 1
    refund.refresh_from_db()
    assert (refund.state, refund.failures) == ("pending", 0)  # unknown is not failed
    assert world.case(found.pk).state == "refunding"

    run_until_done(day(1))

    assert world.case(found.pk).state == "completed"
    assert (books().asked, books().paid) == (1, 1)  # it was not asked to pay again
    assert "refund_failed" not in names(found)


def test_a_gateway_that_never_got_the_request_is_asked_again(market):
    sandbox.tell(market, "down down ok")
    found, _ = refunding(market)

    run_until_done(day(1))

    assert world.case(found.pk).state == "completed"
    assert (books().asked, books().paid) == (3, 1)


def test_a_refund_that_can_never_be_paid_becomes_a_dead_letter_at_once(market):
    sandbox.tell(market, "gone")
    found, _ = refunding(market)

    run(day(1))

    effect = Effect.objects.get(kind="refund")
    assert (effect.dead_at, effect.attempts) == (day(1), 1)
    assert effect.last_error == "the gateway refused: account_closed"
    assert world.case(found.pk).state == "refunding"  # and its clock alarms
    assert Clock.objects.get().name == "refund_settlement"


def test_a_gateway_that_takes_its_time_is_asked_again_and_again_without_end(market):
    sandbox.tell(market, "late")
    found, _ = refunding(market)
    run(day(1))
    models.SandboxRefund.objects.update(answers_at=day(6))

    last = run_until_done(day(1))

    assert day(6) <= last <= day(6, hours=6)
    assert world.case(found.pk).state == "completed"
    assert Effect.objects.get(kind="refund").attempts == 1  # waiting is not failing
    assert (books().asked, books().paid) == (1, 1)


def test_a_late_no_is_a_failure_like_any_other(market):
    sandbox.tell(market, "late_fail ok")
    found, _ = refunding(market)

    run_until_done(day(1))

    assert names(found)[2:] == ["refund_failed", "refund_settled"]
    assert (world.case(found.pk).state, books().paid) == ("completed", 1)


def test_a_crash_between_asking_and_noting_pays_nothing_twice(market, monkeypatch):
    found, _ = refunding(market)

    def dies(*args, **kwargs):
        raise SystemExit

    monkeypatch.setattr(payouts, "_end", dies)
    with pytest.raises(SystemExit):
        run(day(1))
    monkeypatch.undo()
    assert (books().paid, world.case(found.pk).state) == (1, "refunding")

    run_until_done(day(1, minutes=10))

    assert (books().asked, books().paid) == (1, 1)
    assert world.case(found.pk).state == "completed"


def test_nothing_is_paid_while_a_chargeback_holds_the_case(market):
    found, _ = refunding(market)
    world.do(found, "chargeback_opened", "service", when=day(1))

    run(day(1))

    assert models.SandboxRefund.objects.count() == 0
    effect = Effect.objects.get(kind="refund")
    assert (effect.attempts, effect.due_at) == (0, day(1, minutes=15))

    world.do(found, "chargeback_closed", "service", when=day(2), lost=False)
    run_until_done(day(2))
    assert world.case(found.pk).state == "completed"


def test_a_refund_that_was_settled_by_hand_is_not_paid_once_more(market):
    found, _ = refunding(market)
    for person in ("first", "second"):
        by = steps.Actor(role="supervisor", person=person)
        world.do(found, "settle_by_hand", by, when=day(1), statement="Paid by bank.")
    assert world.case(found.pk).state == "completed"

    run(day(1))

    assert models.SandboxRefund.objects.count() == 0
    assert Effect.objects.get(kind="refund").done_at == day(1)


def test_a_marketplace_without_a_gateway_pays_nobody_and_says_so(market, settings):
    settings.DEFAULT_GATEWAY = ""
    refunding(market)

    run(day(1))

    assert Effect.objects.get(kind="refund").last_error == "the marketplace has no gateway"


def test_one_gateway_that_breaks_stops_no_other(market):
    broken = world.marketplace("broken")
    sandbox.tell(broken, "down")
    bad, _ = refunding(broken)
    good, _ = refunding(market)

    run(day(1))

    assert [world.case(found.pk).state for found in (bad, good)] == ["refunding", "completed"]


def test_a_gateway_that_does_not_answer_is_left_alone_for_the_rest_of_a_batch(market):
    sandbox.tell(market, "down")
    for _ in range(5):
        refunding(market)

    run(day(1))

    assert models.SandboxRefund.objects.count() == 3  # the others would have waited as long
    waiting = Effect.objects.filter(kind="refund", attempts=0)
    assert {effect.due_at for effect in waiting} == {day(1, seconds=30)}
    assert waiting.count() == 2


@pytest.mark.parametrize(
    ("cannot", "code"),
    [
        ({"partial": False}, "partial_refund"),
        ({"multiple": False}, "second_refund"),
        ({"max_age": timedelta(days=10)}, "payment_too_old"),
    ],
)
def test_what_a_gateway_cannot_do_it_is_not_asked_for(cannot, code, market, monkeypatch):
    can = {"partial": True, "multiple": True, "max_age": None, **cannot}
    monkeypatch.setattr(sandbox.Sandbox, "capabilities", Capabilities(**can))
    found, refund = refunding(market)
    Payment.objects.update(given_back=15_000, amount=20_000)

    run(day(1))

    refund.refresh_from_db()
    assert (refund.state, refund.code) == ("pending", code)
    assert models.SandboxRefund.objects.count() == 0
    assert Effect.objects.get(kind="refund").dead_at == day(1)
    assert world.case(found.pk).state == "refunding"  # for two supervisors to settle by hand


def test_an_overdue_refund_alarms_our_people_and_goes_on_being_tried(market):
    sandbox.tell(market, "down")
    found, refund = refunding(market)

    lapse(clock=at(day(14)))

    alarm = Event.objects.get(case=found, name="alarm")
    assert json.loads(alarm.payload)["refund"] == str(refund.pk)
    assert Clock.objects.get().length == "1wd"


def test_the_sandbox_answers_the_same_order_always_the_same_and_by_weight(market):
    account = sandbox.tell(market, ok=3, late=1)
    gateway = sandbox.Sandbox(account.options)

    chosen = [gateway._script(f"order-{number}") for number in range(400)]

    assert chosen == [gateway._script(f"order-{number}") for number in range(400)]
    assert 70 < chosen.count(["late"]) < 130


def test_the_sandbox_refuses_words_that_it_does_not_know(market):
    with pytest.raises(ValueError, match="maybe"):
        sandbox.tell(market, "maybe ok")


def test_a_key_that_the_sandbox_never_saw_is_unheard_of():
    gateway = sandbox.Sandbox({})
    assert gateway.query(payouts.Ask(**ask(key=uuid4()))) == Unheard()


def ask(**more):
    return {
        "kind": "refund", "amount": 1, "currency": "CNY", "payer": "", "parts": (),
        "order_ref": "1", "decided_at": day(0), "at": day(0), **more,
    }  # fmt: skip
