"""Complaints: their chain, their one clock, the hearing before each decision, what follows."""

from cases.complaint_terms import TERMS
from cases.models.case import GENESIS
from cases.models.complaint import Complaint
from cases.table import steps_of
from mediation.invariants.clocks import LATE, NOW


def _edges() -> str:
    steps = steps_of(Complaint).values()
    moves = {(step.name, *map(str, edge)) for step in steps for edge in step.edges}
    return ", ".join(str(move) for move in sorted(moves))


def _terms() -> str:
    return ", ".join(f"('{state}', '{term.name}')" for state, term in TERMS.items())


COMPLAINTS = {
    "the events of a complaint are numbered without a gap": """
        SELECT c.id AS complaint, c.sequence, count(e.id) AS events
        FROM cases_complaint c LEFT JOIN cases_complaintevent e ON e.complaint_id = c.id
        GROUP BY c.id
        HAVING c.sequence = 0 OR count(e.id) <> c.sequence OR min(e.sequence) <> 1
            OR max(e.sequence) <> c.sequence
    """,
    "each event of a complaint links to the one before it and verifies": f"""
        SELECT id AS event, complaint_id AS complaint, sequence
        FROM (
            SELECT *, lag(hash, 1, '\\x{GENESIS.hex()}'::bytea)
                OVER (PARTITION BY complaint_id ORDER BY sequence) AS link,
                lag(after, 1, 'new') OVER (PARTITION BY complaint_id ORDER BY sequence) AS came_from
            FROM cases_complaintevent
        ) AS chain
        WHERE previous <> link OR before <> came_from OR hash <> sha256(
            previous || convert_to(sequence::text, 'UTF8') || convert_to(payload, 'UTF8'))
    """,
    "a complaint carries the head of its chain and the state that it tells": """
        SELECT c.id AS complaint, c.state, e.after
        FROM cases_complaint c
        JOIN cases_complaintevent e ON (e.complaint_id, e.sequence) = (c.id, c.sequence)
        WHERE c.head <> e.hash OR c.state <> e.after
    """,
    "a complaint moves only as its table says": f"""
        SELECT id AS event, complaint_id AS complaint, name, before, after
        FROM cases_complaintevent
        WHERE (name, before, after) NOT IN (VALUES {_edges()})
            AND NOT (name IN ('extend', 'remind') AND before = after)
    """,
    "the clock of every complaint is that of its state": f"""
        SELECT c.id AS complaint, c.state, c.clock
        FROM cases_complaint c LEFT JOIN (VALUES {_terms()}) AS t (state, clock) USING (state)
        WHERE c.clock <> coalesce(t.clock, '')
    """,
    f"no complaint is overdue by {LATE}": f"""
        SELECT id AS complaint, clock, next_at FROM cases_complaint
        WHERE clock_id IS NULL AND next_at < {NOW} - interval '{LATE}'
    """,
    "no clock of a complaint fired early": """
        SELECT id AS event, name, at, due_at FROM cases_complaintevent
        WHERE (clock IS NULL) <> (due_at IS NULL) OR at < due_at
            OR clock IS NOT NULL AND role <> 'clock'
    """,
    "the accused was heard before every decision": """
        SELECT e.id AS event, e.complaint_id AS complaint
        FROM cases_complaintevent e
        WHERE e.name IN ('uphold', 'dismiss') AND NOT EXISTS (
            SELECT FROM cases_complaintevent h
            WHERE h.complaint_id = e.complaint_id AND h.sequence < e.sequence
                AND h.name IN ('answer', 'close_hearing'))
    """,
    "nobody decided on a complaint twice": """
        SELECT id AS complaint, excluded FROM cases_complaint c
        WHERE instance = 2 AND verdict <> '' AND state = 'final' AND EXISTS (
            SELECT FROM cases_complaintevent a JOIN cases_complaintevent b USING (complaint_id)
            WHERE complaint_id = c.id AND a.name IN ('uphold', 'dismiss')
                AND b.name IN ('confirm', 'reverse')
                AND jsonb_array_length(c.excluded) < 2)
    """,
    "what is in force was upheld, or came from the record": """
        SELECT p.id AS penalty, p.kind, c.state, c.verdict
        FROM cases_penalty p LEFT JOIN cases_complaint c ON c.id = p.complaint_id
        WHERE p.lifted_at IS NULL AND c.id IS NOT NULL AND c.verdict <> 'upheld'
            OR c.id IS NULL AND p.kind <> 'points'
    """,
    "a penalty is of the party that was complained of, in one marketplace": """
        SELECT p.id AS penalty, p.party_id AS party, c.accused_id AS accused
        FROM cases_penalty p
        JOIN cases_party y ON y.id = p.party_id
        LEFT JOIN cases_complaint c ON c.id = p.complaint_id
        WHERE c.accused_id <> p.party_id OR c.marketplace_id <> p.marketplace_id
            OR y.marketplace_id <> p.marketplace_id OR p.points > 0 AND y.role <> 'seller'
    """,
    "a complaint stays in one marketplace and speaks of a case of the accused": """
        SELECT c.id AS complaint, c.case_id AS "case"
        FROM cases_complaint c
        JOIN cases_party a ON a.id = c.accused_id
        LEFT JOIN cases_party r ON r.id = c.reporter_id
        LEFT JOIN cases_case k ON k.id = c.case_id
        WHERE a.marketplace_id <> c.marketplace_id OR r.marketplace_id <> c.marketplace_id
            OR a.role <> c.accused_role OR c.accused_id NOT IN (k.buyer_id, k.seller_id)
    """,
    "what proves a complaint is a file of it, and of whoever said so": """
        SELECT s.id AS statement, s.complaint_id AS complaint, item ->> 'file' AS file
        FROM cases_complaintstatement s
        CROSS JOIN LATERAL jsonb_array_elements(s.evidence) AS item
        LEFT JOIN cases_file f ON f.id = (item ->> 'file')::uuid
        WHERE item ? 'file' AND (f.complaint_id, f.role, f.sha256)
                IS DISTINCT FROM (s.complaint_id, s.role, item ->> 'sha256')
            OR item ? 'file' AND f.party_id IS DISTINCT FROM s.party_id
    """,
    "a case knows the ratings that its sides gave": """
        SELECT c.id AS "case", c.rating, c.seller_rating
        FROM cases_case c
        LEFT JOIN cases_rating b ON b.case_id = c.id AND b.role = 'buyer'
        LEFT JOIN cases_rating s ON s.case_id = c.id AND s.role = 'seller'
        WHERE c.rating IS DISTINCT FROM b.score OR c.seller_rating IS DISTINCT FROM s.score
    """,
}
