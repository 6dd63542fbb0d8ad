"""Tokens that let nobody in."""

import time

import jwt
import pytest
from rest_framework.test import APIClient

from cases.tokens import AUDIENCE
from tests import world
from tests.api import callers
from tests.api.callers import Caller, order
from tests.api.problems import problem

pytestmark = pytest.mark.django_db


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
