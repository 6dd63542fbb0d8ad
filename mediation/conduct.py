"""What the record itself tells of how people behave: points, and figures that stand out.

Points come from what is in the timeline and in final rulings, once for each. Signals are figures
over rolling windows: they are shown to our people and refuse nothing. When the points of a seller
reach a rung of its policy's ladder, the record complains, so that the seller is heard before
anything follows. All of it may be computed again at any time and changes nothing twice.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cases.actors import CLOCK
from cases.conduct import POINTS, SIGNALS
from cases.ids import first_id, new_id
from cases.models import Marketplace, Party, Penalty, Signal
from cases.models.policy import in_force, pinned, preload
from cases.policy import Conduct
from cases.refusals import Refused
from mediation import complaint_post, complaints
from mediation.steps import database_clock

BATCH = 500
NOTHING = UUID(int=0)
LOOKS_BACK = timedelta(days=7)  # for clocks that ran out: the sweep comes each hour
LOOKS_AT_RULINGS = timedelta(days=90)  # as long as an appeal may take
LATE = timedelta(hours=48)  # from order to dispatch
LOCK = 0x0C0D_0C7  # of one sweep at a time
# Which clock, when it runs out, is which violation of the seller's.
LATE_CLOCKS = {"seller_response": "late_answer", "dispatch": "late_dispatch"}
FAULT = 50  # percent of it that a final ruling lays on the seller

VIOLATIONS = """
SELECT found.source_id, found.cause, c.id, c.marketplace_id, c.seller_id, c.policy_id, c.clock_id
FROM (
    SELECT e.id AS source_id, e.case_id, t.cause
    FROM cases_event e
    JOIN unnest(%(clocks)s::text[], %(causes)s::text[]) AS t (clock, cause)
        ON t.clock = e.payload::jsonb -> 'clock' ->> 'name'
    WHERE e.id >= %(first)s AND e.clock IS NOT NULL AND e.at >= %(since)s AND e.at <= %(at)s
    UNION ALL
    SELECT r.id, r.case_id, 'at_fault'
    FROM cases_ruling r
    WHERE r.state = 'final' AND r.ruled_at >= %(ruled_since)s AND r.ruled_at <= %(at)s
        AND (r.content::jsonb -> 'fault' ->> 'seller')::int >= %(fault)s
) AS found
JOIN cases_case c ON c.id = found.case_id
WHERE c.clock_id IS NOT DISTINCT FROM %(clock_id)s AND found.source_id > %(after)s
    AND NOT EXISTS (SELECT FROM cases_penalty p WHERE p.source_id = found.source_id)
ORDER BY found.source_id LIMIT %(limit)s
"""

REACHED = """
SELECT p.party_id, sum(p.points)::int, max(p.begins_at)
FROM cases_penalty p JOIN unnest(%(markets)s::uuid[], %(lowest)s::int[]) AS t (market, lowest)
    ON t.market = p.marketplace_id
WHERE p.kind = 'points' AND p.lifted_at IS NULL AND p.begins_at <= %(at)s AND p.ends_at > %(at)s
GROUP BY p.party_id, t.lowest
HAVING sum(p.points) >= t.lowest AND NOT EXISTS (
    SELECT FROM cases_complaint c
    WHERE c.accused_id = p.party_id AND c.ground = 'points' AND c.opened_at >= max(p.begins_at))
