"""Bodies, paths, methods and lists that are not as they must be; and bugs of ours."""

import gzip

import pytest
from rest_framework.test import APIClient

from tests.api import callers
from tests.api.callers import buyer, order, seller
from tests.api.problems import NOBODY, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["cases/7", f"cases/{NOBODY}/steps/dance", "nothing"])
def test_a_path_that_leads_nowhere(path, nothing_changes):
    bought = order()
    nothing_changes()

    assert problem(buyer(bought).post(path)) == (404, "NOT_FOUND")


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
