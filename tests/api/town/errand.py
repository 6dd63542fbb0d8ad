"""One request as it should be: who asks, for what, at which moment."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.api.callers import Caller
from tests.world import day

MINUTE = timedelta(minutes=1)
KEY = {"Idempotency-Key": "errand"}


@dataclass
class Errand:
    """One request, and the moment that is the present for it."""

    caller: Caller | None = None
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    at: Any = day(0)
    story: Any = None
