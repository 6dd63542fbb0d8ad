"""Empty the tables after a test that commits, quickly."""

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

empties_all = DatabaseOperations.sql_flush


def sql_flush(self, style, tables, **options):
    """Delete the rows of the few tables that have any, without triggers and in any order.

    TRUNCATE makes new files for every table and index: half a second each time. Somebody who may
    not switch triggers off has to wait for it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        [may_switch_off] = cursor.fetchone()
        if not may_switch_off:
            return empties_all(self, style, tables, **options)
        has_rows = "SELECT '{0}' WHERE EXISTS (SELECT FROM {0})"
        cursor.execute(" UNION ALL ".join(has_rows.format(self.quote_name(t)) for t in tables))
        filled = [row[0] for row in cursor.fetchall()]
    return [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {table}" for table in filled),  # noqa: S608 -- our own tables
    ]
