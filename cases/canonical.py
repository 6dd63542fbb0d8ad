"""Canonical JSON: what is hashed is written in one way only."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID


def canonical(content: dict[str, Any]) -> str:
    """Write JSON in one way only: RFC 8785, as our values are texts, integers and booleans.

    Ids become their text and moments ISO 8601.
    """
    return ENCODER.encode(content)


def _plain(value: UUID | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)
