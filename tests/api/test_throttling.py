"""How often somebody may ask: as the table says, however many ask at once, whatever is down."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests
from django.test import Client
from django.urls import get_resolver
from rest_framework.test import APIClient

from mediation import throttling
from mediation.throttling import RATES, Gate
from tests import world
from tests.api.callers import buyer, order, seller, service
from tests.api.problems import problem
from tests.api.schema import described
from tests.files.sending import bring

AT_ONCE = 50
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def gate(settings, monkeypatch):
    """Count from here on, in a process that has counted nothing yet."""
    settings.RATES_TIMES = 1
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    new = Gate()
    monkeypatch.setattr(throttling, "gate", new)
    yield new
    if not new.is_down:
        new.everywhere().storage.reset()


def rate(monkeypatch, scope, role, rates):
    monkeypatch.setitem(RATES[scope], role, rates)


def statuses(call, times):
    return [call().status_code for _ in range(times)]


# At once


@pytest.mark.django_db(transaction=True)
def test_of_fifty_requests_at_the_same_moment_exactly_as_many_pass_as_the_rate_says(
    live_server, monkeypatch
):
    rate(monkeypatch, "read", "service", "7/minute")
    shop = service(world.marketplace())
    headers = {"Authorization": f"Bearer {shop.token}"}
    start = threading.Barrier(AT_ONCE)

    def ask(_):
        start.wait()
        return requests.get(f"{live_server.url}/api/v1/cases", headers=headers, timeout=30)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [429] * 43


def test_processes_count_together():
    gates = [Gate() for _ in range(AT_ONCE)]  # each with a connection of its own

    with ThreadPoolExecutor(AT_ONCE) as pool:
        waits = list(pool.map(lambda gate: gate.wait("5/minute", "somebody"), gates))

    assert sum(wait == 0 for wait in waits) == 5
    for each in gates:
        each.everywhere().storage.storage.close()


# Who is counted


def test_too_many_requests_are_told_when_to_come_again(monkeypatch):
    rate(monkeypatch, "read", "buyer", "2/minute")
    bea = buyer(order())
    assert statuses(lambda: bea.get("cases"), 2) == [200, 200]

    answer = bea.get("cases")

    assert problem(answer) == (429, "THROTTLED")
    assert answer.json()["retryable"] is True
    assert 30 <= int(answer["Retry-After"]) <= 60


def test_a_window_moves(monkeypatch):
    rate(monkeypatch, "read", "buyer", "2/second")
    bea = buyer(order())
    assert statuses(lambda: bea.get("cases"), 3) == [200, 200, 429]

    time.sleep(1.05)

    assert bea.get("cases").status_code == 200


def test_an_account_is_a_buyer_whoever_acts_for_it_and_nobody_else(monkeypatch):
    rate(monkeypatch, "read", "buyer", "1/minute")
    market = world.marketplace()
    bought, other = order(market), order(market)

    assert buyer(bought).get("cases").status_code == 200
    assert buyer(bought, person="buyer-2").get("cases").status_code == 429
    assert buyer(other).get("cases").status_code == 200
    assert seller(bought).get("cases").status_code == 200


def test_the_service_of_a_marketplace_is_one_account(monkeypatch):
    rate(monkeypatch, "read", "service", "1/minute")
    one, other = world.marketplace("bazaar"), world.marketplace("souk")

    assert service(one).get("cases").status_code == 200
    assert service(one, person="host-2").get("cases").status_code == 429
    assert service(other).get("cases").status_code == 200


def test_opening_uploading_and_writing_have_rates_of_their_own(monkeypatch, nothing_changes):
    for scope in ("open", "upload", "message"):
        rate(monkeypatch, scope, "buyer", "1/minute")
    bought = order(quantity=2)
    bea, piece = buyer(bought), [{"line": "0", "quantity": 1}]
    case = bea.open(bought, items=piece).json()
    path = f"cases/{case['id']}"
    assert bring(bea).status_code == 201
    assert bea.post(f"{path}/messages", {"text": "Well?"}).status_code == 201
    nothing_changes()

    refused = [
        bea.open(bought, items=piece),
        bring(bea),
        bea.post(f"{path}/messages", {"text": "Well?"}),
    ]

    assert [problem(answer) for answer in refused] == [(429, "THROTTLED")] * 3
    assert bea.get(path).status_code == 200
    assert bea.open(bought, items=piece, dry_run=True).status_code == 200
    assert bea.step(case, "withdraw", dry_run=True).status_code == 200


def test_all_rates_of_a_scope_hold(monkeypatch):
    rate(monkeypatch, "read", "buyer", "9/second; 3/minute")
    bea = buyer(order())

    assert statuses(lambda: bea.get("cases"), 4) == [200, 200, 200, 429]


# Who brings no token


def test_who_brings_no_valid_token_soon_hears_no_more_why(monkeypatch):
    rate(monkeypatch, "turned_away", "address", "2/minute")
    stranger, bea = APIClient(), buyer(order())
    stranger.credentials(HTTP_AUTHORIZATION="Bearer x")

    codes = [problem(stranger.get("/api/v1/cases")) for _ in range(3)]

    assert codes == [(401, "TOKEN_INVALID")] * 2 + [(429, "THROTTLED")]
    assert problem(APIClient().post("/api/v1/gateway-events", {})) == (429, "THROTTLED")
    assert bea.get("cases").status_code == 200  # from the same address


def test_a_header_of_ones_own_is_no_new_address(monkeypatch):
    rate(monkeypatch, "turned_away", "address", "2/minute")

    def ask(number):
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        return APIClient().get("/api/v1/cases", headers=headers).status_code

    assert [ask(number) for number in range(4)] == [401, 401, 429, 429]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "seen"),
    [
        (0, "192.0.2.7", "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (2, "203.0.113.9, 192.0.2.7", "198.51.100.1", "203.0.113.9"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, "", "::ffff:192.0.2.7", "192.0.2.7"),
        (0, "", "", ""),  # a unix socket
    ],
)
def test_an_address_is_what_our_own_proxies_say(proxies, forwarded, remote, seen, settings, rf):  # noqa: PLR0917 -- two are fixtures
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    assert throttling.address(rf.get("/", headers=headers, REMOTE_ADDR=remote)) == seen


def test_pages_of_the_api_are_described_only_so_often(monkeypatch):
    rate(monkeypatch, "description", "address", "1/minute")

    assert [Client().get("/api/docs/").status_code for _ in range(2)] == [200, 429]


def test_monitoring_is_never_refused(monkeypatch):
    for rates in RATES.values():
        for role in rates:
            monkeypatch.setitem(rates, role, "1/day")

    for path in ("/livez", "/readyz", "/metrics"):
        assert statuses(lambda path=path: Client().get(path), 3) == [200] * 3


# Logging in


def log_in(name, address="192.0.2.1", password="wrong"):  # noqa: S107
    form = {"username": name, "password": password}
    return Client().post("/admin/login/", form, REMOTE_ADDR=address)


def test_the_desk_is_tried_only_so_often_from_one_place(monkeypatch, django_user_model):
    rate(monkeypatch, "log_in", "both", "2/minute")
    django_user_model.objects.create_superuser("mia", password="right")
    assert [log_in("mia").status_code for _ in range(2)] == [200, 200]

    answer = log_in("Mia ", password="right")

    assert (answer.status_code, "sessionid" in answer.cookies) == (429, False)
    assert 30 <= int(answer["Retry-After"]) <= 60
    assert "Too many attempts. Try again in" in answer.content.decode()
    assert Client().get("/admin/login/").status_code == 200
    elsewhere = log_in("mia", "192.0.2.2", "right")
    assert (elsewhere.status_code, "sessionid" in elsewhere.cookies) == (302, True)


def test_a_place_that_tries_many_names_and_a_name_tried_from_many_places(monkeypatch):
    rate(monkeypatch, "log_in", "address", "2/minute")
    rate(monkeypatch, "log_in", "account", "3/minute")

    assert [log_in(name).status_code for name in ("a", "b", "c")] == [200, 200, 429]
    places = [f"198.51.100.{number}" for number in range(4)]
    assert [log_in("mia", place).status_code for place in places] == [200, 200, 200, 429]


def test_the_page_says_it_in_chinese(monkeypatch):
    rate(monkeypatch, "log_in", "both", "1/minute")
    headers = {"Accept-Language": "zh-hans"}
    form = {"username": "mia", "password": "x"}

    [_, answer] = [Client().post("/admin/login/", form, headers=headers) for _ in range(2)]

    assert "尝试次数过多" in answer.content.decode()


# When Redis is down


@contextmanager
def nobody_answers():
    """Listen, and never say a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@contextmanager
