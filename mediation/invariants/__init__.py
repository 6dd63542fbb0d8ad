"""What must always be true of the database: SQL statements that must return no row.

They do not ask the code that wrote the rows; they look at the rows alone. Each is one statement and
so sees one moment: it may be asked while the service works.
"""

from datetime import datetime
from typing import Any

from cases.reading import prepared
from mediation.invariants.advances import ADVANCES
from mediation.invariants.clocks import CLOCKS
from mediation.invariants.complaints import COMPLAINTS
from mediation.invariants.money import MONEY
from mediation.invariants.owners import OWNERS
from mediation.invariants.relations import RELATIONS
from mediation.invariants.timeline import TIMELINE

INVARIANTS: dict[str, str] = {
    **CLOCKS,
    **OWNERS,
    **TIMELINE,
    **MONEY,
    **ADVANCES,
    **RELATIONS,
    **COMPLAINTS,
}
MOST_ROWS = 20  # of each statement that are shown; there may be a million


def check(at: datetime | None = None) -> dict[str, list[dict[str, Any]]]:
    """Ask everything and give what is wrong: name → offending rows, at most 20 of each.

    :param at: the moment by which clocks may be late; None: the database's own
    """
    with prepared() as cursor:  # to plan them takes longer than to answer them
        return {name: rows for name, sql in INVARIANTS.items() if (rows := _ask(cursor, sql, at))}


def _ask(cursor, sql, at):
    cursor.execute(sql, [at] * sql.count("%s"))
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(MOST_ROWS)]
