"""The statements of the figures on mediators and on sellers."""

from mediation.reports.sql_of_work import APPEALED, OPENED, narrowed

MOST_SELLERS = 50
DELIVERED, BOUNCED = 2, 3  # of a receipt
MARKETS = "marketplace_id = ANY(%(markets)s::uuid[])"

# Approvals count with the ruling: on the day it was written.
WORKLOAD = f"""
    WITH {APPEALED}, did (person, held, rulings, approvals, proposals, reviews, reversed) AS (
        SELECT holder, 1, 0, 0, 0, 0, 0 FROM cases_docket k
        WHERE {MARKETS} AND holder <> '' AND lease_until > %(at)s AND {narrowed("k.case_id")}
        UNION ALL
        SELECT ruled_by, 0, 1, 0, 0, 0, 0 FROM given
        UNION ALL
        SELECT approved_by, 0, 0, 1, 0, 0, 0 FROM given WHERE approved_by <> ''
        UNION ALL
        SELECT p.made_by, 0, 0, 0, 1, 0, 0
        FROM cases_proposal p JOIN cases_case c ON c.id = p.case_id
        WHERE p.id >= %(low)s AND p.id < %(high)s AND c.{MARKETS}
            AND {narrowed("c.id")}
        UNION ALL
        SELECT reviewer, 0, 0, 0, 0, 1, 0 FROM mediation_blindreview v
        WHERE {MARKETS} AND calibration_id IS NULL AND {narrowed("v.case_id")}
            AND reviewed_at >= %(since)s AND reviewed_at < %(until)s
        UNION ALL
        SELECT ruled_by, 0, 0, 0, 0, 0, 1 FROM first WHERE anew <> terms
    )
    SELECT person, sum(held), sum(rulings), sum(approvals), sum(proposals), sum(reviews),
        sum(reversed)
    FROM did GROUP BY person ORDER BY sum(rulings) DESC, sum(held) DESC, person
"""

# Silent: the case went on, and the seller neither answered nor made an offer.
SELLERS = f"""
    WITH opened AS ({OPENED}), top AS (
        SELECT seller_id, count(*) AS cases FROM opened
        GROUP BY seller_id ORDER BY cases DESC, seller_id LIMIT {MOST_SELLERS}
    )
    SELECT m.slug, p.ref, count(*) AS cases,
        round(avg(coalesce(a.refused, FALSE)::int), 4)::float8,
        round(avg((NOT coalesce(a.answered, FALSE) AND o.seller_offers = 0
            AND o.state <> 'awaiting_seller' AND o.outcome <> 'withdrawn')::int), 4)::float8,
        round(avg((o.mediation_rounds > 0)::int), 4)::float8,
        round(avg((r.remedy IS NOT NULL AND r.remedy NOT IN ('none', 'send_back'))::int), 4)
            ::float8,
        round(percentile_cont(0.5) WITHIN GROUP (ORDER BY a.hours)::numeric, 2)::float8
    FROM top JOIN opened o ON o.seller_id = top.seller_id
    JOIN cases_party p ON p.id = top.seller_id
    JOIN cases_marketplace m ON m.id = p.marketplace_id
    LEFT JOIN LATERAL (
        SELECT bool_or(answered_by = 'seller') AS answered, bool_or(answer = 'refused') AS refused,
            (extract(epoch FROM min(answered_at - applied_at)
                FILTER (WHERE answered_by = 'seller')) / 3600)::float8 AS hours
        FROM cases_application WHERE case_id = o.id
    ) AS a ON TRUE
    LEFT JOIN LATERAL (
        SELECT content::jsonb ->> 'remedy' AS remedy FROM cases_ruling
        WHERE case_id = o.id AND state IN ('live', 'final') ORDER BY id DESC LIMIT 1
    ) AS r ON TRUE
    GROUP BY m.slug, p.ref ORDER BY cases DESC, m.slug, p.ref
"""

# A letter whose reader had no address, or that was given up, has failed without a receipt.
REACH = f"""
    WITH opened AS ({OPENED}), written AS (
        SELECT o.marketplace_id, o.seller_id, l.attempts,
            coalesce(r.arrived, FALSE) AS arrived,
            l.outcome = 'failed' OR coalesce(r.bounced AND NOT r.arrived, FALSE) AS failed
        FROM opened o
        JOIN notifications_letter l ON l.case_id = o.id AND l.recipient_id = o.seller_id
        LEFT JOIN LATERAL (
            SELECT bool_or(state = {DELIVERED}) AS arrived, bool_or(state = {BOUNCED}) AS bounced
            FROM notifications_receipt WHERE letter_id = l.id
        ) AS r ON TRUE
        WHERE l.outcome NOT IN ('waiting', 'unwanted')
    )
    SELECT m.slug, p.ref, count(*) AS letters, sum(w.attempts),
        round(avg(w.arrived::int), 4)::float8, round(avg(w.failed::int), 4)::float8
    FROM written w JOIN cases_party p ON p.id = w.seller_id
    JOIN cases_marketplace m ON m.id = w.marketplace_id
    GROUP BY m.slug, p.ref
    ORDER BY count(*) FILTER (WHERE w.failed) DESC, letters DESC, m.slug, p.ref
    LIMIT {MOST_SELLERS}
"""
