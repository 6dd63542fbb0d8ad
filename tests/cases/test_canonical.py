"""What is hashed is written in one way only, and always will be."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from cases.canonical import canonical
from cases.lifecycle import State
from mediation.timeline import plain

MOMENT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
CONTENT = {
    "text": 'a "quoted" \\ path/with\ttab, line\n, bell\x07, \x7f, 号码, 😀, \u2028',
    "état": None,
    "Z": True,
    "a": [1, 0, -5, 2**62, [], {}],
    "id": UUID("019d0000-0000-7abc-8def-000000000007"),
    "times": [MOMENT, MOMENT.replace(microsecond=120), MOMENT.astimezone(CHINA)],
    "state": State.IN_MEDIATION,
    "sides": {"seller": {"b": 2, "a": 1}, "buyer": ()},
}


def test_it_is_what_the_standard_library_writes_with_its_keys_in_order():
    by_the_library = json.dumps(
        plain(CONTENT), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )

    assert canonical(CONTENT) == by_the_library


def test_what_has_no_form_of_its_own_is_refused():
    with pytest.raises(TypeError):
        canonical({"amount": 2**64})
