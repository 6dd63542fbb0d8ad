"""The timeline: no gap, no broken link, no step that is not in the tables; each has its effects."""

from cases.actions import CASE_STEPS, STEPS
from cases.models.case import GENESIS
from mediation.outbox import FOLLOWS

# Events that are no step; `party` in their payload is the clock's.
BESIDE = ("remind", "extend", "stuck", "parcel_news", "pause", "resume", "recovery_settled")


def _edges() -> str:
    """Write the moves of a case that each step may be told with, those taken along included."""
    moves = set()
    for step in STEPS.values():
        if step.name in CASE_STEPS:
            moves |= {(step.name, *edge) for edge in step.edges}
            continue
        moves.add((step.name, "in_mediation", "in_mediation"))
        for name in step.rule.also.values():
            moves |= {(step.name, *edge) for edge in CASE_STEPS[name].edges}
    return ", ".join(str(move) for move in sorted(moves))


TIMELINE = {
    "the events of a case are numbered without a gap": """
        SELECT c.id AS "case", c.sequence, count(e.id) AS events, min(e.sequence) AS first,
            max(e.sequence) AS last
        FROM cases_case c LEFT JOIN cases_event e ON e.case_id = c.id
        GROUP BY c.id
        HAVING c.sequence = 0 OR count(e.id) <> c.sequence OR min(e.sequence) <> 1
            OR max(e.sequence) <> c.sequence
    """,
    "each event links to the one before it": f"""
        SELECT id AS event, case_id AS "case", sequence
        FROM (
            SELECT id, case_id, sequence, previous, lag(hash, 1, '\\x{GENESIS.hex()}'::bytea)
                OVER (PARTITION BY case_id ORDER BY sequence) AS link
            FROM cases_event
        ) AS chain
        WHERE previous <> link
    """,
    "the hash of each event verifies": """
        SELECT id AS event, case_id AS "case", sequence
        FROM cases_event
        WHERE hash <> sha256(
            previous || convert_to(sequence::text, 'UTF8') || convert_to(payload, 'UTF8'))
    """,
    "a case carries the head of its chain and the state that it tells": """
        SELECT c.id AS "case", c.sequence, c.state, e.after, d.state AS dispute,
            e.payload::jsonb ->> 'dispute' AS told
        FROM cases_case c
        JOIN cases_event e ON (e.case_id, e.sequence) = (c.id, c.sequence)
        LEFT JOIN cases_dispute d ON d.case_id = c.id
        WHERE c.head <> e.hash OR c.state <> e.after
            OR d.state IS DISTINCT FROM e.payload::jsonb ->> 'dispute'
    """,
    "each event begins where the one before it ended": """
        SELECT id AS event, case_id AS "case", sequence, before, link
        FROM (
            SELECT id, case_id, sequence, before, lag(after, 1, 'new')
                OVER (PARTITION BY case_id ORDER BY sequence) AS link
            FROM cases_event
        ) AS chain
        WHERE before <> link
    """,
    "a case moves only as the tables say": f"""
        SELECT id AS event, case_id AS "case", sequence, name, before, after
        FROM cases_event
        WHERE (name, before, after) NOT IN (VALUES {_edges()})
            AND NOT (before = after AND name NOT IN ({", ".join(f"'{name}'" for name in STEPS)}))
    """,
    "payload and columns of an event agree": f"""
        SELECT e.id AS event, e.case_id AS "case", e.sequence, e.name
        FROM cases_event e, LATERAL (SELECT payload::jsonb AS told) AS p
        WHERE (e.name, e.role, e.before, e.after)
                <> (told ->> 'name', told ->> 'role', told ->> 'before', told ->> 'after')
            OR e.at <> (told ->> 'at')::timestamptz
            OR e.name NOT IN {BESIDE} AND (
                e.party_id IS DISTINCT FROM (told ->> 'party')::uuid
                OR e.clock IS DISTINCT FROM (told -> 'clock' ->> 'id')::uuid
                OR e.due_at IS DISTINCT FROM (told -> 'clock' ->> 'due_at')::timestamptz)
    """,
    "every event has its effects": f"""
        SELECT e.id AS event, e.case_id AS "case", e.name
        FROM cases_event e
        LEFT JOIN mediation_effect f ON f.event_id = e.id
        GROUP BY e.id
        HAVING count(*) FILTER (WHERE f.kind = 'notify' AND f.case_id = e.case_id) <> 1
            OR count(*) FILTER (WHERE f.kind NOT IN ({
        ", ".join(f"'{follows.kind}'" for follows in FOLLOWS)
    })) > 0
    """,
    "every decided refund is told to its gateway": """
        SELECT r.id AS refund, r.case_id AS "case"
        FROM cases_refund r
        LEFT JOIN mediation_effect f
            ON f.event_id = r.event_id AND f.case_id = r.case_id
                AND f.kind = CASE r.medium WHEN 'money' THEN 'refund' ELSE 'voucher' END
        WHERE f.id IS NULL
    """,
}
