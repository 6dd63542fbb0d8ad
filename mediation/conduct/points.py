"""Points of sellers for what the record tells, and the complaint when there are too many."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from cases.actors import CLOCK
from cases.conduct import POINTS
from cases.ids import first_id, new_id
from cases.models import Party, Penalty
from cases.models.policy import pinned, preload
from cases.refusals import Refused
from mediation.complaints import filing, post, writer
from mediation.conduct.asking import ask, markets_of

BATCH = 500
NOTHING = UUID(int=0)
LOOKS_BACK = timedelta(days=7)  # for clocks that ran out: the sweep comes each hour
LOOKS_AT_RULINGS = timedelta(days=90)  # as long as an appeal may take
LOCK = 0x0C0D_0C7  # of one sweep at a time
# Which clock, when it runs out, is which violation of the seller's.
LATE_CLOCKS = {"seller_response": "late_answer", "dispatch": "late_dispatch"}
FAULT = 50  # percent of it that a final ruling lays on the seller

VIOLATIONS = """
SELECT found.source_id, found.cause, c.id AS case_id, c.marketplace_id, c.seller_id AS party_id,
    c.policy_id, c.clock_id
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
SELECT p.party_id
FROM cases_penalty p JOIN unnest(%(markets)s::uuid[], %(lowest)s::int[]) AS t (market, lowest)
    ON t.market = p.marketplace_id
WHERE p.kind = 'points' AND p.lifted_at IS NULL AND p.begins_at <= %(at)s AND p.ends_at > %(at)s
GROUP BY p.party_id, t.lowest
HAVING sum(p.points) >= t.lowest AND NOT EXISTS (
    SELECT FROM cases_complaint c
    WHERE c.accused_id = p.party_id AND c.ground = 'points' AND c.opened_at >= max(p.begins_at))
"""


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
    ask("SELECT pg_advisory_xact_lock(%(lock)s)", lock=LOCK)
    at = clock()
    found = ask(
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
    preload({row["policy_id"] for row in found})
    rows = [row for violation in found if (row := _points(at, **violation)).points]
    Penalty.objects.bulk_create(rows)
    post.points_given(rows, at=at)
    return len(rows), found[-1]["source_id"] if found else None


def _points(at: datetime, *, policy_id: UUID, cause: str, **of: Any) -> Penalty:
    """Make the row; what the policy takes lightly is worth no points."""
    policy = pinned(policy_id)
    return Penalty(
        id=new_id(at),
        kind=POINTS,
        points=policy.conduct.points[cause],
        cause=cause,
        begins_at=at,
        ends_at=policy.ends(policy.conduct.points_last, at),
        **of,
    )


def complain(*, clock: Callable[[], datetime], clock_id: UUID | None = None) -> int:
    """Bring a complaint of the record against each seller whose points reach the ladder.

    Not again until there are new points: who was heard about these is left alone.
    """
    at = clock()
    markets = markets_of(clock_id, at)
    lowest = [min(terms.ladder.values(), default=0) for _, _, terms in markets]
    reached = ask(REACHED, at=at, markets=[m.pk for m, _, _ in markets], lowest=lowest)
    sellers = Party.everywhere.in_bulk([row["party_id"] for row in reached])
    policies = {market.pk: version.pk for market, version, _ in markets}
    answers = [_complain(seller, policies, clock, clock_id, at) for seller in sellers.values()]
    return sum(not isinstance(answer, Refused) for answer in answers)


def _complain(seller, policies, clock, clock_id, at):
    new = filing.new(
        seller,
        ground=POINTS,
        by=CLOCK,
        at=at,
        policy_id=policies[seller.marketplace_id],
        clock_id=clock_id,
    )
    wish = writer.Wish(complaint_id=new.id, step="file", by=CLOCK, new=new)
    return writer.take(wish, clock=clock)
