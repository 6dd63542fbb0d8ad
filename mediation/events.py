"""The feed of everything that happens in a marketplace: nothing is ever skipped.

Rows carry the id of their transaction. In the order (xact, id), only those below the oldest
transaction that still runs are told: a slow one can never appear behind the reader's cursor.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from cases import cursors
from cases.actors import Actor
from cases.models import Event

FEED = "events"
START = ("0", UUID(int=0))
COLUMNS = ("id", "case_id", "sequence", "name", "role", "before", "after", "at", "due_at")
SQL = f"""
    SELECT {", ".join(COLUMNS)}, xact::text
    FROM {Event._meta.db_table}
    WHERE marketplace_id = %s AND (xact, id) > (%s::text::xid8, %s)
      AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xact, id LIMIT %s
"""  # noqa: S608 -- names of our own columns


def after(cursor: str, actor: Actor, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Read on behind a cursor.

    :param cursor: of the last answer; empty: from the beginning
    :param actor: the service of a marketplace
    :returns: at most `limit` events, and the cursor behind the last of them
    :raises ValueError: the cursor was not given to this marketplace
    """
    xact, event_id = _position(cursor, actor)
    with connection.cursor() as query:
        query.execute(SQL, [actor.marketplace_id, xact, event_id, limit])
        rows = query.fetchall()
    events = [dict(zip(COLUMNS, row, strict=False)) for row in rows]
    if not rows:
        return [], cursor
    return events, cursors.signed(f"{rows[-1][-1]}-{rows[-1][0]}", path=FEED, actor=actor)


def _position(cursor, actor):
    if not cursor:
        return START
    xact, _, event_id = cursors.read(cursor, path=FEED, actor=actor).partition("-")
    return xact, UUID(event_id)
