"""Moving the clock of a sandbox: whatever falls due on the way happens, strictly in order.

Nobody else works on these rows; one request at a time moves a clock. What does not fit into one
request is left for the next: the clock then stands where it has come to.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from cases.models import Marketplace, TestClock
from cases.refusals import Refused
from mediation.sandbox import caused
from mediation.sandbox.queues import ahead, next_due, run_due

MOST = 1_000  # clocks, effects, letters and messages of one request
BATCH = 100
BUDGET = 10.0  # seconds of one request
FARTHEST = timedelta(days=3_660)  # that one request moves a clock
WHILE_HELD = 0.02  # seconds between two looks at what somebody else holds
PATIENCE = 100  # of them


class RunsForward(Refused):
    """A clock is never set back."""

    code = "CLOCK_RUNS_FORWARD"


class IsMoving(Refused):
    """Somebody else moves the clock at this moment."""

    code = "CLOCK_IS_MOVING"


class TooFar(Refused):
    """One request moves a clock by ten years at most."""

    code = "TOO_FAR"


@dataclass(frozen=True, kw_only=True)
class Advanced:
    """How far a clock has come, and what that has caused."""

    since: datetime
    at: datetime
    more: bool  # it has not come as far as asked: ask again
    caused: dict[str, list[dict[str, Any]]]


def advance(marketplace: Marketplace, clock_id: UUID, to: datetime | None) -> Advanced:
    """Move a sandbox's clock, and let happen what falls due until then.

    :param to: aware UTC; None: to the next moment at which something falls due
    :raises RunsForward: `to` is over
    :raises TooFar: `to` is more than FARTHEST away
    :raises IsMoving: somebody else is moving it
    """
    with _alone(clock_id):
        since = TestClock.objects.get(pk=clock_id).at
        if to is None:
            to = max(next_due(clock_id) or since, since)
        if to < since:
            raise RunsForward("A sandbox's clock is never set back.")
        if to - since > FARTHEST:
            raise TooFar("One request moves the clock by ten years at most.")
        before = caused.known(marketplace.id, since)
        at, more = _run(clock_id, since, to)
        found = caused.between(marketplace, since, at, before)
    return Advanced(since=since, at=at, more=more, caused=found)


def _run(clock_id, at, to):
    left, until, in_vain = MOST, time.monotonic() + BUDGET, 0
    while (found := ahead(clock_id)) and (due := min(found.values())) <= to:
        if left <= 0 or time.monotonic() > until or in_vain > PATIENCE:
            return at, True
        at = max(at, due)
        _stand(clock_id, at)
        done = run_due(found, clock_id, at, min(left, BATCH))
        left -= done
        in_vain = 0 if done else in_vain + 1
        if not done:
            time.sleep(WHILE_HELD)
    _stand(clock_id, to)
    return to, False


def _stand(clock_id, at):
    TestClock.objects.filter(pk=clock_id, at__lt=at).update(at=at)


@contextmanager
def _alone(clock_id: UUID) -> Iterator[None]:
    """Hold the clock: for the session, as the work is done in many transactions."""
    digest = hashlib.sha256(f"sandbox\n{clock_id}".encode()).digest()
    number = int.from_bytes(digest[:8]) >> 1
    if not _ask("SELECT pg_try_advisory_lock(%s)", number):
        raise IsMoving("Somebody else is moving this clock.", retry_after=1)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", number)


def _ask(sql, number):
    with connection.cursor() as cursor:
        cursor.execute(sql, [number])
        return cursor.fetchone()[0]
