"""One SQL statement that does what `lapse` does to silent sellers: as fast as it can be.

It knows only this one job, by heart; what is the same for all cases comes as parameters. A test
compares the rows that it leaves with those of the writer, table by table.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, transaction
from psycopg import Cursor
from psycopg.types.json import Jsonb

from benchmarks.fill import marketplace
from benchmarks.rows import canonical, insert, iso, quoted, table, word
from cases import choices as terms
from cases.models import Case, Clock, Dispute, Docket, Event, PolicyVersion
from cases.models.policy import pinned
from cases.policy import Policy
from cases.reasons import REASONS
from mediation.models import Effect
from mediation.steps import CLOCKS_PER_RUN, database_clock

CURRENCY = "CNY"


def lapse_in_sql(
    *, clock: Callable[[], datetime] = database_clock, limit: int = CLOCKS_PER_RUN
) -> int:
    """Escalate up to `limit` cases whose sellers stayed silent; tell how many."""
    with transaction.atomic(durable=True), Cursor(connection.connection) as cursor:
        cursor.execute(_statement(limit), _parameters(_policy(), clock()), prepare=True)
        [(count,)] = cursor.fetchall()
        return count


@cache
def _policy() -> Policy:
    return pinned(PolicyVersion.objects.get(name=marketplace().policy_name).id)


def _parameters(policy: Policy, at: datetime) -> dict[str, Any]:
    due = {name: policy.due(name, at) for name in ("docket_wait", "ruling")}
    next_ = {name: (*policy.reminders(name, at, due[name]), due[name])[0] for name in due}
    harm = {reason: row.urgency for reason, row in REASONS.items()} | dict(policy.rank.harm)
    return {
        "at": at,
        "at_text": at.isoformat(),
        "harm": Jsonb({reason: hours for reason, hours in harm.items() if hours}),
        "rounds": policy.limits.mediation_rounds,
        **{f"{name}_due": moment for name, moment in due.items()},
        **{f"{name}_text": moment.isoformat() for name, moment in due.items()},
        **{f"{name}_next": moment for name, moment in next_.items()},
        **{f"{name}_length": str(policy.length(name)) for name in due},
    }


@cache
def _statement(n: int) -> str:
    return f"""
WITH due AS (
    SELECT k.*, c.id AS fired, c.started_at, c.due_at, c.length, c.stood_still, c.extensions
    FROM {table(Clock)} AS c JOIN {table(Case)} AS k ON k.id = c.case_id
    WHERE c.next_at <= statement_timestamp() AND c.clock_id IS NULL
    AND c.name = 'seller_response' AND k.state = 'awaiting_seller' AND NOT k.held
    AND k.mediation_rounds < %(rounds)s
    ORDER BY c.next_at LIMIT {n} FOR UPDATE OF k SKIP LOCKED
), named AS (
    SELECT *, uuidv7() AS event_id, uuidv7() AS dispute_id, uuidv7() AS docket_wait_id,
           uuidv7() AS ruling_id, uuidv7() AS effect_id,
           {_amount_hours(_policy())} AS by_amount, (%(harm)s::jsonb ->> reason)::int AS by_harm
    FROM due
), told AS (
    SELECT *, {_payload()} AS payload FROM named
), chained AS (
    SELECT *, sha256(head || convert_to((sequence + 1)::text || payload, 'UTF8')) AS hash FROM told
), ended AS (
    DELETE FROM {table(Clock)} AS c USING chained WHERE c.id = chained.fired
), moved AS (
    UPDATE {table(Case)} AS k
    SET state = 'in_mediation', version = k.version + 1, sequence = k.sequence + 1, head = hash,
        back_to = 'awaiting_seller', lapsed_from = 'awaiting_seller',
        mediation_rounds = k.mediation_rounds + 1
    FROM chained WHERE k.id = chained.id
), {", ".join(f"added_{i} AS ({new})" for i, new in enumerate(_inserts()))}
SELECT count(*) FROM chained
"""


def _amount_hours(policy):
    """The most hours that the policy gives for an amount, as a CASE."""
    steps = sorted((terms.limit(start, CURRENCY), hours) for start, hours in policy.rank.amount)
    whens = " ".join(f"WHEN amount >= {start} THEN {hours}" for start, hours in reversed(steps))
    return f"CASE {whens} END" if steps else "NULL::int"


def _payload():
    fired = _clock_told(
        "seller_response",
        id=quoted("fired"),
        length=quoted("length"),
        started_at=quoted(iso("started_at")),
        due_at=quoted(iso("due_at")),
        stood_still_s="trunc(extract(epoch FROM stood_still))::bigint",
        extensions="extensions",
    )
    started = [
        _clock_told(
            name,
            id=quoted(f"{name}_id"),
            length=quoted(f"%({name}_length)s::text"),
            started_at=quoted("%(at_text)s::text"),
            due_at=quoted(f"%({name}_text)s::text"),
            stood_still_s="0",
            extensions="0",
        )
        for name in ("docket_wait", "ruling")
    ]
    return canonical(
        name=word("escalate"),
        role=word("clock"),
        party="'null'",
        before=word("awaiting_seller"),
        after=word("in_mediation"),
        dispute=word("queued"),
        also=word("open_dispute"),
        at=quoted("%(at_text)s::text"),
        version="(version + 1)",
        clock=fired,
        clocks_started="'[' || " + " || ',' || ".join(started) + " || ']'",
    )


def _clock_told(name, **values):
    return canonical(name=word(name), party=word(""), **values)


def _inserts():
    for name in ("docket_wait", "ruling"):
        yield insert(
            Clock,
            "chained",
            {
                "id": f"{name}_id",
                "case_id": "id",
                "name": f"'{name}'",
                "length": f"%({name}_length)s",
                "started_at": "%(at)s::timestamptz",
                "due_at": f"%({name}_due)s::timestamptz",
                "next_at": f"%({name}_next)s::timestamptz",
                "stood_still": "interval '0'",
            },
        )
    yield insert(
        Dispute,
        "chained",
        {
            "id": "dispute_id",
            "state": "'queued'",
            "case_id": "id",
            "round": "1",
            "opened_at": "%(at)s::timestamptz",
        },
    )
    yield insert(
        Docket,
        "chained",
        {
            "id": "dispute_id",
            "case_id": "id",
            "marketplace_id": "marketplace_id",
            "language": "language",
            "skill": "reason",
            "rank_at": "%(ruling_due)s::timestamptz"
            " - make_interval(hours => coalesce(by_amount, 0) + coalesce(by_harm, 0))",
            "terms": "jsonb_strip_nulls(jsonb_build_object('amount', by_amount, 'harm', by_harm))",
        },
    )
    yield insert(
        Event,
        "chained",
        {
            "id": "event_id",
            "case_id": "id",
            "marketplace_id": "marketplace_id",
            "sequence": "sequence + 1",
            "name": "'escalate'",
            "role": "'clock'",
            "before": "'awaiting_seller'",
            "after": "'in_mediation'",
            "at": "%(at)s::timestamptz",
            "due_at": "due_at",
            "clock": "fired",
            "payload": "payload",
            "previous": "head",
            "hash": "hash",
        },
    )
    yield insert(
        Effect,
        "chained",
        {
            "id": "effect_id",
            "due_at": "%(at)s::timestamptz",
            "case_id": "id",
            "event_id": "event_id",
            "kind": "'notify'",
        },
    )
