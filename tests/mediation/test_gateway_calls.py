"""What a gateway tells by itself: signed calls, again, otherwise, or not by the gateway at all."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Event
from mediation import steps
from mediation.gateways import models, sandbox
from mediation.models import Effect
from tests import world
from tests.mediation.paying import books, call, names, refunding, run, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return world.marketplace()


@pytest.fixture
def told(market):
    """A refund that the gateway has taken and will tell of, in real time: (case, account)."""
    account = sandbox.tell(market, "late")
    moment = steps.database_clock()
    found, _ = refunding(market, moment - timedelta(minutes=1))
    run(moment)
    models.SandboxRefund.objects.update(answers_at=moment)
    return found, account


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
