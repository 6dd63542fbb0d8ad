"""What happens, in the order of commit: events of all live marketplaces, then their letters."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from notifications.masks import masked

LIMIT = 200
LETTERS_FOR = timedelta(minutes=5)  # after its event a letter is waited for

# Per marketplace, so that each is a range of the index `event_feed`. Rows of transactions that
# may still commit are left for the next look: nothing is ever skipped.
EVENTS = """
SELECT e.xact::text, e.id, e.at, e.name, e.role, e.before, e.after, e.payload,
    c.id AS case_id, c.currency, c.reason, c.buyer_id, d.rank_at, d.terms
FROM cases_marketplace m
CROSS JOIN LATERAL (
    SELECT * FROM cases_event
    WHERE marketplace_id = m.id AND (xact, id) > (%s::xid8, %s)
        AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xact, id LIMIT %s
) e
JOIN cases_case c ON c.id = e.case_id
LEFT JOIN cases_docket d ON d.case_id = c.id
WHERE m.clock_id IS NULL
ORDER BY e.xact, e.id LIMIT %s
"""
LETTERS = """
SELECT l.id, l.event_id, l.channel, l.recipient_id, l.outcome, l.done_at, t.address
FROM notifications_letter l
LEFT JOIN notifications_contact t ON (t.recipient_id, t.channel) = (l.recipient_id, l.channel)
WHERE l.case_id = ANY(%s) AND l.event_id = ANY(%s) AND l.done_at IS NOT NULL
ORDER BY l.done_at, l.id
"""


class Happening(NamedTuple):
    """One event with what its line wants to tell."""

    xact: str
    id: UUID
    at: datetime
    name: str
    role: str
    before: str
    after: str
    payload: str
    case_id: UUID
    currency: str
    reason: str
    buyer_id: UUID
    rank_at: datetime | None
    terms: Any


class Post(NamedTuple):
    """The letters of one event that have gone out. `sent`: (side, channel, masked, outcome)."""

    happening: Happening
    at: datetime
    sent: list[tuple[str, str, str, str]]


class Feed:
    """A cursor: each look gives what is new since the last one."""

    def __init__(self) -> None:
        """Begin with what commits from now on."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
            self.place = (cursor.fetchone()[0], UUID(int=0))
        self.awaited: deque[Happening] = deque()
        self.told: set[UUID] = set()  # letters

    def look(self) -> list[Happening | Post]:
        """Give the events since the last look, and the letters that went out meanwhile."""
        fresh = [Happening(*row) for row in _rows(EVENTS, [*self.place, LIMIT, LIMIT])]
        if fresh:
            self.place = (fresh[-1].xact, fresh[-1].id)
            self.awaited.extend(fresh)
            while fresh[-1].at - self.awaited[0].at > LETTERS_FOR:
                self.awaited.popleft()
        return [*fresh, *self._letters()]

    def _letters(self) -> Iterable[Post]:
        events = {happening.id: happening for happening in self.awaited}
        cases = list({happening.case_id for happening in self.awaited})
        posts: dict[UUID, Post] = {}
        for letter, event, channel, recipient, outcome, at, address in _rows(
            LETTERS, [cases, list(events)]
        ):
            if letter not in self.told:
                self.told.add(letter)
                post = posts.setdefault(event, Post(events[event], at, []))
                side = "buyer" if recipient == post.happening.buyer_id else "seller"
                post.sent.append((side, channel, masked(address or ""), outcome))
        return posts.values()


def _rows(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
