"""Every field and parameter that is published, with values that nobody should send.

A stable code, the field is named, nothing changes, and nothing of ours breaks.
"""

import json
from collections import Counter, defaultdict
from itertools import cycle
from urllib.parse import quote

import pytest

from tests.api import bad_values
from tests.api.bad_values import NOBODY, body, body_of, fields, operations
from tests.api.dump import everything
from tests.api.sandboxes import Sandbox
from tests.files.test_bringing import Stream, Zeros
from tests.notifications.make import endpoint

pytestmark = pytest.mark.django_db

FREE = {"tell_carrier_body"}  # its adapters read bodies of others: tests/api/test_carriers.py
UNSIGNED = {"gateway_event": (401, "BAD_SIGNATURE")}  # whatever is wrong with it
PRIVATE = ("ordering", "secret", "buyer__contacts", "order__marketplace__secret", "person")
MEGABYTE = 1024 * 1024


@pytest.fixture
def shop():
    sandbox = Sandbox()
    ref = sandbox.order()
    sandbox.case_id = sandbox.open(ref)["id"]
    sandbox.ref = ref
    sandbox.endpoint_id = endpoint(marketplace_id=sandbox.market.pk).pk
    return sandbox


def path_of(template, shop):
    values = {
        "case_id": shop.case_id,
        "ref": "bea" if "/parties/" in template else shop.ref,
        "role": "buyer",
        "adapter": "generic",
        "form": "content",
        "endpoint_id": shop.endpoint_id if template.endswith("/deliveries") else NOBODY,
        "figure": "outcomes",
    }
    return template.format_map(defaultdict(lambda: NOBODY, values))


def ask(shop, method, path, content=None, query=""):
    """Ask as the service; where it has no business, as the buyer, then as the seller."""
    headers = {"Idempotency-Key": "bad", "If-Match": "1"}
    data = json.dumps(content).replace("an-order", shop.ref) if method != "get" else ""
    for caller in (shop.shop, shop.bea, shop.sam):
        client = caller.client
        client.raise_request_exception = False
        answer = client.generic(
            method.upper(), path + query, data, "application/json", headers=headers
        )
        if said(answer)[:2] != (403, "NOT_YOUR_ROLE"):
            break
    return answer


def said(answer):
    """Tell status, code and the fields that are named."""
    if answer["Content-Type"] != "application/problem+json":
        return answer.status_code, "", set()
    told = answer.json()
    return told["status"], told["code"], {error["pointer"] for error in told.get("errors", ())}


def wanted(operation, path, pointer):
    """Make the check of an answer to a bad value at one place of a body."""

    def is_named(status, code, pointers):
        if operation in UNSIGNED:
            return (status, code) == UNSIGNED[operation]
        if (status, code) == (404, "ORDER_NOT_FOUND"):
            return pointer == "/order"
        if (status, code) == (404, "NOT_FOUND"):
            return NOBODY in path  # some look for what a path names before they look at the body
        named = any(each == pointer or each.startswith(f"{pointer}/") for each in pointers)
        return (status, code) == (400, "INVALID") and (named or not pointer)

    return is_named


def bodies():
    """Go through bad values of all bodies: all of a kind of field once, then one each time."""
    seen = Counter()
    for method, template, operation in operations():
        schema = body_of(operation)
        if schema is None or operation["operationId"] in FREE:
            continue
        for at, field in fields(schema):
            kind = bad_values.like(field)
            values = bad_values.bad(field)
            chosen = [values[seen[kind] % len(values)]] if seen[kind] else values
            seen[kind] += 1
            place = "".join(f"/{name}" for name in at)
            for value in chosen:
                yield method, template, operation["operationId"], place, body(schema, at, value)


def test_bad_values_of_all_fields_are_named_and_change_nothing(shop):
    before, wrong, count = everything(), [], 0

    for method, template, operation, place, content in bodies():
        path = path_of(template, shop)
        answer = said(ask(shop, method, path, content))
        count += 1
        if not wanted(operation, path, place)(*answer):
            wrong.append((operation, place, repr(content)[:200], answer))

    assert wrong == []
    assert count > 250
    assert everything() == before


