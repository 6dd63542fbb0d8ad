"""Clocks: exactly those of the row of the table, nothing late, each ended once."""

from cases import clocks
from cases.clocks import ClockRule

LATE = "2 minutes"  # what nobody may ever be late by
NOW = "coalesce(%s::timestamptz, clock_timestamp())"
OPTIONAL = ("aftercare", "docket_wait")  # they may end while their state goes on


def _rows(of: str) -> str:
    """Write the clocks that must be there as VALUES: state, name, per side, runs."""
    found = [
        f"('{state}', '{rule.name}', {rule.per_side}, {state in rule.during})"
        for rule in clocks.CLOCKS.values()
        for state in (*rule.during, *rule.stands_still)
        if rule.of == of and not _may_be_missing(rule, state)
    ]
    return ", ".join(found)


def _may_be_missing(rule: ClockRule, state: str) -> bool:
    kept_for_hand_back = rule.of == "case" and state == "in_mediation"
    return rule.name in OPTIONAL or kept_for_hand_back


def _kept() -> str:
    """Write which clocks may stand still in mediation: state to go back to, name."""
    return ", ".join(
        f"('{state}', '{rule.name}')"
        for rule in clocks.CLOCKS.values()
        for state in (*rule.during, *_before(rule))
        if "in_mediation" in rule.stands_still
    )


def _before(rule: ClockRule) -> list[str]:
    """Name the states in which a clock runs only if its policy lets it count from there on."""
    return [state for states in rule.counts_from.values() for state in states]


def _extra() -> str:
    """Write which clocks may run but need not: state of the case or of its dispute, name."""
    return ", ".join(
        f"('{state}', '{rule.name}')"
        for rule in clocks.CLOCKS.values()
        for state in (*_before(rule), *(rule.during if rule.name in OPTIONAL else ()))
    )


CLOCKS = {
    "the clocks of every case are those of its state": f"""
        WITH must (case_id, name, party, runs) AS (
            SELECT c.id, m.name,
                CASE WHEN o.side IS NULL THEN ''
                    WHEN o.side = 'buyer' THEN 'seller' ELSE 'buyer' END,
                m.runs AND NOT c.held AND c.paused_by IS NULL
            FROM (VALUES {_rows("case")}) AS m (state, name, per_side, runs)
            JOIN cases_case c ON c.state = m.state
            LEFT JOIN cases_offer o
                ON m.name = 'offer_reply' AND o.case_id = c.id AND o.state = 'open'
            UNION ALL
            SELECT c.id, m.name, coalesce(side, ''), m.runs AND NOT c.held AND c.paused_by IS NULL
            FROM (VALUES {_rows("dispute")}) AS m (state, name, per_side, runs)
            JOIN cases_dispute d ON d.state = m.state
            JOIN cases_case c ON c.id = d.case_id
            LEFT JOIN LATERAL jsonb_array_elements_text(d.waiting) AS side ON m.per_side
        ), may (case_id, name, runs) AS (
            SELECT c.id, m.name, FALSE
            FROM cases_case c JOIN (VALUES {_kept()}) AS m (state, name) ON c.back_to = m.state
            WHERE c.state = 'in_mediation'
            UNION ALL
            SELECT c.id, m.name, NOT c.held AND c.paused_by IS NULL
            FROM (VALUES {_extra()}) AS m (state, name)
            JOIN cases_case c ON TRUE LEFT JOIN cases_dispute d ON d.case_id = c.id
            WHERE m.state IN (c.state, d.state)
        ), is_there AS (
            SELECT case_id, name, party, remaining IS NULL AS runs FROM cases_clock
        )
        SELECT c.id AS "case", c.state, d.state AS dispute, c.held, name, party,
            m.runs AS must_run, i.runs AS does_run
        FROM is_there i FULL JOIN must m USING (case_id, name, party)
        JOIN cases_case c ON c.id = case_id
        LEFT JOIN cases_dispute d ON d.case_id = c.id
        WHERE i.runs IS DISTINCT FROM m.runs AND NOT (m.runs IS NULL AND EXISTS (
            SELECT FROM may WHERE (may.case_id, may.name, may.runs) = (c.id, i.name, i.runs)))
    """,
    f"nothing is overdue by {LATE}": f"""
        SELECT case_id AS "case", name, party, next_at
        FROM cases_clock
        WHERE clock_id IS NULL AND parked = 0
            AND next_at < {NOW} - interval '{LATE}'
    """,
    "what is parked is tried again in time": f"""
        SELECT case_id AS "case", name, party, next_at, parked
        FROM cases_clock
        WHERE clock_id IS NULL AND parked > 0
            AND next_at < {NOW} - interval '{LATE}'
    """,
    "no clock fired early": """
        SELECT id AS event, case_id AS "case", name, at, due_at
        FROM cases_event
        WHERE (clock IS NULL) <> (due_at IS NULL) OR at < due_at OR clock IS NOT NULL
            AND role <> 'clock'
    """,
    "every clock started once and ended once": """
        WITH told (case_id, clock, started, gone) AS (
            SELECT case_id, (e ->> 'id')::uuid, 1, 0 FROM cases_event,
                jsonb_array_elements(payload::jsonb -> 'clocks_started') AS e
            UNION ALL
            SELECT case_id, (e ->> 'id')::uuid, 0, 1 FROM cases_event,
                jsonb_array_elements(payload::jsonb -> 'clocks_ended') AS e
            UNION ALL
            SELECT case_id, clock, 0, 1 FROM cases_event WHERE clock IS NOT NULL
            UNION ALL
            SELECT case_id, id, 0, 1 FROM cases_clock
        )
        SELECT case_id AS "case", clock, sum(started) AS started, sum(gone) AS ended_or_running
        FROM told GROUP BY case_id, clock HAVING sum(started) <> 1 OR sum(gone) <> 1
    """,
}
