"""Canonical JSON: what is hashed is written in one way only."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID


def canonical(content: dict[str, Any]) -> str:
    """Write JSON in one way only: RFC 8785, as our values are texts, integers and booleans.

    Ids become their text and moments ISO 8601.
    """
    return ENCODER.encode(content)


@lru_cache(maxsize=1_024)  # the cases of one run share its moment, and clocks that start then
def _moment(at: datetime) -> str:
    return at.isoformat()


def _plain(value: UUID | datetime) -> str:
    return _moment(value) if isinstance(value, datetime) else str(value)


ENCODER = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    check_circular=False,  # content is made for this: nothing in it leads back
    default=_plain,
)
