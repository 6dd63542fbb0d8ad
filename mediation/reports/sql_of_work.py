"""The statements of the figures on disputes, rulings and cases."""


def narrowed(case: str) -> str:
    """Make the condition that a case is of the reason and the region asked for, if any is."""
    return f"""(%(reason)s::text IS NULL AND %(region)s::text IS NULL OR EXISTS (
        SELECT FROM cases_case n JOIN cases_order w ON w.id = n.order_id
        WHERE n.id = {case} AND n.reason = coalesce(%(reason)s, n.reason)
            AND w.region = coalesce(%(region)s, w.region)))"""


# How long ago, and how far ahead: name, from, up to. NULL: without an end.
AGES = """(VALUES
    (1, 'under_4h', NULL, interval '4 hours'),
    (2, 'under_1d', interval '4 hours', interval '1 day'),
    (3, 'under_3d', interval '1 day', interval '3 days'),
    (4, 'under_7d', interval '3 days', interval '7 days'),
    (5, 'over_7d', interval '7 days', NULL)
) AS b (number, name, low, high)"""
RANKS = """(VALUES
    (1, 'passed', NULL, interval '0'),
    (2, 'within_1d', interval '0', interval '1 day'),
    (3, 'within_2d', interval '1 day', interval '2 days'),
    (4, 'within_5d', interval '2 days', interval '5 days'),
    (5, 'later', interval '5 days', NULL)
) AS b (number, name, low, high)"""


def _bucketed(buckets: str, length: str) -> str:
    return f"""
        SELECT b.name, count(w.length)
        FROM {buckets}
        LEFT JOIN (
            SELECT {length} AS length
            FROM cases_docket k JOIN cases_dispute d ON d.case_id = k.case_id
            WHERE k.waiting AND k.marketplace_id = ANY(%(markets)s::uuid[])
                AND {narrowed("k.case_id")}
        ) AS w ON (b.low IS NULL OR w.length >= b.low) AND (b.high IS NULL OR w.length < b.high)
        GROUP BY b.number, b.name ORDER BY b.number
    """


DOCKET_AGE = _bucketed(AGES, "%(at)s::timestamptz - d.opened_at")
DOCKET_RANK = _bucketed(RANKS, "k.rank_at - %(at)s::timestamptz")

OVERDUE = f"""
    SELECT d.state, count(*) FILTER (WHERE d.overdue), count(*) FILTER (WHERE k.supervisor)
    FROM cases_docket k JOIN cases_dispute d ON d.case_id = k.case_id
    WHERE k.marketplace_id = ANY(%(markets)s::uuid[])
        AND d.state NOT IN ('final', 'settled', 'withdrawn') AND (d.overdue OR k.supervisor)
        AND {narrowed("k.case_id")}
    GROUP BY d.state ORDER BY d.state
"""

# The rulings that were given in the period, with the terms that were granted.
GIVEN = f"""
    SELECT r.*, r.content::jsonb - '{{fault,rule,statement,evidence}}'::text[] AS terms
    FROM cases_ruling r JOIN cases_case c ON c.id = r.case_id
    WHERE r.id >= %(low)s AND r.id < %(high)s AND c.marketplace_id = ANY(%(markets)s::uuid[])
        AND r.state IN ('live', 'replaced', 'final') AND {narrowed("c.id")}
"""

RULINGS = f"""
    WITH given AS ({GIVEN})
    SELECT day::date,
        count(g.id) FILTER (WHERE g.instance = 1), count(g.id) FILTER (WHERE g.instance = 2)
    FROM generate_series(
        date_trunc('day', %(since)s::timestamptz AT TIME ZONE 'UTC'),
        %(until)s::timestamptz AT TIME ZONE 'UTC' - interval '1 microsecond', interval '1 day'
    ) AS day
    LEFT JOIN given g ON date_trunc('day', g.ruled_at AT TIME ZONE 'UTC') = day
    GROUP BY day ORDER BY day
"""

# When a case came into mediation, before an event or a moment.
ENTRY = """
    SELECT b.at, b.sequence FROM cases_event b
    WHERE b.case_id = {case} AND {before}
        AND b.after = 'in_mediation' AND b.before <> 'in_mediation'
    ORDER BY b.sequence DESC LIMIT 1
"""
PERCENTILES = """
    SELECT week::date, count(*),
        round(percentile_cont(0.5) WITHIN GROUP (ORDER BY hours)::numeric, 2)::float8,
        round(percentile_cont(0.9) WITHIN GROUP (ORDER BY hours)::numeric, 2)::float8
    FROM took GROUP BY GROUPING SETS ((week), ()) ORDER BY week NULLS FIRST
"""
TOOK = """
    date_trunc('week', {until} AT TIME ZONE 'UTC') AS week,
    extract(epoch FROM {until} - entry.at)::float8 / 3600 AS hours
"""

