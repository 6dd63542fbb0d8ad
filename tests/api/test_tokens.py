"""Tokens: by secret or by published keys; and those for development."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from cases import tokens
from cases.models import Marketplace
from tests import world
from tests.api import callers
from tests.api.problems import problem
from tests.api.test_bad_tokens import claims

pytestmark = pytest.mark.django_db


def ask(token):
    return APIClient().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def keys():
    """A key server on the loopback, and its private keys."""
    private = {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
    }
    makers = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}
    public = [
        {**makers[alg].to_jwk(key.public_key(), as_dict=True), "kid": alg, "use": "sig"}
        for alg, key in private.items()
    ]

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"keys": public}).encode())

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/jwks.json", private
    server.shutdown()
    server.server_close()
    tokens.keys_at.cache_clear()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_marketplace_may_publish_its_keys(algorithm, keys):
    url, private = keys
    market = world.marketplace(jwks_url=url)
    headers = {"kid": algorithm}

    good = jwt.encode(claims(market), private[algorithm], algorithm=algorithm, headers=headers)
    # The classic confusion: the secret, or the public key's name, as an HMAC key.
    forged = jwt.encode(claims(market), market.secret, algorithm="HS256", headers=headers)
    unknown = jwt.encode(
        claims(market), private[algorithm], algorithm=algorithm, headers={"kid": "other"}
    )

    assert ask(good).status_code == 200
    assert problem(ask(forged)) == problem(ask(unknown)) == (401, "TOKEN_INVALID")


def test_keys_that_cannot_be_reached_are_our_trouble_and_not_the_callers():
    market = world.marketplace(jwks_url="http://127.0.0.1:9/jwks.json")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(claims(market), key, algorithm="RS256", headers={"kid": "1"})

    answer = ask(token)

    assert problem(answer) == (503, "KEYS_UNAVAILABLE")
    assert answer.json()["retryable"] is True


def issued(**options):
    printed = StringIO()
    call_command("issue_token", stdout=printed, **options)
    return printed.getvalue().strip()


@pytest.mark.parametrize("role", ["buyer", "seller", "service"])
def test_a_development_token_is_for_the_demo_and_its_latest_order(role):
    callers.order(world.marketplace("aaa"))
    bought = callers.order(world.marketplace("demo"))
    Marketplace.objects.filter(slug="demo").update(secret="d" * 32)
    callers.opened(bought)

    [case] = ask(issued(role=role)).json()["results"]

    assert case["order"] == bought.ref


def test_a_development_token_for_somebody_in_particular():
    bought = callers.order(world.marketplace("bazaar"))

    token = issued(role="seller", marketplace="bazaar", party=bought.seller.ref, days=2)

    read = jwt.decode(token, options={"verify_signature": False})
    assert (read["party"], read["role"]) == (bought.seller.ref, "seller")
    assert 47 * 3600 < read["exp"] - time.time() <= 48 * 3600


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"role": "service"}, "There is no marketplace yet."),
        ({"role": "service", "marketplace": "souk"}, "There is no marketplace souk."),
    ],
)
def test_no_token_without_a_marketplace(options, message):
    with pytest.raises(CommandError, match=message):
        issued(**options)


def test_no_buyers_token_without_a_buyer():
    world.marketplace("bazaar")

    with pytest.raises(CommandError, match="has no orders"):
        issued(role="buyer")