def nobody_is_there():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"


@pytest.mark.parametrize("broken", [nobody_is_there, nobody_answers])
def test_without_redis_each_process_counts_for_itself(broken, settings, monkeypatch, caplog):
    rate(monkeypatch, "read", "buyer", "5/minute")
    bea = buyer(order())
    with broken() as settings.REDIS_URL:
        began = time.monotonic()

        codes = statuses(lambda: bea.get("cases"), 8)

        assert codes == [200] * 5 + [429] * 3
        assert time.monotonic() - began < 3  # one of them has waited for Redis
    assert len([line for line in caplog.messages if "does not count requests" in line]) == 1


def test_when_redis_is_back_all_processes_count_together_again(gate, settings, monkeypatch):
    url = settings.REDIS_URL
    with nobody_is_there() as settings.REDIS_URL:
        assert gate.wait("1/minute", "bea") == 0
    settings.REDIS_URL = url
    gate.silent_until, gate._everywhere = 0.0, None

    assert gate.wait("1/minute", "bea") == 0
    assert (gate.is_down, Gate().wait("1/minute", "bea") > 0) == (False, True)


def test_without_redis_the_rate_holds_for_all_threads_of_a_process(settings, gate):
    start = threading.Barrier(AT_ONCE)

    def ask(_):
        start.wait()
        return gate.wait("7/minute", "bea")

    with nobody_is_there() as settings.REDIS_URL, ThreadPoolExecutor(AT_ONCE) as pool:
        waits = list(pool.map(ask, range(AT_ONCE)))

    assert sum(wait == 0 for wait in waits) == 7


