"""Refunds through a gateway that fails, falls silent, comes late or says things twice."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from cases.models import Clock, Event, Payment, Refund
from mediation import effects, payouts, steps
from mediation.gateways import Capabilities, Unheard, models, sandbox
from mediation.models import Effect
from mediation.steps import lapse
from tests import world
from tests.world import at, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return world.marketplace()


def refunding(market, when=None):
    """A case whose refund has been decided at a moment, and the refund."""
    when = when or day(1)
    bought = world.order(market, delivered=when - timedelta(days=1))
    found = world.open_case(bought, when=when, remedy="refund_only")
    world.do(found, "approve", "seller", when=when)
    return world.case(found.pk), Refund.objects.get(case=found)


def run(moment):
    """Carry out the refunds that are due."""
    due = Effect.objects.due(moment).filter(kind="refund")
    return effects.run(clock=at(moment), only=list(due.values_list("pk", flat=True)))


def run_until_done(moment):
    """Go from attempt to attempt; give the moment of the last."""
    while True:
        run(moment)
        effect = Effect.objects.get(kind="refund")
        if effect.done_at or effect.dead_at:
            return moment
        moment = max(effect.due_at, moment + timedelta(seconds=1))


def books():
    return models.SandboxRefund.objects.get()


def names(found):
    return list(found.events.order_by("sequence").values_list("name", flat=True))


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


# What a gateway tells by itself


@pytest.fixture
def told(market):
    """A refund that the gateway has taken and will tell of, in real time: (case, account)."""
    account = sandbox.tell(market, "late")
    moment = steps.database_clock()
    found, _ = refunding(market, moment - timedelta(minutes=1))
    run(moment)
    models.SandboxRefund.objects.update(answers_at=moment)
    return found, account


def call(headers, body):
    return Client().post(
        "/api/v1/gateway-events", body, content_type="application/json", headers=headers
    )


def calls(account):
    return sandbox.calls(books().key, account, at=steps.database_clock())


def test_a_signed_call_completes_the_case(told):
    found, account = told
    [(headers, body)] = calls(account)

    answer = call(headers, body)

    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert world.case(found.pk).state == "completed"


def test_the_same_call_again_changes_nothing(told):
    _, account = told
    [(headers, body)] = calls(account)
    call(headers, body)
    before = Event.objects.count()

    again = call(headers, body)

    assert (again.status_code, Event.objects.count()) == (200, before)


def test_a_failure_told_twice_is_noted_once(told):
    found, account = told
    models.SandboxRefund.objects.update(code="insufficient_funds")
    [(headers, body)] = calls(account)

    assert [call(headers, body).status_code for _ in range(2)] == [200, 200]

    assert names(found) == ["open", "approve", "refund_failed"]
    assert models.Payout.objects.get().answer == "failed"


def test_another_event_that_tells_the_same_changes_nothing_either(told):
    found, account = told
    [(headers, body)] = calls(account)
    call(headers, body)

    answer = call(signed(account, body, event_id="evt_other"), body)

    assert (answer.status_code, names(found)[-1]) == (200, "refund_settled")


def test_an_event_id_that_comes_again_with_another_body_is_refused(told):
    _, account = told
    [(headers, body)] = calls(account)
    call(headers, body)
    other = body.replace("}", " }")

    answer = call(signed(account, other, event_id=headers["webhook-id"]), other)

    assert (answer.status_code, answer.json()["code"]) == (422, "KEY_REUSED")


def test_the_gateway_that_was_told_and_asked_as_well_pays_once(told):
    found, account = told
    [(headers, body)] = calls(account)
    call(headers, body)

    run(steps.database_clock() + timedelta(hours=7))

    assert (books().paid, Effect.objects.get(kind="refund").done_at is None) == (1, False)
    assert names(found).count("refund_settled") == 1


def test_a_secret_that_was_replaced_signs_for_a_while(told):
    _, account = told
    [(headers, body)] = calls(account)
    models.GatewayAccount.objects.update(
        secret=sandbox.new_secret(),
        former_secret=account.secret,
        former_until=steps.database_clock() + timedelta(hours=24),
    )

    assert call(headers, body).status_code == 200


def signed(account, body, *, event_id="evt_1", moment=None, secret=None):
    moment = moment or steps.database_clock()
    signer = sandbox.Webhook(secret or account.secret)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signer.sign(event_id, moment, body),
    }


LIES = {
    "nothing signed": lambda account, headers, body: ({}, body),
    "another body": lambda account, headers, body: (headers, body.replace("succeeded", "failed")),
    "another id": lambda account, headers, body: (headers | {"webhook-id": "evt_x"}, body),
    "no id": lambda account, headers, body: (headers | {"webhook-id": ""}, body),
    "a dot": lambda account, headers, body: (signed(account, body, event_id="a.b"), body),
    "a foreign key": lambda account, headers, body: (
        signed(account, body, secret=sandbox.new_secret()), body,
    ),
    "too old": lambda account, headers, body: (
        signed(account, body, moment=steps.database_clock() - timedelta(minutes=6)), body,
    ),
    "from the future": lambda account, headers, body: (
        signed(account, body, moment=steps.database_clock() + timedelta(minutes=6)), body,
    ),
    "no time": lambda account, headers, body: (headers | {"webhook-timestamp": "now"}, body),
    "a float": lambda account, headers, body: (headers | {"webhook-timestamp": "1.5"}, body),
    "a signature of rubbish": lambda account, headers, body: (
        headers | {"webhook-signature": "v1,***"}, body,
    ),
    "no comma": lambda account, headers, body: (headers | {"webhook-signature": "v1"}, body),
    "bytes that are no text": lambda account, headers, body: (headers, b"\xff\xfe"),
    "no JSON": lambda account, headers, body: (signed(account, "{"), "{"),
    "a list": lambda account, headers, body: (signed(account, "[]"), "[]"),
    "brackets": lambda account, headers, body: (signed(account, "[" * 9999), "[" * 9999),
    "too long": lambda account, headers, body: (
        signed(account, body + " " * 20_000), body + " " * 20_000,
    ),
    "far too long": lambda account, headers, body: (headers, body + " " * 3_000_000),
    "an unknown refund": lambda account, headers, body: lie_about(account, refund=str(uuid4())),
    "no refund": lambda account, headers, body: lie_about(account, refund=None),
    "an unknown type": lambda account, headers, body: lie_about(account, type="refund.gone"),
}  # fmt: skip


def lie_about(account, **changed):
    said = {"type": "refund.succeeded", "refund": str(books().key), **changed}
    body = json.dumps(said)
    return signed(account, body), body


@pytest.mark.parametrize("lie", LIES)
def test_whatever_is_not_as_it_must_be_gets_401_and_changes_nothing(told, lie):
    found, account = told
    [(headers, body)] = calls(account)

    answer = call(*LIES[lie](account, headers, body))

    assert (answer.status_code, answer.json()["code"]) == (401, "BAD_SIGNATURE")
    assert world.case(found.pk).state == "refunding"


def test_a_marketplace_cannot_speak_for_another_s_refund(told):
    found, _ = told
    other = sandbox.tell(world.marketplace("other"))
    body = json.dumps({"type": "refund.succeeded", "refund": str(books().key)})

    assert call(signed(other, body), body).status_code == 401
    assert world.case(found.pk).state == "refunding"


def test_an_account_without_a_proper_secret_believes_nobody(told):
    _, account = told
    for secret in ("", "whsec_c2hvcnQ=", "no base64"):
        models.GatewayAccount.objects.update(secret=secret)
        [(headers, body)] = calls(account)
        assert call(headers, body).status_code == 401
