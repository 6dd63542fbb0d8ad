"""Figures over rolling windows that stand out: one statement for each kind of signal."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from cases.conduct import SIGNALS
from cases.ids import new_id
from cases.models import Signal
from mediation.conduct.asking import ask, markets_of

LATE = timedelta(hours=48)  # from order to dispatch
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
SELECT f.market AS marketplace_id, f.party AS party_id, f.subject, t.since, f.value::int,
    t.threshold, f.explanation::text
FROM figures f JOIN terms t USING (market)
WHERE f.value >= t.threshold AND f.base >= t.least
"""


def look(*, clock: Callable[[], datetime], clock_id: UUID | None = None) -> int:
    """Compute every signal afresh: one statement each; what no longer stands out is cleared."""
    at = clock()
    markets = markets_of(clock_id, at)
    found = [_signal(name, at, **row) for name in SIGNALS for row in _figures(name, markets, at)]
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
    return ask(
        RAISE.replace("{figures}", FIGURES[name]),
        at=at,
        late=LATE,
        markets=[market.pk for market, _, _ in markets],
        since=[at - timedelta(days=each.days) for each in terms],
        threshold=[each.threshold for each in terms],
        least=[each.least for each in terms],
    )


def _signal(name: str, at: datetime, *, explanation: str, **figures: Any) -> Signal:
    told = json.loads(explanation)
    return Signal(id=new_id(at), name=name, until=at, raised_at=at, explanation=told, **figures)
