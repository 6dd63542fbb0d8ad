"""The default gateway: the marketplace is instructed by a signed webhook, and tells the result."""

import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from mediation import gateways, steps
from mediation.gateways.models import GatewayAccount, Payout
from mediation.gateways.webhook import TYPE, endpoint_of, read
from mediation.models import Effect
from notifications.channels.webhook import new_secret
from notifications.models import WebhookEndpoint
from tests import world
from tests.mediation.paying import call, names, refunding, run, run_until_done
from tests.notifications.servers import marketplace
from tests.world import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(settings):
    """A marketplace's own server on this machine."""
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}
    settings.DEFAULT_GATEWAY = "webhook"
    with marketplace() as server:
        yield server


@pytest.fixture
def market(shop):
    return world.marketplace()


@pytest.fixture
def endpoint(market, shop):
    return WebhookEndpoint.objects.create(
        marketplace_id=market.pk, url=shop.url, secret=new_secret()
    )


def signed(endpoint, said, event_id="evt_1"):
    body, moment = json.dumps(said), steps.database_clock()
    return body, {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(endpoint.secret).sign(event_id, moment, body),
    }


def effect():
    return Effect.objects.get(kind="refund")


def test_the_marketplace_is_instructed_and_tells_later_that_it_has_paid(market, endpoint, shop):
    moment = steps.database_clock()
    found, refund = refunding(market, moment)

    run(moment)

    [(headers, body)] = shop.received
    assert Webhook(endpoint.secret).verify(body, {k.lower(): v for k, v in headers.items()}) == {
        "type": "refund.requested",
        "refund": str(refund.pk),
        "order": found.order.ref,
        "kind": "refund",
        "medium": "money",
        "amount": {"amount": "100.00", "currency": "CNY"},
        "payer": "",
        "parts": [
            {
                "payment": "1",
                "method": "card",
                "amount": {"amount": "100.00", "currency": "CNY"},
            }
        ],
        "decided_at": refund.decided_at.isoformat(),
    }
    assert headers["webhook-id"] == f"refund_{refund.pk.hex}"
    assert (world.case(found.pk).state, Payout.objects.get().answer) == ("refunding", "pending")

    said, headers = signed(endpoint, {"type": "refund.succeeded", "refund": str(refund.pk)})
    answers = [call(headers, said).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert names(found) == ["open", "approve", "refund_settled"]
    run(effect().due_at)
    assert (len(shop.received), effect().done_at is None) == (1, False)  # and asks no more


def test_an_instruction_that_was_not_taken_comes_again_the_same_to_the_byte(market, endpoint, shop):
    found, _ = refunding(market)
    shop.status = 500
    run(day(1))
    assert effect().last_error == "the endpoint answered 500"
    assert (world.case(found.pk).state, names(found)) == ("refunding", ["open", "approve"])

    shop.status, shop.body = 200, b'{"state": "succeeded", "reference": "R-1"}'
    run_until_done(day(1))

    (first, body), (second, again) = shop.received
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert world.case(found.pk).state == "completed"
    assert Payout.objects.get().reference == "R-1"


def test_a_marketplace_that_never_answers_leaves_a_dead_letter_and_an_open_refund(
    market, endpoint, shop
):
    endpoint.url = "http://127.0.0.1:1/"  # nobody is there
    endpoint.save()
    found, refund = refunding(market)

    last = run_until_done(day(1))

    assert day(3) < last < day(5)  # 72 hours, with jitter
    assert (effect().done_at, effect().dead_at) == (None, last)
    refund.refresh_from_db()
    assert (refund.state, world.case(found.pk).state) == ("pending", "refunding")


def test_a_no_is_noted_and_the_marketplace_is_instructed_once_more(market, endpoint, shop):
    shop.status, shop.body = 200, b'{"state": "failed", "code": "no_funds"}'
    found, refund = refunding(market)

    run(day(1))

    refund.refresh_from_db()
    assert (refund.state, refund.code, refund.failures) == ("pending", "no_funds", 1)
    shop.body = b'{"state": "succeeded"}'
    run_until_done(day(1))
    assert (world.case(found.pk).state, len(shop.received)) == ("completed", 2)


def test_money_is_not_sent_where_nobody_said_that_it_should_go(market, endpoint, shop):
    other = WebhookEndpoint.objects.create(
        marketplace_id=market.pk, url=shop.url, secret=new_secret()
    )
    refunding(market)

    run(day(1))

    assert (shop.received, effect().attempts) == ([], 1)
    assert effect().last_error == (
        "the marketplace has no one active endpoint that is to pay refunds"
    )
    GatewayAccount.objects.create(
        id=market.pk, marketplace=market, gateway="webhook", options={"endpoint": str(other.pk)}
    )
    run(effect().due_at)
    assert len(shop.received) == 1


def test_the_endpoint_that_names_the_instruction_gets_it_whatever_others_hear(market, endpoint):
    asked, hears = {"marketplace": market.pk}, {"marketplace_id": market.pk, "url": endpoint.url}
    WebhookEndpoint.objects.create(**hears, secret=new_secret(), types=["case.open"])
    assert endpoint_of(asked) == endpoint  # it hears of everything

    pays = WebhookEndpoint.objects.create(**hears, secret=new_secret(), types=[TYPE, "case.open"])

    assert endpoint_of(asked) == pays


def test_a_foreign_endpoint_cannot_tell_of_a_refund(market, endpoint):
    moment = steps.database_clock() - timedelta(minutes=1)
    found, refund = refunding(market, moment)
    stranger = WebhookEndpoint.objects.create(
        marketplace_id=world.marketplace("other").pk, url=endpoint.url, secret=new_secret()
    )
    said = {"type": "refund.succeeded", "refund": str(refund.pk)}
    body, headers = signed(stranger, said)

    assert call(headers, body).status_code == 401
    assert world.case(found.pk).state == "refunding"


@pytest.mark.parametrize("text", ["", "ok", "[]", "[" * 9999, '{"state": 1}', '{"state": "paid"}'])
def test_an_answer_that_says_nothing_of_the_money_means_taken(text):
    assert read(text) == gateways.Pending()


def test_what_an_answer_says_is_cut_to_what_can_be_kept():
    said = {"state": "failed", "code": "x" * 99, "final": True, "reference": "\0" + "r" * 200}
    assert read(json.dumps(said)) == gateways.Failed(code="x" * 50, final=True, reference="r" * 100)
