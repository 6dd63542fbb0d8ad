"""Rows by the thousand, made in SQL from a few that came about in the usual way."""

from contextlib import contextmanager
from itertools import count

from django.db import connection


def multiply(n, *rows, after=0, **own):
    """Make n copies of each row, past triggers and keys; then tell the planner how many there are.

    What names a row that is copied as well names its copy.

    :param rows: querysets, one for each table
    :param after: how many copies there are already
    :param own: column → SQL over the row `t` and the number `n` of its copy, in any of the tables
    """
    copied = {row.model for row in rows}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for query in rows:
            table = f'"{query.model._meta.db_table}"'
            fields = [f for f in query.model._meta.concrete_fields if not f.has_db_default()]
            names = ", ".join(f'"{f.column}"' for f in fields)
            values = ", ".join(own.get(f.column, _copied(f, copied)) for f in fields)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values}"  # noqa: S608 -- names of columns
                f" FROM {table} AS t, generate_series(%s, %s) AS n WHERE t.id = ANY(%s)",
                [after + 1, after + n, list(query.values_list("pk", flat=True))],
            )
            cursor.execute(f"ANALYZE {table}")
        cursor.execute("SET LOCAL session_replication_role = origin")


def count_rows():
    """Tell the planner how many rows there are: autovacuum counts none of an open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def counting_rows():
    """Make what a replay may call at each of its turns: rows are counted ever more seldom.

    Once they are, autovacuum leaves the tables alone until the end of the transaction.
    """
    turns = count(1)

    def told(_done):
        turn = next(turns)
        if turn & (turn - 1) == 0:  # 1, 2, 4, 8, …
            count_rows()

    return told


def _copied(field, copied):
    if field.primary_key or field.related_model in copied:
        return f'md5(t."{field.column}"::text || n)::uuid'
    return f't."{field.column}"'


@contextmanager
def asked():
    """Collect the statements of a block: (SQL, parameters)."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def read_whole(statements, *models):
    """Name the tables, of some, that the database would read from end to end for statements."""
    tables = {model._meta.db_table for model in models}
    plans = (plan(*told) for told in statements if told[0].lstrip().startswith("SELECT"))
    scans = (node for top in plans for _above, node in top if node["Node Type"] == "Seq Scan")
    return {node["Relation Name"] for node in scans} & tables


def parents(model, sql, params):
    """Name the kinds of what takes rows directly from scans of a table."""
    scans = ((above, node.get("Relation Name")) for above, node in plan(sql, params))
    return {above["Node Type"] for above, table in scans if table == model._meta.db_table}


def plan(sql, params):
    """Ask how the database would carry out a statement: (node above or None, node), in order."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        [told] = cursor.fetchone()[0]
    yield from _nodes(None, told["Plan"])


def _nodes(above, node):
    yield above, node
    for inner in node.get("Plans", ()):
        yield from _nodes(node, inner)