"""

# Signal → its figures: marketplace, party, subject, how many rows it is of, value, explanation.
CASES = "FROM terms t JOIN cases_case c ON c.marketplace_id = t.market AND c.opened_at >= t.since"
ORDERS = "FROM terms t JOIN cases_order o ON o.marketplace_id = t.market AND o.placed_at >= t.since"
SLOW = "o.shipped_at IS NULL OR o.shipped_at > o.placed_at + %(late)s"
FIGURES = {
    "frequent_refunder": f"""
        SELECT c.marketplace_id, c.buyer_id, '', count(*), count(*),
            jsonb_build_object('cases', count(*))
        {CASES} GROUP BY 1, 2
    """,
    "odd_reasons": f"""
        SELECT c.marketplace_id, c.buyer_id, '', count(*), count(DISTINCT c.reason),
            jsonb_build_object('cases', count(*), 'reasons', count(DISTINCT c.reason))
        {CASES} GROUP BY 1, 2
    """,
    "unfounded_claims": f"""
        SELECT c.marketplace_id, c.buyer_id, '', count(*),
            100 * count(*) FILTER (WHERE c.outcome = 'ruled_for_seller') / count(*),
            jsonb_build_object('cases', count(*),
                'lost', count(*) FILTER (WHERE c.outcome = 'ruled_for_seller'))
        {CASES} WHERE c.outcome <> '' GROUP BY 1, 2
    """,
    "high_refund_rate": f"""
        SELECT o.marketplace_id, o.seller_id, '', count(DISTINCT o.id),
            100 * count(DISTINCT k.order_id) / count(DISTINCT o.id),
            jsonb_build_object('orders', count(DISTINCT o.id),
                'with_case', count(DISTINCT k.order_id))
        {ORDERS} LEFT JOIN cases_case k ON k.order_id = o.id GROUP BY 1, 2
    """,
    "slow_dispatch": f"""
        SELECT o.marketplace_id, o.seller_id, '', count(*),
            100 * count(*) FILTER (WHERE {SLOW}) / count(*),
            jsonb_build_object('orders', count(*), 'slow', count(*) FILTER (WHERE {SLOW}))
        {ORDERS} WHERE o.placed_at < %(at)s - %(late)s GROUP BY 1, 2
    """,
    "sku_cluster": f"""
        SELECT c.marketplace_id, c.seller_id, l.sku, count(DISTINCT c.id), count(DISTINCT c.id),
            jsonb_build_object('cases', count(DISTINCT c.id))
        {CASES} JOIN cases_application a ON a.case_id = c.id
        JOIN cases_applicationitem i ON i.application_id = a.id
        JOIN cases_orderline l ON l.id = i.line_id GROUP BY 1, 2, 3
    """,
}
RAISE = """
WITH terms AS (
    SELECT * FROM unnest(
        %(markets)s::uuid[], %(since)s::timestamptz[], %(threshold)s::int[], %(least)s::int[]
    ) AS t (market, since, threshold, least)
), figures (market, party, subject, base, value, explanation) AS ({figures})
SELECT f.market, f.party, f.subject, t.since, f.value::int, t.threshold, f.explanation::text
FROM figures f JOIN terms t USING (market)
WHERE f.value >= t.threshold AND f.base >= t.least
"""


def sweep(
    *, clock: Callable[[], datetime] = database_clock, clock_id: UUID | None = None
) -> dict[str, int]:
    """Give points, complain of who has too many, and look at the figures.

    :param clock_id: a test clock; None: the live marketplaces
    :returns: how many points were given, complaints brought, and signals raised or kept up
    """
    points = give_points(clock=clock, clock_id=clock_id)
    brought = complain(clock=clock, clock_id=clock_id)
    return {
        "points": points,
        "complaints": brought,
        "signals": look(clock=clock, clock_id=clock_id),
    }


def give_points(*, clock: Callable[[], datetime], clock_id: UUID | None = None) -> int:
    """Give sellers the points of what the record tells, once for each event or ruling."""
    given, after = 0, NOTHING
    while after is not None:
        count, after = _give_some(clock, clock_id, after)
        given += count
    return given


@transaction.atomic(durable=True)
def _give_some(clock, clock_id, after):
    """Look at one batch; tell how many got points, and after which source the next one begins."""
    _ask("SELECT pg_advisory_xact_lock(%(lock)s)", lock=LOCK)
    at = clock()
    found = _ask(
        VIOLATIONS,
        at=at,
        first=first_id(at - LOOKS_BACK),  # ids sort by their moments, and are indexed
        since=at - LOOKS_BACK,
        after=after,
        ruled_since=at - LOOKS_AT_RULINGS,
        clocks=list(LATE_CLOCKS),
        causes=list(LATE_CLOCKS.values()),
        fault=FAULT,
        clock_id=clock_id,
        limit=BATCH,
    )
    preload({row[5] for row in found})
    rows = [row for violation in found if (row := _points(violation, at)) is not None]
    Penalty.objects.bulk_create(rows)
    complaint_post.points_given(rows, at=at)
    return len(rows), found[-1][0] if found else None


def _points(violation, at):
    source_id, cause, case_id, marketplace_id, seller_id, policy_id, clock_id = violation
    policy = pinned(policy_id)
    points = policy.conduct.points[cause]
    if not points:
        return None
    return Penalty(
        id=new_id(at),
        marketplace_id=marketplace_id,
        clock_id=clock_id,
        party_id=seller_id,
        kind=POINTS,
        points=points,
        cause=cause,
        case_id=case_id,
        source_id=source_id,
        begins_at=at,
        ends_at=policy.ends(policy.conduct.points_last, at),
    )


def complain(*, clock: Callable[[], datetime], clock_id: UUID | None = None) -> int:
    """Bring a complaint of the record against each seller whose points reach the ladder.

    Not again until there are new points: who was heard about these is left alone.
    """
    at = clock()
    markets = _markets(at, clock_id)
    lowest = [min(terms.ladder.values(), default=0) for _, _, terms in markets]
    reached = _ask(REACHED, at=at, markets=[m.pk for m, _, _ in markets], lowest=lowest)
    sellers = Party.everywhere.in_bulk([party_id for party_id, _, _ in reached])
    policies = {market.pk: version.pk for market, version, _ in markets}
    answers = [_complain(sellers[row[0]], policies, clock, clock_id, at) for row in reached]
    return sum(not isinstance(answer, Refused) for answer in answers)


def _complain(seller, policies, clock, clock_id, at):
    new = complaints.new(
        seller,
        ground=POINTS,
        by=CLOCK,
        at=at,
        policy_id=policies[seller.marketplace_id],
        clock_id=clock_id,
    )
    wish = complaints.Wish(complaint_id=new.id, step="file", by=CLOCK, new=new)
    return complaints.take(wish, clock=clock)


def look(*, clock: Callable[[], datetime], clock_id: UUID | None = None) -> int:
    """Compute every signal afresh: one statement each; what no longer stands out is cleared."""
    at = clock()
    markets = _markets(at, clock_id)
    found = [_signal(name, row, at) for name in SIGNALS for row in _figures(name, markets, at)]
    with transaction.atomic():
        Signal.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["party", "name", "subject"],
            update_fields=["since", "until", "value", "threshold", "explanation", "cleared_at"],
        )
        gone = Signal.objects.filter(
            marketplace__in=[market.pk for market, _, _ in markets], cleared_at=None, until__lt=at
        )
        gone.update(cleared_at=at)
    return len(found)


def _figures(name, markets, at):
    terms = [conduct.signals[name] for _, _, conduct in markets]
    return _ask(
        RAISE.replace("{figures}", FIGURES[name]),
        at=at,
        late=LATE,
        markets=[market.pk for market, _, _ in markets],
        since=[at - timedelta(days=each.days) for each in terms],
        threshold=[each.threshold for each in terms],
        least=[each.least for each in terms],
    )


def _signal(name, row, at):
    market, party, subject, since, value, threshold, explanation = row
    return Signal(
        id=new_id(at),
        marketplace_id=market,
        party_id=party,
        name=name,
        subject=subject,
        since=since,
        until=at,
        value=value,
        threshold=threshold,
        explanation=json.loads(explanation),
        raised_at=at,
    )


def _markets(at: datetime, clock_id: UUID | None) -> list[tuple[Marketplace, Any, Conduct]]:
    """Read the marketplaces of a clock, each with the policy that is in force."""
    markets = list(Marketplace.objects.filter(clock_id=clock_id))
    versions = {name: in_force(name, at) for name in {m.policy_name for m in markets}}
    return [
        (m, versions[m.policy_name], pinned(versions[m.policy_name].pk).conduct) for m in markets
    ]


def _ask(sql, **values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
