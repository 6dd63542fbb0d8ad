"""Relations: one tenant, one clock and one case along every key."""

# What belongs to a case and says itself of which marketplace it is.
OF_A_CASE = ("cases_docket", "cases_event", "cases_parcel")
# What belongs to a case and has a time of its own.
TIMED = ("cases_clock", "cases_docket", "mediation_effect")
# What belongs to a case and names the event that it came with.
WITH_AN_EVENT = (
    "cases_evidence",
    "cases_message",
    "cases_posting",
    "cases_refund",
    "cases_statement",
    "mediation_effect",
)

RELATIONS = {
    "a case is of the marketplace of its order and its parties": """
        SELECT c.id AS "case"
        FROM cases_case c
        JOIN cases_order o ON o.id = c.order_id
        JOIN cases_party b ON b.id = c.buyer_id
        JOIN cases_party s ON s.id = c.seller_id
        WHERE (c.marketplace_id, c.buyer_id, c.seller_id, c.currency)
                <> (o.marketplace_id, o.buyer_id, o.seller_id, o.currency)
            OR (b.marketplace_id, b.role) <> (c.marketplace_id, 'buyer')
            OR (s.marketplace_id, s.role) <> (c.marketplace_id, 'seller')
    """,
    "what belongs to a case is of its marketplace": " UNION ALL ".join(
        f"""SELECT '{table}' AS "table", t.id, t.case_id AS "case"
            FROM {table} t JOIN cases_case c ON c.id = t.case_id
            WHERE t.marketplace_id <> c.marketplace_id"""
        for table in OF_A_CASE
    ),
    "what belongs to a case lives on its clock": " UNION ALL ".join(
        f"""SELECT '{table}' AS "table", t.id, t.case_id AS "case"
            FROM {table} t JOIN cases_case c ON c.id = t.case_id
            WHERE t.clock_id IS DISTINCT FROM c.clock_id"""
        for table in TIMED
    ),
    "what came with an event came with one of its case": " UNION ALL ".join(
        f"""SELECT '{table}' AS "table", t.id, t.case_id AS "case"
            FROM {table} t LEFT JOIN cases_event e ON e.id = t.event_id
            WHERE e.case_id IS DISTINCT FROM t.case_id"""
        for table in WITH_AN_EVENT
    ),
    "a case asks for lines of its own order": """
        SELECT i.id AS item, a.case_id AS "case"
        FROM cases_applicationitem i
        JOIN cases_application a ON a.id = i.application_id
        JOIN cases_case c ON c.id = a.case_id
        JOIN cases_orderline l ON l.id = i.line_id
        WHERE l.order_id <> c.order_id
    """,
    "postings are of the order of their case": """
        SELECT p.id AS posting, p.case_id AS "case"
        FROM cases_posting p
        JOIN cases_case c ON c.id = p.case_id
        LEFT JOIN cases_orderline l ON l.id = p.line_id
        WHERE p.order_id <> c.order_id OR l.order_id <> c.order_id
    """,
    "one ruling is live": """
        SELECT case_id AS "case", count(*) AS rulings FROM cases_ruling
        WHERE state IN ('draft', 'live') GROUP BY case_id HAVING count(*) > 1
    """,
    "the latest application alone claims and is agreed on": """
        SELECT a.case_id AS "case", a.number
        FROM cases_application a
        JOIN cases_applicationitem i ON i.application_id = a.id
        WHERE (i.agreed > 0 OR i.claims AND i.refunded = 0) AND EXISTS (
            SELECT FROM cases_application later
            WHERE later.case_id = a.case_id AND later.number > a.number)
    """,
    "a file belongs to those who brought it, and to the case or complaint that names it": """
        SELECT f.id AS file, f.case_id AS "case", f.complaint_id AS complaint
        FROM cases_file f
        LEFT JOIN cases_case c ON c.id = f.case_id
        LEFT JOIN cases_complaint k ON k.id = f.complaint_id
        LEFT JOIN cases_party p ON p.id = f.party_id
        WHERE coalesce(c.marketplace_id, k.marketplace_id) <> f.marketplace_id
            OR (p.marketplace_id, p.role) <> (f.marketplace_id, f.role)
            OR c.id IS NOT NULL AND p.id NOT IN (c.buyer_id, c.seller_id)
            OR p.id <> k.accused_id AND p.id IS DISTINCT FROM k.reporter_id
    """,
    "evidence is a file of its own case": """
        SELECT e.id AS evidence, e.case_id AS "case", f.id AS file
        FROM cases_evidence e JOIN cases_file f ON f.id = e.file_id
        WHERE f.case_id IS DISTINCT FROM e.case_id OR f.sha256 <> e.sha256 OR f.role <> e.role
    """,
    "what a message brings along is its author's, and of its case": """
        SELECT m.id AS message, m.case_id AS "case", f.id AS file
        FROM cases_attachment a
        JOIN cases_message m ON m.id = a.message_id
        JOIN cases_file f ON f.id = a.file_id
        WHERE f.case_id IS DISTINCT FROM m.case_id OR f.role <> m.role
            OR f.party_id IS DISTINCT FROM m.party_id
    """,
    "a ruling is found in its own marketplace": """
        SELECT t.ruling_id AS ruling, t.token
        FROM cases_rulingtoken t
        JOIN cases_ruling r ON r.id = t.ruling_id
        JOIN cases_case c ON c.id = r.case_id
        WHERE c.marketplace_id <> t.marketplace_id
    """,
    "no case lives by a policy that was cancelled": """
        SELECT c.id AS "case", p.name, p.version
        FROM cases_policyversion p JOIN cases_case c ON c.policy_id = p.id
        WHERE p.cancelled_at IS NOT NULL
    """,
    "a blind review is of its ruling, and by nobody who decided the case": """
        SELECT b.id AS review, b.case_id AS "case"
        FROM mediation_blindreview b
        JOIN cases_ruling r ON r.id = b.ruling_id
        JOIN cases_case c ON c.id = r.case_id
        WHERE (b.case_id, b.marketplace_id, b.ruled_by) <> (c.id, c.marketplace_id, r.ruled_by)
            OR b.excluded ? b.reviewer OR NOT b.excluded ? b.ruled_by
    """,
    "a calibration case is one that was ruled on, and so are the decisions of it": """
        SELECT k.id AS calibration, k.case_id AS "case", b.id AS review
        FROM mediation_calibration k
        JOIN cases_case c ON c.id = k.case_id
        JOIN cases_ruling r ON r.id = k.ruling_id
        LEFT JOIN mediation_blindreview b ON b.calibration_id = k.id
        WHERE (k.marketplace_id, k.case_id) <> (c.marketplace_id, r.case_id)
            OR (b.case_id, b.ruling_id) <> (k.case_id, k.ruling_id)
            OR NOT k.excluded ? r.ruled_by OR NOT b.excluded @> k.excluded
    """,
    "a plan of shifts has a moment at which it speaks next": """
        SELECT m.id AS mediator, m.plan_due_at, p.shifts
        FROM mediation_mediator m
        CROSS JOIN LATERAL (
            SELECT count(*) AS shifts, count(*) FILTER (WHERE valid_until IS NULL) AS endless
            FROM mediation_shift WHERE mediator_id = m.id
        ) AS p
        WHERE CASE WHEN m.plan_due_at IS NULL THEN p.endless > 0 ELSE p.shifts = 0 END
    """,
    "a webhook goes to the marketplace of its case": """
        SELECT d.id AS delivery, d.case_id AS "case", d.endpoint_id AS endpoint
        FROM notifications_delivery d
        JOIN notifications_webhookendpoint e ON e.id = d.endpoint_id
        JOIN cases_case c ON c.id = d.case_id
        WHERE c.marketplace_id <> e.marketplace_id
    """,
    "a docket entry is that of its case's dispute": """
        SELECT d.case_id AS "case"
        FROM cases_dispute d LEFT JOIN cases_docket k ON k.id = d.id
        WHERE k.case_id IS DISTINCT FROM d.case_id
    """,
}
