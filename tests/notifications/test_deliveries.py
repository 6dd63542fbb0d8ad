"""Webhooks: signed, in order, retried, and switched off when nobody listens for days."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from standardwebhooks import Webhook, WebhookVerificationError

from notifications import deliveries
from notifications.attempts import LEASE
from notifications.channels import webhook
from notifications.channels.webhook import new_secret
from notifications.deliveries import Notice, announce
from notifications.endpoints import switch_off, switch_on
from notifications.models import Delivery, Letter, WebhookEndpoint
from tests.notifications.make import MARKETPLACE, SECRET, contact, day, delivery, endpoint
from tests.notifications.servers import marketplace

ANNOUNCE = 2  # endpoints, deliveries
DELIVER = 12  # claim: 4, endpoints; savepoint, answers, settle, well, ill, failing, release
OTHER_CASE = UUID(int=9)


@pytest.fixture
def shop(settings):
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}
    with marketplace() as told:
        yield told


def drain(at=None):
    return deliveries.deliver(clock=lambda: at or day(0))


def reload(row):
    return type(row).objects.get(pk=row.pk)


def notice(sequence=1, **given):
    return Notice(
        **{
            "marketplace_id": MARKETPLACE,
            "case_id": UUID(int=1),
            "event_id": uuid4(),
            "sequence": sequence,
            "type": "case.open",
            "body": json.dumps({"sequence": sequence}),
            **given,
        }
    )


def sequences(shop):
    return [json.loads(body)["sequence"] for _, body in shop.received]


@pytest.mark.django_db
class TestAnnounce:
    def test_writes_one_delivery_for_each_event_and_active_endpoint(self):
        first, second = endpoint(), endpoint()
        endpoint(active=False), endpoint(marketplace_id=UUID(int=7))

        announce([notice(1), notice(2)], at=day(0))

        assert sorted(Delivery.objects.values_list("endpoint", "sequence")) == sorted(
            (to.pk, sequence) for to in (first, second) for sequence in (1, 2)
        )

    def test_an_endpoint_hears_only_of_the_types_that_it_wants(self):
        endpoint(types=["case.rule", "consequence"])
        told = [notice(1), notice(2, type="consequence")]

        announce(told, at=day(0))

        assert list(Delivery.objects.values_list("sequence", flat=True)) == [2]

    def test_announcing_twice_writes_once(self):
        endpoint()
        told = notice()

        announce([told], at=day(0))
        announce([told, told], at=day(1))

        assert Delivery.objects.count() == 1

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, django_assert_num_queries):
        endpoint()

        with django_assert_num_queries(ANNOUNCE):
            announce([notice(i) for i in range(n)], at=day(0))

        assert Delivery.objects.count() == n


@pytest.mark.django_db
class TestDeliver:
    def test_the_receiver_can_verify_the_signature(self, shop):
        row = delivery(endpoint(shop.url), body='{"state": "refunding", "名": 1}')
        now = datetime.now(UTC)  # what the library of the receiver compares with

        drain(now)

        [(headers, body)] = shop.received
        verified = Webhook(SECRET).verify(body, {k.lower(): v for k, v in headers.items()})
        assert verified == {"state": "refunding", "名": 1}
        assert headers["webhook-id"] == f"msg_{row.id.hex}"
        assert (reload(row).done_at, reload(row).status) == (now, 204)
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(body, {k.lower(): v for k, v in headers.items()})

    def test_while_a_secret_is_rotated_both_sign(self, shop):
        fresh = new_secret()
        to = endpoint(shop.url, secret=fresh, former_secret=SECRET, former_until=day(1))
        delivery(to, 1), delivery(to, 2)

        drain(day(0))
        drain(day(1))

        signatures = [headers["webhook-signature"].split() for headers, _ in shop.received]
        ids = [headers["webhook-id"] for headers, _ in shop.received]
        assert signatures == [
            [Webhook(secret).sign(ids[0], day(0), "{}") for secret in (fresh, SECRET)],
            [Webhook(fresh).sign(ids[1], day(1), "{}")],
        ]

    def test_draining_twice_changes_nothing(self, shop):
        delivery(endpoint(shop.url))
        drain()
        before = list(Delivery.objects.values())

        assert drain(day(9)) == 0
        assert list(Delivery.objects.values()) == before
        assert len(shop.received) == 1

    def test_events_of_a_case_arrive_in_their_order_even_when_written_in_another(self, shop):
        to = endpoint(shop.url)
        for sequence in (3, 1, 2):
            delivery(to, sequence, body=json.dumps({"sequence": sequence}))

        while drain():
            pass

        assert sequences(shop) == [1, 2, 3]

    def test_a_failing_event_holds_up_its_own_case_and_no_other(self, shop):
        to = endpoint(shop.url)
        first, second = (delivery(to, n, body=json.dumps({"sequence": n})) for n in (1, 2))
        delivery(to, 1, case_id=OTHER_CASE, body='{"sequence": 71}')
        delivery(to, 2, case_id=OTHER_CASE, body='{"sequence": 72}')
        Delivery.objects.filter(pk=first.pk).update(due_at=day(1))  # waits for its next attempt

        while drain():
            pass

        assert sequences(shop) == [71, 72]
        assert reload(second).attempts == 0

    def test_another_endpoint_is_not_held_up(self, shop):
        slow, well = endpoint(shop.url), endpoint(shop.url)
        delivery(slow, 1, due_at=day(1)), delivery(slow, 2)
        delivery(well, 2, body='{"sequence": 2}')

        drain()

        assert sequences(shop) == [2]

    def test_a_dead_event_leaves_a_gap_and_lets_the_next_one_go(self, shop):
        to = endpoint(shop.url)
        delivery(to, 1, dead_at=day(-1)), delivery(to, 2, body='{"sequence": 2}')

        drain()

        assert sequences(shop) == [2]

    def test_a_crash_is_a_second_attempt_with_the_same_id_and_its_own_time(self, shop, monkeypatch):
        delivery(endpoint(shop.url))
        with monkeypatch.context() as crash:
            crash.setattr(deliveries, "settle", _die)
            with pytest.raises(KeyboardInterrupt):
                drain()

        assert drain() == 0
        assert drain(day(0) + LEASE) == 1

        first, second = (headers for headers, _ in shop.received)
        assert first["webhook-id"] == second["webhook-id"]
        assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 600

    def test_those_of_a_sandbox_are_captured(self, shop):
        clock_id = uuid4()
        row = delivery(endpoint(shop.url), clock_id=clock_id)

        assert drain() == 0
        assert deliveries.deliver(clock=lambda: day(0), clock_id=clock_id) == 1

        assert (reload(row).done_at, shop.received) == (day(0), [])

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, shop, django_assert_num_queries):
        well, ill = endpoint(shop.url), endpoint("http://127.0.0.1:1/")
        for i in range(n):
            delivery(well, case_id=UUID(int=i)), delivery(ill, case_id=UUID(int=i))

        with django_assert_num_queries(DELIVER):
            assert deliveries.deliver(clock=lambda: day(0), limit=2 * n) == 2 * n

        assert Delivery.objects.filter(done_at=day(0)).count() == n


@pytest.mark.django_db
class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
    def test_2xx_is_success(self, shop, status):
        shop.status = status
        row = delivery(endpoint(shop.url))

        drain()

        assert reload(row).done_at == day(0)

    @pytest.mark.parametrize("status", [301, 302, 307, 304, 400, 401, 404, 500])
    def test_anything_else_is_failure_redirects_too(self, shop, status):
        shop.status, shop.headers = status, {"Location": shop.url}
        row = delivery(endpoint(shop.url))

        drain()

        assert (reload(row).done_at, reload(row).status) == (None, status)
        assert reload(row).last_error == f"the endpoint answered {status}"
        assert len(shop.received) == 1

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    @pytest.mark.parametrize(
        ("header", "waits"),
        [
            ("7200", timedelta(hours=2)),
            (format_datetime(day(0) + timedelta(hours=3), usegmt=True), timedelta(hours=3)),
            ("99999999999999999999", timedelta(hours=12)),
            ("", timedelta(minutes=1)),
            ("soon", timedelta(minutes=1)),
            ("-5", timedelta(minutes=1)),
            ("١٢", timedelta(minutes=1)),
            ("Mon, 05 Jan 2026 12:00:00", timedelta(minutes=1)),  # no zone
        ],
    )
    def test_a_plea_for_patience_is_honoured(self, shop, status, header, waits):
        shop.status = status
        shop.headers = {"Retry-After": header.encode().decode("latin-1")} if header else {}
        row = delivery(endpoint(shop.url))

        drain()

        assert reload(row).due_at == day(0) + waits

    def test_410_switches_the_endpoint_off_and_tells_its_owner(self, shop):
        shop.status = 410
        contact(MARKETPLACE, address="ops@shop.example")
        to = endpoint(shop.url)
        row, waiting = delivery(to, 1), delivery(to, 2)

        drain()

        assert (reload(to).active, reload(to).disabled_at) == (False, day(0))
        assert reload(to).disabled_because == "it answered 410 Gone"
        assert (reload(row).dead_at, reload(waiting).dead_at) == (day(0), day(0))
        assert Letter.objects.get().template == "endpoint_disabled.staff"

    def test_the_owner_sees_200_characters_of_the_answer(self, shop):
        shop.status, shop.body = 500, b"a\0" + "错".encode() * 300
        row = delivery(endpoint(shop.url))

        drain()

        assert reload(row).answer == "a" + "错" * 198

    def test_a_url_that_is_not_public_is_given_up_at_once(self, settings):
        row = delivery(endpoint("http://127.0.0.1:8000/"))

        drain()

        assert (reload(row).dead_at, reload(row).status) == (day(0), None)
        assert reload(row).last_error == "the URL must be https on port 443"

    def test_a_bad_secret_holds_up_nobody(self, shop):
        bad = delivery(endpoint(shop.url, secret="whsec_?"))
        good = delivery(endpoint(shop.url))

        drain()

        assert (reload(bad).done_at, reload(good).done_at) == (None, day(0))


@pytest.mark.django_db
class TestEndpointThatFails:
    def test_is_switched_off_after_five_days_without_a_success(self, shop):
        shop.status = 500
        to = endpoint(shop.url)
        for n in range(3):
            delivery(to, case_id=UUID(int=n), due_at=day(2.5 * n))

        drain(day(0))
        assert (reload(to).active, reload(to).failing_since) == (True, day(0))
        drain(day(4.9))
        assert reload(to).active
        drain(day(5))

        assert (reload(to).active, reload(to).disabled_because) == (
            False,
            "it failed for five days",
        )

    def test_one_success_makes_all_good(self, shop):
        to = endpoint(shop.url, failing_since=day(-4))
        delivery(to)

        drain()

        assert reload(to).failing_since is None

    def test_switched_off_it_gets_nothing(self, shop):
        to = endpoint(shop.url)
        row = delivery(to)

        switch_off(WebhookEndpoint.objects.all(), at=day(0), because="by hand")
        announce([notice()], at=day(0))

        assert drain(day(1)) == 0
        assert [dead.pk for dead in Delivery.objects.dead()] == [row.pk]

    def test_what_waits_for_an_endpoint_that_is_off_is_not_taken(self, shop):
        delivery(endpoint(shop.url, active=False))

        assert drain() == 0
        assert shop.received == []

    def test_switched_on_it_gets_what_waited_in_order(self, shop):
        to = endpoint(shop.url)
        before = delivery(to, 1, dead_at=day(-3))  # dead long before
        delivery(to, 2, body='{"sequence": 2}'), delivery(to, 3, body='{"sequence": 3}')
        switch_off(WebhookEndpoint.objects.all(), at=day(0), because="by hand")

        switch_on(reload(to), at=day(2))
        while drain(day(2)):
            pass

        assert sequences(shop) == [2, 3]
        assert reload(before).dead_at == day(-3)
        assert (reload(to).active, reload(to).disabled_at) == (True, None)

    def test_cannot_be_active_and_disabled(self):
        with pytest.raises(IntegrityError, match="an_active_endpoint_is_not_disabled"):
            endpoint(disabled_at=day(0))

    def test_a_former_secret_has_an_end(self):
        with pytest.raises(IntegrityError, match="a_former_secret_has_an_end"):
            endpoint(former_secret=SECRET)


def test_a_new_secret_has_32_bytes_and_is_another_each_time():
    assert new_secret() != new_secret()
    assert new_secret().startswith("whsec_")
    assert len(Webhook(new_secret())._whsecret) == 32


def test_the_order_of_the_slow_answers_is_published():
    assert {429, 502, 503, 504} == webhook.SLOW_DOWN


def _die(*args, **given):
    raise KeyboardInterrupt
