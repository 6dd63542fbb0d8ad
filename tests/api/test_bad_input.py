"""Whatever is wrong with a request: a problem document with a stable code, and nothing changed."""

import gzip
import time

import jwt
import pytest
from rest_framework.test import APIClient

from cases.tokens import AUDIENCE
from tests import world
from tests.api import callers
from tests.api.callers import Caller, application, buyer, order, seller, yuan

pytestmark = pytest.mark.django_db

NOBODY = "01900000-0000-7000-8000-000000000000"


def problem(answer):
    """Check the shape of a problem, and give status and code."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code", "trace_id"} <= body.keys()
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def pointers(answer):
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


# Whom and what


def test_an_order_that_nobody_knows(nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).open(bought, order="other")) == (404, "ORDER_NOT_FOUND")


def test_somebody_elses_order(nothing_changes):
    bought = order()
    stranger = world.party(bought.marketplace, "buyer")
    nothing_changes()

    answer = Caller(bought.marketplace, "buyer", stranger.ref).open(bought)

    assert problem(answer) == (404, "ORDER_NOT_FOUND")


@pytest.mark.parametrize("path", ["", "/timeline", "/clocks", "/refunds", "/dispute"])
def test_somebody_elses_case_does_not_exist(path, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    stranger = world.party(bought.marketplace, "buyer")
    nothing_changes()

    answer = Caller(bought.marketplace, "buyer", stranger.ref).get(f"cases/{case['id']}{path}")

    assert problem(answer) == (404, "NOT_FOUND")


def test_a_step_in_somebody_elses_case(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    other = order(world.marketplace("souk"), seller=None)
    nothing_changes()

    assert problem(seller(other).step(case, "approve")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["cases/7", f"cases/{NOBODY}/steps/dance", "nothing"])
def test_a_path_that_leads_nowhere(path, nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).post(path)) == (404, "NOT_FOUND")


def test_the_step_of_a_mediator_is_not_taken_here(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    assert problem(buyer(bought).step(case, "rule")) == (404, "NOT_FOUND")


# When


def test_a_step_that_is_not_possible_now(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).step(case, "accept_return")

    assert problem(answer) == (409, "NOT_NOW")
    assert (answer.json()["version"], answer.json()["state"]) == (1, "awaiting_seller")
    assert [action["name"] for action in answer.json()["actions"]] == [
        *("approve", "refuse", "offer", "ask_extension")
    ]


def test_a_step_of_the_other_side(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    assert problem(buyer(bought).step(case, "approve")) == (403, "NOT_YOUR_STEP")


def test_a_version_that_has_been_left_behind(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).step(case, "approve", if_match=7)

    assert problem(answer) == (412, "STALE_VERSION")
    assert answer.json()["version"] == 1


def test_no_version_at_all(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    answer = seller(bought).post(f"cases/{case['id']}/steps/approve")

    assert problem(answer) == (428, "IF_MATCH_MISSING")


@pytest.mark.parametrize("version", ["*", "one", "1, 2", "\uff11"])
def test_an_if_match_that_is_no_version(version, nothing_changes):
    bought = order()
    case = callers.opened(bought)
    nothing_changes()

    headers = {"If-Match": version.encode().decode("latin-1")}
    answer = seller(bought).post(f"cases/{case['id']}/steps/approve", **headers)

    assert problem(answer) == (400, "BAD_IF_MATCH")


def test_an_answer_that_comes_too_late():
    bought = order(delivered=callers.NOW - 9 * callers.AGO)
    found = world.open_case(bought, when=callers.NOW - 4 * callers.AGO)
    case = {"id": found.pk, "version": 1}

    answer = seller(bought).step(case, "refuse", reason="outside_window", statement="No.")

    assert problem(answer) == (410, "DEADLINE_PASSED")
    assert answer.json()["state"] == world.case(found.pk).state == "in_mediation"
    assert answer.json()["version"] == world.case(found.pk).version


# Keys


@pytest.mark.parametrize("key", ["", "with space", "long" * 51, "\u00e9"])
def test_a_key_that_is_missing_or_no_key(key, nothing_changes):
    bought = order()
    nothing_changes()

    headers = {"Idempotency-Key": key}
    answer = buyer(bought).client.post("/api/v1/cases", application(bought), headers=headers)

    assert problem(answer) == (400, "IDEMPOTENCY_KEY_MISSING")


def test_a_key_that_was_used_for_something_else():
    bought = order(quantity=2)
    bea = buyer(bought)
    first = bea.open(bought, key="k1")

    answer = bea.open(bought, key="k1", statement="Something else.")

    assert problem(answer) == (422, "KEY_REUSED")
    assert [c["id"] for c in bea.get("cases").json()["results"]] == [first.json()["id"]]


def test_the_same_key_again_gets_the_same_answer(nothing_changes):
    bought = order()
    bea = buyer(bought)
    first = bea.open(bought, key="k1")
    nothing_changes()

    again = bea.open(bought, key="k1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]


def test_a_refusal_is_replayed_as_well(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    sam = seller(bought)
    nothing_changes()
    first = sam.step(case, "accept_return", key="k1")

    again = sam.step(case, "accept_return", key="k1")

    assert problem(again) == (409, "NOT_NOW")
    assert again.json() == first.json() | {"trace_id": again.json()["trace_id"]}


def test_another_persons_key_is_another_key():
    bought = order(quantity=2)
    one = application(bought, items=[{"line": "0", "quantity": 1}])
    first = buyer(bought).post("cases", one, key="k1")

    second = buyer(bought, person="buyer-2").post("cases", one, key="k1")

    assert (first.status_code, second.status_code) == (201, 201)


# Words and numbers


@pytest.mark.parametrize(
    ("amount", "pointer"),
    [
        ({"amount": "12.3", "currency": "CNY"}, "/amount"),
        ({"amount": "12.345", "currency": "CNY"}, "/amount"),
        ({"amount": "12", "currency": "CNY"}, "/amount"),
        ({"amount": "NaN", "currency": "CNY"}, "/amount"),
        ({"amount": "Infinity", "currency": "CNY"}, "/amount"),
        ({"amount": "\uff11\uff12.\uff10\uff10", "currency": "CNY"}, "/amount"),
        ({"amount": "\u0661\u0662.\u0660\u0660", "currency": "CNY"}, "/amount"),
        ({"amount": "1e2", "currency": "CNY"}, "/amount"),
        ({"amount": "1_000.00", "currency": "CNY"}, "/amount"),
        ({"amount": "-12.00", "currency": "CNY"}, "/amount"),
        ({"amount": "+12.00", "currency": "CNY"}, "/amount"),
        ({"amount": " 12.00", "currency": "CNY"}, "/amount"),
        ({"amount": "12.00\n", "currency": "CNY"}, "/amount"),
        ({"amount": "9999999999999.00", "currency": "CNY"}, "/amount"),
        ({"amount": "12.00", "currency": "USD"}, "/currency"),
        ({"amount": "12.00", "currency": "cny"}, "/currency"),
        ({"amount": "12.00", "currency": None}, "/currency"),
        ({"amount": 12.00, "currency": "CNY"}, ""),
        ({"amount": "12.00"}, ""),
        ({"amount": "12.00", "currency": "CNY", "more": 1}, ""),
        ("12.00", ""),
        (12, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_an_amount_that_could_be_meant_otherwise(amount, pointer, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": 1, "amount": amount}])

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == [f"/items/0/amount{pointer}"]


def test_an_amount_in_a_currency_without_decimals(nothing_changes):
    bought = order(currency="JPY")
    nothing_changes()

    item = {"line": "0", "quantity": 1, "amount": {"amount": "10.00", "currency": "JPY"}}
    answer = buyer(bought).open(bought, items=[item])

    assert pointers(answer) == [("/items/0/amount/amount", "bad_amount")]


def test_more_than_was_paid(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(
        bought, items=[{"line": "0", "quantity": 1, "amount": yuan("100.01")}]
    )

    assert problem(answer) == (422, "AMOUNT_TOO_HIGH")
    assert (answer.json()["line"], answer.json()["most"]) == ("0", yuan("100.00"))


def test_more_pieces_than_were_bought(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": 2}])

    assert problem(answer) == (409, "QUANTITY_TAKEN")


def test_evidence_that_the_reason_demands(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, reason="wrong_item", remedy="return_refund")

    assert problem(answer) == (422, "EVIDENCE_MISSING")
    assert answer.json()["missing"] == ["photo_goods"]


@pytest.mark.parametrize("quantity", [0, -1, 1.0, 1.5, "1", "\uff11", True, None, [], 10**30])
def test_a_quantity_that_is_no_count(quantity, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, items=[{"line": "0", "quantity": quantity}])

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == ["/items/0/quantity"]


@pytest.mark.parametrize(
    "words",
    ["", "   ", "a\x00b", "a\x07b", "a\u202eb", "a\u2066b", "x" * 4001, 7, None, ["a"]],
)
def test_words_that_nobody_types(words, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, statement=words)

    assert problem(answer) == (400, "INVALID")
    assert [where for where, _ in pointers(answer)] == ["/statement"]


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({"state": "completed"}, ("/state", "unknown")),
        ({"reason": "boredom"}, ("/reason", "invalid_choice")),
        ({"remedy": None}, ("/remedy", "null")),
        ({"items": []}, ("/items", "empty")),
        ({"items": [{"line": "9", "quantity": 1}]}, ("/items/0/line", "unknown_line")),
        ({"items": [{"line": "0", "quantity": 1}] * 2}, ("/items/1/line", "twice")),
        ({"items": {"line": "0"}}, ("/items", "not_a_list")),
        ({"evidence": [{"slot": "photo_goods", "sha256": "x"}]}, ("/evidence/0/sha256", "invalid")),
        ({"evidence": [{"slot": "gossip"}]}, ("/evidence/0/slot", "invalid_choice")),
        ({"compensation": {"amount": "1.00", "currency": "CNY"}}, ("/compensation", "not_paid")),
        ({"order": 7}, ("/order", "required")),
    ],
)
def test_a_field_that_is_wrong_is_pointed_at(inputs, where, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, **inputs)

    assert problem(answer) == (400, "INVALID")
    assert pointers(answer) == [where]


def test_all_mistakes_are_told_at_once(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).open(bought, reason="", statement="", more=1)

    assert sorted(where for where, _ in pointers(answer)) == ["/more", "/reason", "/statement"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "MALFORMED"),
        (b"{'order': 1}", "MALFORMED"),
        (b'{"order": NaN}', "MALFORMED"),
        (b'{"order": "1", "order": "2"}', "MALFORMED"),
        (b"\xff\xfe", "MALFORMED"),
        (rb'{"statement": "\ud800"}', "MALFORMED"),
        (rb'{"\uD800": 1}', "MALFORMED"),
        (b"[" * 100_000, "MALFORMED"),
        (b"[]", "INVALID"),
        (b'"order"', "INVALID"),
        (b"null", "INVALID"),
        (b"7", "INVALID"),
    ],
)
def test_a_body_that_is_no_object(body, code, nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).client.post(
        "/api/v1/cases",
        data=body,
        content_type="application/json",
        headers={"Idempotency-Key": "k1"},
    )

    assert problem(answer) == (400, code)


def test_a_step_that_asks_for_nothing_needs_no_body():
    bought = order()
    case = callers.opened(bought)
    headers = {"Idempotency-Key": "k1", "If-Match": "1"}

    path = f"/api/v1/cases/{case['id']}/steps/approve"
    answer = seller(bought).client.generic("POST", path, headers=headers)

    assert (answer.status_code, answer.json()["state"]) == (200, "awaiting_return")


def test_a_body_that_is_too_long(nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).open(bought, statement="x" * 1_000_001)) == (413, "TOO_LARGE")


def test_a_compressed_body_is_not_unpacked(nothing_changes):
    """Fifty megabytes of spaces in fifty kilobytes."""
    bought = order()
    bomb = gzip.compress(b" " * 50_000_000, 1)
    nothing_changes()

    answer = buyer(bought).client.post(
        "/api/v1/cases",
        data=bomb,
        content_type="application/json",
        headers={"Content-Encoding": "gzip", "Idempotency-Key": "bomb"},
    )

    assert len(bomb) < 1_000_000
    assert problem(answer) == (400, "MALFORMED")


def test_a_body_that_is_not_json(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).client.post(
        "/api/v1/cases", data="a=1", content_type="application/x-www-form-urlencoded"
    )

    assert problem(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"state": "lost"}, "INVALID"),
        ({"waiting_on": "everybody"}, "INVALID"),
        ({"due_before": "tomorrow"}, "INVALID"),
        ({"cursor": "xyz"}, "BAD_CURSOR"),
        ({"cursor": "cD1ub3RoaW5n"}, "BAD_CURSOR"),
        ({"colour": "red"}, "UNKNOWN_PARAMETER"),
        ({"order": "a\x00b"}, "INVALID"),
    ],
)
def test_a_list_that_is_asked_for_wrongly(query, code, nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).get("cases", **query)) == (400, code)


def test_a_method_that_is_not_for_this_path(nothing_changes):
    bought = order()
    nothing_changes()

    answer = buyer(bought).client.delete("/api/v1/cases")

    assert problem(answer) == (405, "METHOD_NOT_ALLOWED")


# Tokens


def claims(market, **more):
    now = int(time.time())
    return {
        "iss": market.issuer,
        "aud": AUDIENCE,
        "sub": "bea",
        "role": "buyer",
        "party": "b-1",
        "exp": now + 60,
        **more,
    }


def ask(token):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client.get("/api/v1/cases")


def without(name):
    return lambda given: {key: value for key, value in given.items() if key != name}


def with_(**more):
    return lambda given: given | more


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (with_(exp=int(time.time()) - 60), "TOKEN_EXPIRED"),
        (with_(iss="https://elsewhere.example"), "TOKEN_INVALID"),
        (with_(aud="other"), "TOKEN_INVALID"),
        (with_(role="mediator"), "TOKEN_INVALID"),
        (with_(role="clock"), "TOKEN_INVALID"),
        (with_(sub="a name with spaces"), "TOKEN_INVALID"),
        (with_(party=7), "TOKEN_INVALID"),
        (with_(iss="a\x00b"), "TOKEN_INVALID"),
        *[(without(name), "TOKEN_INVALID") for name in ("iss", "aud", "sub", "exp", "role")],
        (without("party"), "TOKEN_INVALID"),
    ],
)
def test_a_token_that_is_not_in_order(change, code, nothing_changes):
    market = world.marketplace()
    nothing_changes()
    token = jwt.encode(change(claims(market)), market.secret, algorithm="HS256")

    answer = ask(token)

    assert problem(answer) == (401, code)
    assert answer["WWW-Authenticate"] == 'Bearer realm="mediation"'


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "eyJhbGciOiJub25lIn0.e30."])
def test_something_that_is_no_token(token, nothing_changes):
    world.marketplace()
    nothing_changes()

    client = APIClient()
    header = f"Bearer {token}".encode().decode("latin-1")
    answer = client.get("/api/v1/cases", headers={"Authorization": header})

    assert problem(answer) == (401, "TOKEN_INVALID")


def test_no_token_at_all():
    assert problem(APIClient().get("/api/v1/cases")) == (401, "NOT_AUTHENTICATED")


def test_a_token_signed_with_another_key_or_with_none():
    market = world.marketplace()
    forged = jwt.encode(claims(market), "t" * 32, algorithm="HS256")
    unsigned = jwt.encode(claims(market), None, algorithm="none")

    assert problem(ask(forged)) == problem(ask(unsigned)) == (401, "TOKEN_INVALID")


def test_a_marketplace_without_a_key_lets_nobody_in():
    market = world.marketplace()
    type(market).objects.update(secret="")

    token = jwt.encode(claims(market), "s" * 32, algorithm="HS256")

    assert problem(ask(token)) == (401, "TOKEN_INVALID")


def test_a_person_of_one_marketplace_is_nobody_in_another():
    bought, other = order(world.marketplace("bazaar")), world.marketplace("souk")
    case = callers.opened(bought)
    type(other).objects.filter(pk=other.pk).update(secret="t" * 32)
    token = jwt.encode(claims(other, party=bought.buyer.ref), "t" * 32, algorithm="HS256")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert problem(client.get(f"/api/v1/cases/{case['id']}")) == (404, "NOT_FOUND")
    assert ask(token).json()["results"] == []


def test_a_token_makes_nobody_known(nothing_changes):
    market = world.marketplace()
    nothing_changes()

    assert Caller(market, "buyer", "b-404").get("cases").json()["results"] == []


def test_only_the_service_tells_of_orders_and_parcels_and_reads_the_feed(nothing_changes):
    bought = order()
    nothing_changes()

    for caller in (buyer(bought), seller(bought)):
        assert problem(caller.put("orders/o-1", {})) == (403, "NOT_YOUR_ROLE")
        assert problem(caller.post("parcel-events")) == (403, "NOT_YOUR_ROLE")
        assert problem(caller.get("events")) == (403, "NOT_YOUR_ROLE")


def test_a_bug_of_ours_is_a_problem_too(monkeypatch):
    bought = order()
    case = callers.opened(bought)
    monkeypatch.setattr("cases.history.statements", lambda *_: 1 / 0)

    answer = buyer(bought, raise_bugs=False).get(f"cases/{case['id']}/timeline")

    assert problem(answer) == (500, "INTERNAL_ERROR")


def test_the_callers_trace_is_kept():
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}

    assert APIClient().get("/api/v1/cases", headers=headers).json()["trace_id"] == trace
