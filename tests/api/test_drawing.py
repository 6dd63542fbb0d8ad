"""The process as a drawing, over HTTP."""

import pytest

from cases.drawing import mermaid
from tests.api.callers import buyer, order
from tests.api.problems import problem

pytestmark = pytest.mark.django_db

DISPUTE = {"machine": "dispute"}


@pytest.mark.parametrize(
    ("query", "machine"), [({}, "case"), ({"machine": "case"}, "case"), (DISPUTE, "dispute")]
)
def test_the_drawing_is_text_that_pages_show(query, machine):
    answer = buyer(order()).get("process/drawing", **query)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/vnd.mermaid; charset=utf-8")
    assert answer.content.decode() == mermaid(machine)


@pytest.mark.parametrize("query", [{"machine": "order"}, {"size": "1"}])
def test_what_cannot_be_drawn(query):
    answer = buyer(order()).get("process/drawing", **query)

    assert problem(answer)[0] == 400