FIRST_TOUCH = f"""
    WITH took AS (
        SELECT {TOOK.format(until="e.at")}
        FROM cases_event e
        CROSS JOIN LATERAL (
            {ENTRY.format(case="e.case_id", before="b.sequence < e.sequence")}
        ) AS entry
        WHERE e.name IN ('claim', 'assign') AND e.marketplace_id = ANY(%(markets)s::uuid[])
            AND e.at >= %(since)s AND e.at < %(until)s AND {narrowed("e.case_id")}
            AND NOT EXISTS (
                SELECT FROM cases_event p
                WHERE p.case_id = e.case_id AND p.sequence > entry.sequence
                    AND p.sequence < e.sequence AND p.name IN ('claim', 'assign'))
    ) {PERCENTILES}
"""

TIME_TO_RULING = f"""
    WITH given AS ({GIVEN}), took AS (
        SELECT {TOOK.format(until="g.ruled_at")}
        FROM given g
        CROSS JOIN LATERAL (
            {ENTRY.format(case="g.case_id", before="b.at <= g.ruled_at")}
        ) AS entry
        WHERE g.instance = 1
    ) {PERCENTILES}
"""

OPENED = f"""
    SELECT * FROM cases_case c
    WHERE c.marketplace_id = ANY(%(markets)s::uuid[])
        AND c.id >= %(earliest)s AND c.id < %(latest)s
        AND c.opened_at >= %(since)s AND c.opened_at < %(until)s AND {narrowed("c.id")}
"""

OUTCOMES = f"""
    WITH opened AS ({OPENED})
    SELECT reason, coalesce(nullif(outcome, ''), 'open') AS came, count(*)
    FROM opened GROUP BY reason, came ORDER BY reason, came
"""

# A refund is decided once, and its id tells when. The order says where the buyer is.
REFUNDS = f"""
    SELECT c.reason, o.region, r.currency, count(*),
        coalesce(sum(r.amount) FILTER (WHERE r.kind = 'refund'), 0),
        coalesce(sum(r.amount) FILTER (WHERE r.kind <> 'refund'), 0)
    FROM cases_refund r JOIN cases_case c ON c.id = r.case_id
    JOIN cases_order o ON o.id = c.order_id
    WHERE r.id >= %(low)s AND r.id < %(high)s AND r.state IN ('succeeded', 'by_hand')
        AND c.marketplace_id = ANY(%(markets)s::uuid[]) AND {narrowed("c.id")}
    GROUP BY c.reason, o.region, r.currency
    ORDER BY count(*) DESC, c.reason, o.region, r.currency
"""

APPEALED = f"""
    given AS ({GIVEN}), first AS (
        SELECT g.id, g.ruled_by, g.terms,
            EXISTS (SELECT FROM cases_appeal a WHERE a.ruling_id = g.id) AS appealed, anew.terms
                AS anew
        FROM given g
        LEFT JOIN LATERAL (
            SELECT s.content::jsonb - '{{fault,rule,statement,evidence}}'::text[] AS terms
            FROM cases_ruling s
            WHERE s.case_id = g.case_id AND s.instance = 2 AND s.round = g.round
                AND s.state = 'final'
        ) AS anew ON TRUE
        WHERE g.instance = 1
    )
"""

APPEALS = f"""
    WITH {APPEALED}, counted AS (
        SELECT count(*) AS rulings, count(*) FILTER (WHERE appealed) AS appealed,
            count(anew) AS decided, count(*) FILTER (WHERE anew <> terms) AS reversed
        FROM first
    )
    SELECT rulings, appealed, decided, reversed,
        round(appealed::numeric / nullif(rulings, 0), 4)::float8,
        round(reversed::numeric / nullif(decided, 0), 4)::float8
    FROM counted
"""

MAINLY = "(SELECT key FROM jsonb_each_text({fault}) ORDER BY value::int DESC, key LIMIT 1)"

AGREEMENT = f"""
    WITH compared AS (
        SELECT v.remedy = t.terms ->> 'remedy' AS remedy,
            abs(v.amount - r.amount) <= greatest(v.amount, r.amount) * 0.1 AS amount,
            {MAINLY.format(fault="v.fault")} = {MAINLY.format(fault="t.terms -> 'fault'")} AS fault
        FROM mediation_blindreview v JOIN cases_ruling r ON r.id = v.ruling_id
        CROSS JOIN LATERAL (SELECT r.content::jsonb AS terms) AS t
        WHERE v.marketplace_id = ANY(%(markets)s::uuid[]) AND v.calibration_id IS NULL
            AND v.reviewed_at >= %(since)s AND v.reviewed_at < %(until)s
            AND {narrowed("v.case_id")}
    )
    SELECT count(*), round(avg(remedy::int), 4)::float8, round(avg(amount::int), 4)::float8,
        round(avg(fault::int), 4)::float8
    FROM compared
"""