def test_while_one_request_asks_whether_redis_is_back_no_other_waits_for_it(settings, gate):
    with nobody_answers() as settings.REDIS_URL:
        gate.wait("100/minute", "bea")
        gate.silent_until = 0.0  # five seconds later
        with ThreadPoolExecutor(AT_ONCE) as pool:
            waited = list(pool.map(lambda _: timed(gate), range(AT_ONCE)))

    assert sum(seconds >= throttling.PATIENCE for seconds in waited) == 1


def timed(gate):
    began = time.monotonic()
    gate.wait("100/minute", "bea")
    return time.monotonic() - began


def test_redis_behind_a_unix_socket_is_understood(settings, gate):
    settings.REDIS_URL = "unix:///run/valkey.sock?db=3"

    found = gate.everywhere().storage.storage.connection_pool.connection_kwargs

    assert (found["path"], found["db"]) == ("/run/valkey.sock", 3)
    gate.is_down = True  # there is nothing to clean up


# The table


def test_no_rates_no_questions(settings, gate):
    settings.RATES_TIMES = 0

    assert {gate.wait("1/day", "bea") for _ in range(3)} == {0}
    assert gate._everywhere is None


def test_rates_are_multiplied(settings, gate):
    settings.RATES_TIMES = 3

    assert [gate.wait("1/day", "bea") > 0 for _ in range(4)] == [False, False, False, True]


def views(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern.url_patterns)
        elif hasattr(pattern.callback, "cls"):
            yield pattern.callback.cls


def test_every_view_has_a_rate_for_whoever_may_ask():
    for view in views(get_resolver().url_patterns):
        is_for_tokens = bool(getattr(view, "authentication_classes", ())) and hasattr(view, "roles")
        for method in ("GET", "POST", "PUT"):
            if not hasattr(view, method.lower()):
                continue
            usual = "read" if method == "GET" else "write"
            rates = RATES[getattr(view, "rated_as", {}).get(method, usual)]
            assert set(rates) == ({"buyer", "seller", "service"} if is_for_tokens else {"address"})


def test_the_description_tells_of_it_at_every_operation():
    for path in described()["paths"].values():
        for operation in path.values():
            told = operation["responses"]["429"]
            assert told == {"$ref": "#/components/responses/Problem429"}
    told = described()["components"]["responses"]["Problem429"]
    assert list(told["content"]) == ["application/problem+json"]
    assert told["headers"]["Retry-After"]["schema"] == {"type": "integer", "minimum": 1}
