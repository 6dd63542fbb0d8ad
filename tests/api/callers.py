"""Callers of the API, with tokens as marketplaces sign them, and orders of just now.

The API asks the database for the moment, so that here, other than elsewhere, "now" is real.
"""

import time
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from rest_framework.test import APIClient

from cases import tokens
from cases.models import Marketplace, Order
from tests import world

NOW = datetime.now(UTC)
AGO = timedelta(days=1)
_keys = count(1)


def order(market=None, **more):
    """Make an order that arrived yesterday."""
    more = {"delivered": NOW - AGO, **more}
    bought = world.order(market or world.marketplace(), **more)
    times = {"placed_at": NOW - 5 * AGO, "promised_at": NOW - 2 * AGO, "shipped_at": NOW - 4 * AGO}
    Order.everywhere.filter(pk=bought.pk).update(**times)
    bought.payments.update(captured_at=NOW - 5 * AGO)
    return Order.everywhere.get(pk=bought.pk)


class Caller:
    """Somebody with a token."""

    def __init__(self, market, role, ref="", *, raise_bugs=True, **claims):
        options = {"now": int(time.time()), "seconds": 600, "person": f"{role}-1", **claims}
        self.role = role
        self.token = tokens.issue(market, role=role, party=ref, **options)
        self.client = APIClient(raise_request_exception=raise_bugs)
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.token}")

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query)

    def put(self, path, body):
        return self.client.put(f"/api/v1/{path}", body)

    def post(self, path, body=None, *, key=None, if_match=None, **headers):
        key = key or f"key-{next(_keys)}-{uuid4()}"
        headers = {"Idempotency-Key": key, **headers}
        if if_match is not None:
            headers["If-Match"] = f'"{if_match}"'
        return self.client.post(f"/api/v1/{path}", body or {}, headers=headers)

    def open(self, bought, *, key=None, dry_run=False, **inputs):
        query = "?dry_run=true" if dry_run else ""
        return self.post(f"cases{query}", application(bought, **inputs), key=key)

    def step(self, case, name, *, dry_run=False, key=None, if_match=None, **inputs):
        """Take a step of a case as the API shows it."""
        query = "?dry_run=true" if dry_run else ""
        if_match = case["version"] if if_match is None else if_match
        path = f"cases/{case['id']}/steps/{name}{query}"
        return self.post(path, inputs, key=key, if_match=if_match)

    def case(self, case_id):
        answer = self.get(f"cases/{case_id}")
        assert answer.status_code == 200, answer.content
        return answer.json()


def buyer(bought, **more):
    return Caller(bought.marketplace, "buyer", bought.buyer.ref, **more)


def seller(bought, **more):
    return Caller(bought.marketplace, "seller", bought.seller.ref, **more)


def service(bought_or_market, **more):
    is_market = isinstance(bought_or_market, Marketplace)
    market = bought_or_market if is_market else bought_or_market.marketplace
    return Caller(market, "service", **more)


def yuan(amount):
    return {"amount": amount, "currency": "CNY"}


def application(bought, **more):
    """Fill in an application for all lines of an order, as the API takes it."""
    lines = bought.lines.order_by("ref")
    return {
        "order": bought.ref,
        "reason": "no_longer_wanted",
        "remedy": "return_refund",
        "items": [{"line": line.ref, "quantity": line.quantity} for line in lines],
        "statement": "It does not fit.",
        **more,
    }


def opened(bought, **inputs):
    """Open a case and give it as its buyer sees it."""
    answer = buyer(bought).open(bought, **inputs)
    assert answer.status_code == 201, answer.content
    return answer.json()
