"""Owners: somebody is waited on in every open case, and nobody in one that has ended."""

from collections.abc import Iterable

from cases.dispute import LIVE
from cases.lifecycle import ENDED
from cases.parcels import OWED


def _list(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


OWNERS = {
    "every open case waits for something that is there": f"""
        SELECT c.id AS "case", c.state, c.remedy
        FROM cases_case c
        WHERE CASE c.state
            WHEN 'negotiating' THEN NOT EXISTS (
                SELECT FROM cases_offer o WHERE o.case_id = c.id AND o.state = 'open')
            WHEN 'return_in_transit' THEN NOT EXISTS (
                SELECT FROM cases_parcel p
                WHERE p.case_id = c.id AND p.kind = 'return' AND p.state <> 'ended')
            WHEN 'replacement_in_transit' THEN NOT EXISTS (
                SELECT FROM cases_parcel p
                WHERE p.case_id = c.id AND p.kind IN ({_list(sorted(set(OWED.values())))})
                    AND p.state <> 'ended')
            WHEN 'refunding' THEN 1 <> (
                SELECT count(*) FROM cases_refund r
                WHERE r.case_id = c.id AND r.state = 'pending')
            ELSE FALSE END
    """,
    "a case is in mediation while its dispute lives": f"""
        SELECT c.id AS "case", c.state, d.state AS dispute
        FROM cases_case c LEFT JOIN cases_dispute d ON d.case_id = c.id
        WHERE (c.state = 'in_mediation') <> coalesce(d.state IN ({_list(LIVE)}), FALSE)
    """,
    "every dispute waits on somebody": """
        SELECT d.case_id AS "case", d.state, d.waiting, k.waiting AS in_docket, k.holder
        FROM cases_dispute d JOIN cases_docket k ON k.case_id = d.case_id
        WHERE CASE d.state
            WHEN 'queued' THEN NOT k.waiting
            WHEN 'appealed' THEN NOT k.waiting OR NOT k.senior OR d.instance <> 2
            WHEN 'in_review' THEN k.holder = '' OR k.waiting
            WHEN 'gathering' THEN d.waiting = '[]' OR k.waiting
            WHEN 'proposed' THEN d.waiting = '[]' OR k.waiting OR NOT EXISTS (
                SELECT FROM cases_proposal p WHERE p.case_id = d.case_id AND p.state = 'open')
            WHEN 'awaiting_approval' THEN k.waiting
            WHEN 'ruled' THEN d.waiting = '[]' OR k.waiting
            ELSE d.waiting <> '[]' OR k.waiting OR k.holder <> '' END
    """,
    "whoever has decided a dispute does not decide it again": """
        SELECT r.case_id AS "case", r.state, r.ruled_by, r.approved_by, k.excluded, k.holder
        FROM cases_ruling r
        JOIN cases_docket k ON k.case_id = r.case_id
        JOIN cases_dispute d ON d.case_id = r.case_id
        WHERE r.state IN ('live', 'replaced', 'final') AND (
            NOT k.excluded @> to_jsonb(r.ruled_by::text)
            OR r.approved_by <> '' AND NOT k.excluded @> to_jsonb(r.approved_by::text)
            OR d.state = 'in_review' AND k.holder IN (r.ruled_by, r.approved_by))
    """,
    "a dispute has the ruling that its state speaks of": """
        SELECT d.case_id AS "case", d.state, d.instance, r.states
        FROM cases_dispute d
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(state::text ORDER BY id), '{}') AS states
            FROM cases_ruling WHERE case_id = d.case_id AND state IN ('draft', 'live')
        ) AS r
        WHERE r.states <> CASE
            WHEN d.state = 'awaiting_approval' THEN '{draft}'::text[]
            WHEN d.state = 'ruled' THEN '{live}'
            WHEN d.instance = 2 AND d.rulings = 0
                AND d.state IN ('appealed', 'in_review', 'gathering', 'proposed') THEN '{live}'
            ELSE '{}' END
    """,
    "a proposal is open in its state alone": """
        SELECT p.case_id AS "case", d.state
        FROM cases_proposal p LEFT JOIN cases_dispute d ON d.case_id = p.case_id
        WHERE p.state = 'open' AND d.state IS DISTINCT FROM 'proposed'
    """,
    "an offer is open only where it can be accepted": """
        SELECT c.id AS "case", c.state, o.version
        FROM cases_offer o JOIN cases_case c ON c.id = o.case_id
        WHERE o.state = 'open' AND c.state NOT IN ('negotiating', 'in_mediation')
    """,
    "what has ended waits for nothing": f"""
        SELECT c.id AS "case", c.state, c.held
        FROM cases_case c
        WHERE c.state IN ({_list(ENDED)}) AND (
            c.held
            OR EXISTS (SELECT FROM cases_refund r WHERE r.case_id = c.id AND r.state = 'pending')
            OR EXISTS (SELECT FROM cases_parcel p WHERE p.case_id = c.id AND p.state <> 'ended'))
    """,
}
