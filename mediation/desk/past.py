"""What was before: the other cases of both parties, and past rulings about something alike."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from cases import wording
from cases.models import Case, Ruling, RulingToken, Statement
from cases.roles import PARTIES

LATEST = 500  # cases of a party that are counted
SHOWN = 3  # of them
MOST_TOKENS = 60  # that are asked for
PER_TOKEN = 200  # the latest rulings that a token is looked up in: a bound, however many there are
LEAST_IN_COMMON = 3  # tokens
ALIKE = 5
SAME_REASON = 1.5  # counts for more
COLUMNS = ("case_id", "content", "ruled_at", "instance", "reason", "remedy", "currency", "words")
# A token that few rulings share says more. Each is looked up by one short walk along the index.
SEARCH = f"""
WITH found AS (
    SELECT hit.ruling_id, sum(1 / (1 + ln(hit.many))) AS weight
    FROM unnest(%s::text[]) AS asked(token)
    CROSS JOIN LATERAL (
        SELECT latest.ruling_id, count(*) OVER () AS many FROM (
            SELECT t.ruling_id FROM {RulingToken._meta.db_table} AS t
            WHERE t.marketplace_id = %s AND t.token = asked.token
            ORDER BY t.ruling_id DESC LIMIT {PER_TOKEN}
        ) AS latest
    ) AS hit
    GROUP BY hit.ruling_id HAVING count(*) >= {LEAST_IN_COMMON}
    ORDER BY weight DESC, hit.ruling_id DESC LIMIT {4 * ALIKE}
)
SELECT r.case_id, r.content, r.ruled_at, r.instance, c.reason, c.remedy, c.currency, s.text
FROM found
JOIN {Ruling._meta.db_table} AS r ON r.id = found.ruling_id AND r.state IN ('live', 'final')
JOIN {Case._meta.db_table} AS c ON c.id = r.case_id AND c.id <> %s
LEFT JOIN {Statement._meta.db_table} AS s ON s.id = r.statement_id
ORDER BY weight * CASE WHEN c.reason = %s THEN {SAME_REASON} ELSE 1 END DESC, r.id DESC
LIMIT {ALIKE}
"""  # noqa: S608 -- names of tables and numbers of ours


@dataclass(frozen=True, kw_only=True)
class Record:
    """The other cases of one party."""

    side: str
    ref: str
    total: int
    is_cut: bool  # there are more than were counted
    running: int
    disputed: int
    outcomes: list[tuple[str, int]]  # how often each, the most frequent first
    latest: list[Case]


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A past ruling about something alike."""

    case_id: UUID
    content: dict[str, Any]
    amount: int  # minor units of its currency
    ruled_at: Any
    instance: int
    reason: str
    remedy: str
    currency: str
    words: str


def records(case: Case) -> list[Record]:
    """Count the other cases of the buyer and of the seller: one query each."""
    return [_record(case, str(side)) for side in PARTIES]


def _record(case, side):
    party = getattr(case, side)
    columns = ("id", "state", "outcome", "mediation_rounds", "reason", "amount", "currency")
    rows = Case.everywhere.filter(**{side: party}).order_by("-id").only(*columns, "opened_at")
    found = list(rows[: LATEST + 1])
    others = [row for row in found if row.pk != case.pk][:LATEST]
    outcomes = Counter(row.outcome for row in others if row.outcome)
    return Record(
        side=side,
        ref=party.ref,
        total=len(others),
        is_cut=len(found) > LATEST,
        running=sum(not row.outcome for row in others),
        disputed=sum(row.mediation_rounds > 0 for row in others),
        outcomes=outcomes.most_common(),
        latest=others[:SHOWN],
    )


def alike(case: Case, stories: list[str]) -> list[Alike]:
    """Find past rulings of the marketplace that are about the same: one query.

    :param case: with its facts
    :param stories: what both sides have told
    """
    about = "\n".join([*(item.line.title for item in case.facts.items), *stories])
    asked = wording.tokens(about, most=MOST_TOKENS)
    with connection.cursor() as cursor:
        cursor.execute(SEARCH, [asked, case.marketplace_id, case.pk, case.reason])
        return [_alike(dict(zip(COLUMNS, row, strict=True))) for row in cursor.fetchall()]


def _alike(row):
    content = json.loads(row.pop("content"))
    amount = sum(content["amounts"].values()) + content["compensation"]
    return Alike(content=content, amount=amount, **row | {"words": row["words"] or ""})
