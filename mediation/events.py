"""The feed of everything that happens in a marketplace: nothing is ever skipped.

Rows carry the id of their transaction. In the order (xact, id), only those below the oldest
transaction that still runs are told: a slow one can never appear behind the reader's cursor.
"""

import re
from typing import Any
from uuid import UUID

from django.db import connection

from cases.models import Event

CURSOR = re.compile(r"([0-9]{1,20})-([0-9a-f-]{36})", re.ASCII)
START = (0, UUID(int=0))
COLUMNS = ("id", "case_id", "sequence", "name", "role", "before", "after", "at", "due_at")
SQL = f"""
    SELECT {", ".join(COLUMNS)}, xact::text
    FROM {Event._meta.db_table}
    WHERE marketplace_id = %s AND (xact, id) > (%s::text::xid8, %s)
      AND xact < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xact, id LIMIT %s
"""  # noqa: S608 -- names of our own columns


def after(cursor: str, marketplace_id: UUID, limit: int) -> tuple[list[dict[str, Any]], str]:
    """Read on behind a cursor.

    :param cursor: of the last answer; empty: from the beginning
    :returns: at most `limit` events, and the cursor behind the last of them
    :raises ValueError: the cursor is not one of ours
    """
    xact, event_id = _position(cursor)
    with connection.cursor() as query:
        query.execute(SQL, [marketplace_id, str(xact), event_id, limit])
        rows = query.fetchall()
    events = [dict(zip(COLUMNS, row, strict=False)) for row in rows]
    return events, f"{rows[-1][-1]}-{rows[-1][0]}" if rows else cursor


def _position(cursor):
    if not cursor:
        return START
    found = CURSOR.fullmatch(cursor)
    if found is None or int(found[1]) >= 2**64:
        raise ValueError("the cursor is not one of ours")
    return int(found[1]), UUID(found[2])
