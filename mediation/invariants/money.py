"""Money and pieces: every counter equals its postings, and nothing is given back twice."""

MONEY = {
    "nothing is given back that was not paid": """
        SELECT l.id AS line, l.paid, l.reserved, l.refunded, l.outside, l.quantity, l.claimed
        FROM cases_orderline l
        WHERE l.reserved + l.refunded + l.outside > l.paid OR l.claimed > l.quantity
            OR least(l.reserved, l.refunded, l.outside, l.claimed) < 0
    """,
    "what is refunded of an order is at most what was paid for it": """
        SELECT o.id AS "order", sum(r.amount) AS refunded, o.freight + l.paid AS paid
        FROM cases_order o
        JOIN cases_case c ON c.order_id = o.id
        JOIN cases_refund r ON r.case_id = c.id AND r.kind = 'refund'
        CROSS JOIN LATERAL (
            SELECT sum(paid) AS paid FROM cases_orderline WHERE order_id = o.id
        ) AS l
        GROUP BY o.id, l.paid HAVING sum(r.amount) > o.freight + l.paid
    """,
    "a decision leads to one refund": """
        SELECT event_id AS event, count(*) AS refunds FROM cases_refund
        GROUP BY event_id HAVING count(*) > 1
    """,
    "a refund is decided by an event of its case": """
        SELECT r.id AS refund, r.case_id AS "case", r.event_id AS event
        FROM cases_refund r LEFT JOIN cases_event e ON e.id = r.event_id
        WHERE e.case_id IS DISTINCT FROM r.case_id
    """,
    "the parts of a refund sum to it": """
        SELECT r.id AS refund, r.case_id AS "case", r.kind, r.amount, sum(p.amount) AS parts
        FROM cases_refund r LEFT JOIN cases_refundpart p ON p.refund_id = r.id
        GROUP BY r.id
        HAVING coalesce(sum(p.amount), 0) <> CASE r.kind WHEN 'refund' THEN r.amount ELSE 0 END
    """,
    "a payment has given back the parts of its refunds": """
        SELECT p.id AS payment, p.amount, p.given_back, coalesce(sum(t.amount), 0) AS parts
        FROM cases_payment p LEFT JOIN cases_refundpart t ON t.payment_id = p.id
        GROUP BY p.id
        HAVING p.given_back <> coalesce(sum(t.amount), 0) OR p.given_back > p.amount
    """,
    "a refund goes back to the payments of its order": """
        SELECT t.id AS part, r.case_id AS "case"
        FROM cases_refundpart t
        JOIN cases_refund r ON r.id = t.refund_id
        JOIN cases_case c ON c.id = r.case_id
        JOIN cases_payment p ON p.id = t.payment_id
        WHERE p.order_id <> c.order_id
    """,
    "the counters of a line are the sum of its postings": """
        SELECT l.id AS line, l.claimed, l.reserved, l.refunded, l.outside
        FROM cases_orderline l LEFT JOIN cases_posting p ON p.line_id = l.id
        GROUP BY l.id
        HAVING (l.claimed, l.reserved, l.refunded, l.outside) <> (
            coalesce(sum(p.claimed), 0), coalesce(sum(p.reserved), 0),
            coalesce(sum(p.refunded), 0), coalesce(sum(p.outside), 0))
    """,
    "the counters of the freight are the sum of its postings": """
        SELECT o.id AS "order", o.freight_reserved, o.freight_refunded
        FROM cases_order o LEFT JOIN cases_posting p ON p.order_id = o.id AND p.line_id IS NULL
        GROUP BY o.id
        HAVING (o.freight_reserved, o.freight_refunded)
            <> (coalesce(sum(p.reserved), 0), coalesce(sum(p.refunded), 0))
    """,
    "the counters of a line are what its cases hold": """
        SELECT l.id AS line, l.claimed, l.reserved, l.refunded,
            coalesce(sum(i.quantity) FILTER (WHERE i.claims), 0) AS claim,
            coalesce(sum(i.agreed), 0) AS agreed, coalesce(sum(i.refunded), 0) AS paid
        FROM cases_orderline l LEFT JOIN cases_applicationitem i ON i.line_id = l.id
        GROUP BY l.id
        HAVING (l.claimed, l.reserved, l.refunded) <> (
            coalesce(sum(i.quantity) FILTER (WHERE i.claims), 0),
            coalesce(sum(i.agreed), 0), coalesce(sum(i.refunded), 0))
    """,
    "the freight of an order is what its cases hold": """
        SELECT o.id AS "order", o.freight_reserved, o.freight_refunded
        FROM cases_order o LEFT JOIN cases_case c ON c.order_id = o.id
        GROUP BY o.id
        HAVING (o.freight_reserved, o.freight_refunded)
            <> (coalesce(sum(c.freight), 0), coalesce(sum(c.freight_refunded), 0))
    """,
    "what was paid out is what was counted as refunded": """
        SELECT c.id AS "case", c.freight_refunded, i.refunded, r.paid
        FROM cases_case c
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.refunded), 0) AS refunded FROM cases_applicationitem i
            JOIN cases_application a ON a.id = i.application_id WHERE a.case_id = c.id
        ) AS i
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount), 0) AS paid FROM cases_refund
            WHERE case_id = c.id AND kind = 'refund' AND state IN ('succeeded', 'by_hand')
        ) AS r
        WHERE i.refunded + c.freight_refunded <> r.paid
    """,
    "a refund on its way is reserved": """
        SELECT c.id AS "case", r.amount, i.agreed + c.freight AS reserved
        FROM cases_refund r
        JOIN cases_case c ON c.id = r.case_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(i.agreed), 0) AS agreed FROM cases_applicationitem i
            JOIN cases_application a ON a.id = i.application_id WHERE a.case_id = c.id
        ) AS i
        WHERE r.state = 'pending' AND r.kind = 'refund' AND r.amount <> i.agreed + c.freight
    """,
    "a case that has ended reserves nothing": """
        SELECT c.id AS "case", c.state, c.freight, sum(i.agreed) AS agreed
        FROM cases_case c
        JOIN cases_application a ON a.case_id = c.id
        JOIN cases_applicationitem i ON i.application_id = a.id
        WHERE c.state IN ('completed', 'closed')
        GROUP BY c.id
        HAVING c.freight > 0 OR sum(i.agreed) > 0 OR bool_or(i.claims AND i.refunded = 0)
    """,
    "an open case claims its pieces": """
        SELECT c.id AS "case", c.state
        FROM cases_case c
        WHERE c.state NOT IN ('completed', 'closed') AND NOT EXISTS (
            SELECT FROM cases_application a JOIN cases_applicationitem i ON i.application_id = a.id
            WHERE a.case_id = c.id AND i.claims)
    """,
}
