"""Problem documents, as the tests read them."""

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
