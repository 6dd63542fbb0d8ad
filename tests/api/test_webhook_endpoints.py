"""Endpoints of webhooks: a marketplace's own systems make, try, change and remove them."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from mediation.steps import database_clock
from notifications import deliveries
from notifications.endpoints import switch_off
from notifications.models import Delivery, WebhookEndpoint
from tests import world
from tests.api.callers import service
from tests.api.problems import pointers, problem
from tests.api.sandboxes import Sandbox
from tests.notifications.make import delivery
from tests.notifications.servers import marketplace

pytestmark = pytest.mark.django_db

ENDPOINTS = "webhook-endpoints"
URL = "https://hooks.shop.example/cases?from=mediation"


@pytest.fixture
def market():
    return world.marketplace()


@pytest.fixture
def shop(market):
    return service(market)


@pytest.fixture
def listener(settings):
    """Listen on this machine, as a marketplace in development does."""
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}
    with marketplace() as told:
        yield told


def made(shop, url=URL, **more):
    answer = shop.post(ENDPOINTS, {"url": url, **more})
    assert answer.status_code == 201, answer.content
    return answer.json()


def change(shop, endpoint, **body):
    return shop.client.patch(f"/api/v1/{ENDPOINTS}/{endpoint['id']}", body)


def stored(endpoint):
    return WebhookEndpoint.objects.get(pk=endpoint["id"])


def drain():
    while deliveries.deliver(clock=database_clock):
        pass


def waiting(endpoint, **more):
    return delivery(stored(endpoint), due_at=database_clock(), body='{"type": "case.open"}', **more)


def test_a_new_endpoint_is_tried_and_verifies_with_the_secret_that_was_told_once(shop, listener):
    endpoint = made(shop, listener.url)
    path = f"{ENDPOINTS}/{endpoint['id']}"

    ping = shop.post(f"{path}/ping")
    drain()

    [(headers, body)] = listener.received
    headers = {name.lower(): value for name, value in headers.items()}
    assert Webhook(endpoint["secret"]).verify(body, headers)["type"] == "ping"
    assert (ping.status_code, ping.json()["standing"]) == (202, "waiting")
    [told] = shop.get(f"{path}/deliveries").json()["results"]
    assert (told["webhook_id"], told["id"]) == (headers["webhook-id"], ping.json()["id"])
    assert (told["standing"], told["status"], told["type"], told["case"]) == (
        *("delivered", 204, "ping", None),
    )
    shown = shop.get(path).json()
    assert shown == {name: value for name, value in endpoint.items() if name != "secret"}
    assert shop.get(ENDPOINTS).json()["results"] == [shown]


def test_what_was_answered_there_is_shown(shop, listener):
    listener.status, listener.body = 500, b"We are full." * 100
    endpoint = made(shop, listener.url)
    path = f"{ENDPOINTS}/{endpoint['id']}"
    shop.post(f"{path}/ping")

    drain()

    [told] = shop.get(f"{path}/deliveries", standing="waiting").json()["results"]
    assert (told["status"], len(told["answer"]), told["attempts"]) == (500, 200, 1)
    assert told["error"] == "the endpoint answered 500"
    assert shop.get(path).json()["failing_since"] is not None


def test_the_same_key_makes_one_endpoint_and_tells_its_secret_again(shop):
    first, again = (shop.post(ENDPOINTS, {"url": URL}, key="k1") for _ in range(2))
    other = shop.post(ENDPOINTS, {"url": f"{URL}&more"}, key="k1")

    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert first["Location"] == again["Location"] == f"/api/v1/{ENDPOINTS}/{first.json()['id']}"
    assert problem(other) == (422, "KEY_REUSED")
    assert problem(shop.client.post(f"/api/v1/{ENDPOINTS}", {"url": URL}))[0] == 400
    assert WebhookEndpoint.objects.count() == 1


def test_after_a_rotation_both_secrets_sign_for_as_long_as_asked(shop):
    endpoint = made(shop)
    path = f"{ENDPOINTS}/{endpoint['id']}/secret"

    rotated = shop.post(path, {"overlap_hours": 2}, key="k1").json()
    again = shop.post(path, {"overlap_hours": 2}, key="k1").json()

    found, at = stored(endpoint), database_clock()
    assert again == rotated
    assert found.secrets(at) == [rotated["secret"], endpoint["secret"]]
    assert found.secrets(at + timedelta(hours=2)) == [rotated["secret"]]
    known = shop.post(path, {"overlap_hours": 0}).json()  # others know it: it signs no more
    assert stored(endpoint).secrets(at) == [known["secret"]]
    assert known["former_until"] is None


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.shop.example/",
        "https://hooks.shop.example:8443/",
        "https://bea:secret@hooks.shop.example/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://database/",
        "https://metadata.google.internal/",
        "https://hooks.shop.example\\@10.0.0.1/",
        "https://hooks.shop.example/\r\nHost: x",
        "https://商店.example/",
        "javascript:alert(1)",
        "https://" + "x" * 500 + ".example/",
        7,
        None,
    ],
)
def test_an_address_that_we_do_not_call_is_refused(url, shop, settings, nothing_changes):
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": False}
    nothing_changes()

    answer = shop.post(ENDPOINTS, {"url": url})

    assert problem(answer) == (400, "INVALID")
    assert [pointer for pointer, _ in pointers(answer)] == ["/url"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": URL, "types": ["case.dance"]}, "/types/0"),
        ({"url": URL, "types": "case.open"}, "/types"),
        ({"url": URL, "secret": "whsec_mine"}, "/secret"),
        ({"url": URL, "active": False}, "/active"),
    ],
)
def test_a_field_that_is_wrong_makes_no_endpoint(body, pointer, shop, nothing_changes):
    nothing_changes()

    assert [found for found, _ in pointers(shop.post(ENDPOINTS, body))] == [pointer]


def test_a_marketplace_has_ten_endpoints_at_most(market, shop, nothing_changes):
    for number in range(10):
        WebhookEndpoint.objects.create(marketplace_id=market.pk, url=f"{URL}{number}", secret="x")
    nothing_changes()

    answer = shop.post(ENDPOINTS, {"url": URL})

    assert problem(answer) == (409, "TOO_MANY_ENDPOINTS")
    assert answer.json()["most"] == 10


def test_what_is_not_named_stays_as_it_is(shop):
    endpoint = made(shop, types=["case.open"])

    moved = change(shop, endpoint, url="https://other.example/").json()
    heard = change(shop, endpoint, types=["consequence", "case.rule"]).json()
    refused = change(shop, endpoint, url="https://10.0.0.1/", types=[])

    assert (moved["url"], moved["types"]) == ("https://other.example/", ["case.open"])
    assert heard == moved | {"types": ["consequence", "case.rule"]}
    assert problem(refused) == (400, "INVALID")
    assert shop.get(f"{ENDPOINTS}/{endpoint['id']}").json() == heard
    assert stored(endpoint).secret == endpoint["secret"]


def test_switched_off_by_its_owner_it_gets_nothing_and_on_again_what_it_missed(shop):
    endpoint = made(shop)
    row, path = waiting(endpoint), f"{ENDPOINTS}/{endpoint['id']}"

    off = change(shop, endpoint, active=False).json()
    refused = [shop.post(f"{path}/{verb}") for verb in ("ping", "replay")]
    row.refresh_from_db()

    assert (off["active"], off["disabled_because"]) == (False, "by the marketplace")
    assert (off["disabled_at"] is not None, row.dead_at is not None) == (True, True)
    assert [problem(answer) for answer in refused] == [(409, "ENDPOINT_OFF")] * 2
    on = change(shop, endpoint, active=True).json()
    row.refresh_from_db()
    assert (on["active"], on["disabled_at"], row.dead_at) == (True, None, None)


def test_removed_it_is_not_there_any_more_and_its_secret_is_forgotten(shop):
    endpoint = made(shop)
    row, path = waiting(endpoint), f"/api/v1/{ENDPOINTS}/{endpoint['id']}"

    answers = [shop.client.delete(path) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert shop.get(ENDPOINTS).json()["results"] == []
    found = stored(endpoint)
    assert (found.active, found.secret, found.removed_at is None) == (False, "", False)
    row.refresh_from_db()
    assert row.last_error == "the endpoint was switched off"


def test_what_was_given_up_is_listed_and_tried_again(shop):
    endpoint = made(shop)
    path = f"{ENDPOINTS}/{endpoint['id']}"
    dead, _ = waiting(endpoint, dead_at=database_clock()), waiting(endpoint)

    [told] = shop.get(f"{path}/deliveries", standing="dead").json()["results"]
    answer = shop.post(f"{path}/replay")

    assert (told["id"], told["standing"]) == (str(dead.pk), "dead")
    assert (answer.status_code, answer.json()) == (200, {"replayed": 1})
    assert not Delivery.objects.dead().exists()
    assert problem(shop.get(f"{path}/deliveries", standing="lost")) == (400, "INVALID")


@pytest.mark.parametrize("n", [1, 3])
def test_lists_cost_the_same_statements_for_any_number(n, shop, django_assert_num_queries):
    endpoint, *_ = [made(shop) for _ in range(n)]
    for _ in range(n):
        waiting(endpoint)

    with django_assert_num_queries(2):  # marketplace, endpoints
        assert len(shop.get(ENDPOINTS).json()["results"]) == n
    with django_assert_num_queries(3):  # marketplace, endpoint, deliveries
        path = f"{ENDPOINTS}/{endpoint['id']}/deliveries"
        assert len(shop.get(path).json()["results"]) == n


def test_a_delivery_written_while_the_endpoint_is_switched_off_does_not_wait_for_ever(shop):
    endpoint = made(shop)
    switch_off(WebhookEndpoint.objects.all(), at=database_clock(), because="by hand")
    late = waiting(endpoint)  # its writer has still seen the endpoint as it was

    drain()

    late.refresh_from_db()
    assert late.dead_at is not None
    change(shop, endpoint, active=True)
    late.refresh_from_db()
    assert (late.dead_at, late.done_at) == (None, None)


def test_a_sandbox_pings_nobody(listener):
    sandbox = Sandbox()
    endpoint = made(sandbox.shop, listener.url)

    told = sandbox.shop.post(f"{ENDPOINTS}/{endpoint['id']}/ping").json()
    drain()

    assert Delivery.objects.get(pk=told["id"]).clock_id == sandbox.market.clock_id
    assert listener.received == []
