"""How the record is asked: by marketplaces of one clock, each with the policy that is in force."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from cases.models import Marketplace
from cases.models.policy import in_force, pinned
from cases.policy_terms import Conduct


def markets_of(clock_id: UUID | None, at: datetime) -> list[tuple[Marketplace, Any, Conduct]]:
    """Read the marketplaces of a clock, each with the policy that is in force."""
    markets = list(Marketplace.objects.filter(clock_id=clock_id))
    versions = {name: in_force(name, at) for name in {m.policy_name for m in markets}}
    return [
        (m, versions[m.policy_name], pinned(versions[m.policy_name].pk).conduct) for m in markets
    ]


def ask(sql: str, **values: Any) -> list[dict[str, Any]]:
    """Ask one statement; each row by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