def test_fields_that_nobody_knows_are_refused_at_every_depth(shop):
    before, wrong = everything(), []

    for method, template, operation in operations():
        schema, name = body_of(operation), operation["operationId"]
        if schema is None or name in FREE | UNSIGNED.keys():
            continue
        for at, field in fields(schema):
            if bad_values.kind(field) != "object" or "properties" not in field:
                continue
            place = "".join(f"/{each}" for each in at)
            content = body(schema, at, bad_values.sample(field) | {"state": "completed"})
            path = path_of(template, shop)
            answer = said(ask(shop, method, path, content))
            if NOBODY in path and answer[:2] == (404, "NOT_FOUND"):
                continue
            if answer[:2] != (400, "INVALID") or f"{place}/state" not in answer[2]:
                wrong.append((name, place, answer))

    assert wrong == []
    assert everything() == before


BAD_PARAMETERS = {
    "integer": ("0", "-1", "x", "1.5", "\uff11", "9" * 5_000, ""),
    "date-time": ("tomorrow", "2026-03-02T08:00:00", "0001-01-01T00:00:00Z", "9" * 5_000),
    "date": ("tomorrow", "2026-13-01", "0001-01-01", "9999-12-31", "9" * 5_000, "a\x00b"),
    "boolean": ("maybe", "1", "TRUE"),
    "choice": ("no such", "\u202e", "x" * 5_000),
    "uuid": ("7", "a\x00b"),
    "string": ("a\x00b", "x" * 5_000),
}


def parameters(operation):
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            schema = parameter["schema"]
            schema = schema.get("items", schema)
            yield parameter["name"], BAD_PARAMETERS[bad_values.kind(schema)]


def test_bad_parameters_have_a_stable_code(shop):
    wrong, count = [], 0

    for method, template, operation in operations():
        if operation["operationId"] == "read_file":
            continue  # its parameters are signed: tests/files/test_links.py
        for name, values in parameters(operation):
            for value in values:
                query = f"?{name}={quote(value, safe='')}"
                content = bad_values.sample(body_of(operation) or {"type": "object"})
                answer = said(ask(shop, method, path_of(template, shop), content, query))
                count += 1
                if answer[0] != 400 or answer[1] not in {"INVALID", "BAD_CURSOR"}:
                    wrong.append((operation["operationId"], name, value[:20], answer))

    assert wrong == []
    assert count > 50


def test_nobody_orders_or_filters_by_what_is_private(shop):
    wrong, names = [], cycle(PRIVATE)

    for method, template, operation in operations():
        if operation["operationId"] in {"read_file", *UNSIGNED}:
            continue
        name = next(names)
        answer = said(ask(shop, method, path_of(template, shop), {}, f"?{name}=x"))
        if answer[:2] != (400, "UNKNOWN_PARAMETER"):
            wrong.append((operation["operationId"], name, answer))

    assert wrong == []


def test_a_body_of_fifty_megabytes_is_not_read_by_any_operation(shop):
    before, wrong = everything(), []

    for method, template, operation in operations():
        if method == "get" or operation["operationId"] == "upload_file":
            continue
        stream = Stream(Zeros(50 * MEGABYTE))
        answer = shop.shop.client.generic(
            method.upper(),
            path_of(template, shop),
            b"",
            "application/json",
            headers={"Idempotency-Key": "big", "If-Match": "1"},
            CONTENT_LENGTH=str(50 * MEGABYTE),
            **{"wsgi.input": stream},
        )
        known = UNSIGNED.get(operation["operationId"], (413, "TOO_LARGE"))
        asks_for_none = "requestBody" not in operation and stream.largest == 0
        if (said(answer)[:2] != known and not asks_for_none) or stream.largest > MEGABYTE:
            wrong.append((operation["operationId"], said(answer), stream.largest))

    assert wrong == []
    assert everything() == before
