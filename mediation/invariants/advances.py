"""Advances and recoveries: what was paid early is known, and what is owed for it adds up."""

ADVANCES = {
    "an advance that stands is a refund of its case, in mediation or just decided": """
        SELECT c.id AS "case", c.state, c.advance_id AS advance
        FROM cases_case c LEFT JOIN cases_refund r ON r.id = c.advance_id
        WHERE c.advance_id IS NOT NULL AND (
            r.case_id IS DISTINCT FROM c.id OR NOT r.is_advance OR r.reversed > 0
            OR c.state NOT IN ('in_mediation', 'refunding'))
    """,
    "what counts as advanced is what an advance that stands has paid": """
        SELECT c.id AS "case", r.amount, r.state, i.advanced
        FROM cases_case c
        LEFT JOIN cases_refund r ON r.id = c.advance_id AND r.kind = 'refund'
            AND r.state IN ('succeeded', 'by_hand')
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.advanced), 0) AS advanced FROM cases_applicationitem i
            JOIN cases_application a ON a.id = i.application_id WHERE a.case_id = c.id
        ) AS i
        WHERE i.advanced NOT BETWEEN coalesce(r.amount, 0) - c.freight_refunded
            AND coalesce(r.amount, 0)
    """,
    "the platform makes good what a reversed ruling has taken from the seller": """
        SELECT r.id AS refund, r.amount, r.reversed, coalesce(sum(o.amount), 0) AS owed
        FROM cases_refund r
        LEFT JOIN cases_recovery o ON o.refund_id = r.id AND o.debtor = 'platform'
        WHERE r.is_advance
        GROUP BY r.id
        HAVING coalesce(sum(o.amount), 0)
            <> CASE WHEN r.payer = 'platform' THEN 0 ELSE r.reversed END
    """,
    "what is owed for an advance is what its final ruling upholds, to who has paid": """
        SELECT r.id AS refund, r.amount, r.reversed, r.payer, sum(o.amount) AS owed
        FROM cases_recovery o
        LEFT JOIN cases_refund r ON r.id = o.refund_id
        LEFT JOIN cases_case c ON c.advance_id = r.id
        WHERE o.debtor = 'seller' OR o.debtor = 'carrier' AND o.refund_id IS NOT NULL
        GROUP BY r.id, c.id
        HAVING r.id IS NULL OR NOT r.is_advance OR c.id IS NOT NULL
            OR sum(o.amount) > r.amount - r.reversed
            OR bool_or(o.debtor = 'seller') AND r.payer <> 'platform'
    """,
    "a recovery is its case's own": """
        SELECT o.id AS recovery, o.case_id AS "case", o.event_id AS event
        FROM cases_recovery o
        JOIN cases_case c ON c.id = o.case_id
        LEFT JOIN cases_event e ON e.id = o.event_id
        LEFT JOIN cases_refund r ON r.id = o.refund_id
        LEFT JOIN cases_parcel p ON p.id = o.parcel_id
        WHERE e.case_id IS DISTINCT FROM c.id
            OR (o.marketplace_id, o.seller_id, o.currency)
                <> (c.marketplace_id, c.seller_id, c.currency)
            OR r.case_id <> c.id OR p.case_id <> c.id
    """,
}
