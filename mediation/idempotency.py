"""Idempotency keys: the same command twice has one effect and one answer.

The answer is stored by the flush of the command itself, so that there is no moment between.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.ids import new_id
from cases.models import Case
from cases.reading import prepared, read
from cases.refusals import Refused
from mediation.changes import Changes
from mediation.models import StoredAnswer

# What is worth keeping: the answers that would be the same again, and those that no retry heals.
KEPT = frozenset({409, 410, 422})
SAME_KEY = "WHERE caller = %s AND route = %s AND key = %s"


class InFlight(Refused):
    """The same key is being worked on at this moment."""

    code = "IN_FLIGHT"


class KeyReused(Refused):
    """The key was used before for something else."""

    code = "KEY_REUSED"


@dataclass(frozen=True, kw_only=True)
class Key:
    """An Idempotency-Key in its context. `fingerprint` is a hash of the parsed input."""

    caller: str
    route: str
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """Number the advisory lock: 63 bits of a hash of caller, route and key."""
        text = f"{self.caller}\n{self.route}\n{self.key}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What was answered the first time."""

    status: int
    body: dict[str, Any]


def replay(key: Key | None) -> Stored | Refused | None:
    """Take the key for this transaction, and look whether it was answered before.

    :returns: the stored answer, a refusal (in flight; used for another body), or None: go on
    """
    if key is None:
        return None
    with prepared() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key.lock])
        if not cursor.fetchone()[0]:
            return InFlight("The same request is being worked on.", retry_after=1)
    found = read(StoredAnswer, SAME_KEY, key.caller, key.route, key.key)
    if not found:
        return None
    [first] = found
    if first.fingerprint != key.fingerprint:
        return KeyReused("The Idempotency-Key was used before with another body.")
    return Stored(status=first.status, body=first.body)


def keep(wish: Any, case: Case, answer: Any, changes: Changes) -> None:
    """Store the answer to a wish with its flush, if it is one to be kept."""
    if wish.key is None or wish.answer is None:
        return
    status, body = wish.answer(case, answer)
    if status >= 300 and status not in KEPT:  # noqa: PLR2004 -- 2xx
        return
    changes.added[StoredAnswer].append(answered(wish.key, status, body, changes.at))


def answered(key: Key, status: int, body: dict[str, Any], at: datetime) -> StoredAnswer:
    """Make the row that keeps an answer; it is not saved."""
    return StoredAnswer(
        id=new_id(at),
        caller=key.caller,
        route=key.route,
        key=key.key,
        fingerprint=key.fingerprint,
        status=status,
        body=body,
        stored_at=at,
    )
