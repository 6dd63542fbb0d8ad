"""The statements of the figures on products, buyers and carriers: who stands out, with its rates.

People are told by the marketplace's own reference alone.
"""

from mediation.carriers.names import ALIASES
from mediation.reports.sql_of_work import OPENED

MOST = 50  # rows of each

# What was given back for the goods of each case that is in `opened`, by {of}.
GIVEN_BACK = """
    SELECT o.id, {of} AS subject, sum(i.refunded) AS refunded
    FROM opened o JOIN cases_application a ON a.case_id = o.id
    JOIN cases_applicationitem i ON i.application_id = a.id
    JOIN cases_orderline l ON l.id = i.line_id
    GROUP BY o.id, subject
"""
RATES = """
    count(*) AS cases, round(avg((t.refunded > 0)::int), 4)::float8,
    round(avg((o.mediation_rounds > 0)::int), 4)::float8,
    round(avg((o.outcome = 'ruled_for_seller')::int), 4)::float8, sum(t.refunded)
"""

PRODUCTS = f"""
    WITH opened AS ({OPENED}), touched AS ({GIVEN_BACK.format(of="l.sku")})
    SELECT m.slug, p.ref, t.subject, o.currency, {RATES}
    FROM touched t JOIN opened o ON o.id = t.id
    JOIN cases_party p ON p.id = o.seller_id
    JOIN cases_marketplace m ON m.id = o.marketplace_id
    GROUP BY m.slug, p.ref, t.subject, o.currency
    ORDER BY cases DESC, m.slug, p.ref, t.subject, o.currency LIMIT {MOST}
"""

BUYERS = f"""
    WITH every AS ({OPENED}), top AS (
        SELECT buyer_id, currency FROM every
        GROUP BY buyer_id, currency ORDER BY count(*) DESC, buyer_id, currency LIMIT {MOST}
    ), opened AS (
        SELECT every.* FROM every JOIN top USING (buyer_id, currency)
    ), touched AS ({GIVEN_BACK.format(of="o.buyer_id")})
    SELECT m.slug, p.ref, o.currency, {RATES}
    FROM touched t JOIN opened o ON o.id = t.id
    JOIN cases_party p ON p.id = o.buyer_id
    JOIN cases_marketplace m ON m.id = o.marketplace_id
    GROUP BY m.slug, p.ref, o.currency
    ORDER BY cases DESC, m.slug, p.ref, o.currency
"""

NAMES = ", ".join(f"('{alias}', '{name}')" for alias, name in ALIASES.items())
# By a scan, or by the word of the marketplace; what is on its way back to its sender is not lost.
LOST = """
    EXISTS (
        SELECT FROM cases_parcelevent e
        WHERE e.marketplace_id = c.marketplace_id AND upper(e.tracking_no) = c.number
            AND e.code = 'lost' AND NOT e.too_old)
    OR EXISTS (
        SELECT FROM cases_event e
        WHERE e.case_id = c.id AND e.name IN ('return_lost', 'replacement_lost')
            AND e.payload::jsonb ->> 'parcel' = c.parcel_id::text
            AND coalesce(e.payload::jsonb ->> 'code', 'lost') = 'lost')
"""

# `parcel_id` NULL: the order's own parcels, which alone have a promised time.
CARRIERS = f"""
    WITH opened AS ({OPENED}), carried AS (
        SELECT o.id, o.marketplace_id, s.carrier, upper(s.tracking_no) AS number,
            NULL::uuid AS parcel_id,
            coalesce(w.promised_at < coalesce(w.delivered_at, %(at)s), FALSE) AS late
        FROM opened o JOIN cases_order w ON w.id = o.order_id
        JOIN cases_consignment s ON s.order_id = w.id
        UNION ALL
        SELECT o.id, o.marketplace_id, p.carrier, upper(p.tracking_no), p.id, FALSE
        FROM opened o JOIN cases_parcel p ON p.case_id = o.id
    ), told AS (
        SELECT c.id, c.marketplace_id, coalesce(a.name, lower(c.carrier)) AS carrier, c.late,
            ({LOST}) AS lost,
            EXISTS (
                SELECT FROM cases_recovery v
                WHERE v.case_id = c.id AND v.debtor = 'carrier'
                    AND v.parcel_id IS NOT DISTINCT FROM c.parcel_id) AS at_fault
        FROM carried c LEFT JOIN (VALUES {NAMES}) AS a (alias, name) ON a.alias = lower(c.carrier)
    ), by_case AS (
        SELECT marketplace_id, carrier, bool_or(lost) AS lost, bool_or(late) AS late,
            bool_or(at_fault) AS at_fault
        FROM told GROUP BY marketplace_id, carrier, id
    )
    SELECT m.slug, b.carrier, count(*) AS cases, round(avg(b.lost::int), 4)::float8,
        round(avg(b.late::int), 4)::float8, round(avg(b.at_fault::int), 4)::float8
    FROM by_case b JOIN cases_marketplace m ON m.id = b.marketplace_id
    GROUP BY m.slug, b.carrier ORDER BY cases DESC, m.slug, b.carrier LIMIT {MOST}
"""
