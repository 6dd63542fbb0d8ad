"""Open cases by the hundred thousand: the rows that the writer leaves, made by set-based SQL.

A test opens the same cases through the writer and compares all tables row by row.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from benchmarks import opened
from cases.ids import new_id
from cases.models import Marketplace, Order, PolicyVersion
from cases.models.policy import publish

# The seller is not reminded, so that a case has exactly the rows of its opening.
POLICY = """
name = "bench"
inherits = "default"
title = {en = "Benchmark", zh = "基准测试"}
[clocks.seller_response]
remind = []
[rank]
harm = {late = 4}
"""
SILENCE = timedelta(hours=48)  # what `seller_response` is set to
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
CASES_PER_SELLER = 100

# Number of the case → its moments, its amount in minor units, and the ids of its rows, which
# sort by the moment that they were made at. `uuidv7` takes the distance to now.
PLAN = """
CREATE TEMPORARY TABLE filled AS
SELECT i, at, due_at, 500 + i * 37 %% 150000 AS amount,
       CASE WHEN i %% 3 = 0 THEN 'zh-hans' ELSE 'en' END AS language,
       CASE WHEN i %% 2 = 0 THEN 'duplicate' ELSE 'late' END AS reason,
       CASE WHEN i %% 2 = 0 THEN 'buyer' ELSE 'seller' END AS freight_payer,
       first_value(shop) OVER (PARTITION BY i / %(per_seller)s ORDER BY i) AS seller_id,
       i %% %(per_seller)s = 0 AS new_seller,
       uuidv7(away) AS buyer_id, uuidv7(away) AS order_id, uuidv7(away) AS line_id,
       uuidv7(away) AS payment_id, uuidv7(away) AS case_id, uuidv7(away) AS event_id,
       uuidv7(away) AS application_id, uuidv7(away) AS item_id, uuidv7(away) AS posting_id,
       uuidv7(away) AS clock_id, uuidv7(away) AS effect_id, uuidv7(away) AS statement_id
FROM (SELECT i, at, due_at, away, uuidv7(away) AS shop
      FROM generate_series(0, %(n)s - 1) AS i,
           LATERAL (SELECT %(first_due)s::timestamptz + i * %(step)s::interval AS due_at) AS due,
           LATERAL (SELECT due_at - %(silence)s::interval AS at) AS opened,
           LATERAL (SELECT at - clock_timestamp() AS away) AS distance) AS moments
"""


def marketplace() -> Marketplace:
    """Give the benchmark's tenant; make it, and its policy, when it is not there."""
    found = Marketplace.objects.filter(slug="bench").first()
    if found is None:
        publish(POLICY, effective_from=LONG_AGO, at=LONG_AGO)
        found = Marketplace.objects.create(
            id=new_id(LONG_AGO),
            slug="bench",
            name="Bench",
            issuer="https://bench.example",
            secret="b" * 32,
            policy_name="bench",
        )
    return found


def fill(n: int, *, first_due: datetime, step: timedelta = timedelta(0)) -> None:
    """Add n cases in which the seller is awaited; the i-th is due at `first_due + i * step`."""
    _insert(n, opened.statements(), first_due, step)


def buy(n: int, *, at: datetime) -> list[tuple[str, str]]:
    """Add n orders that nobody has applied for yet, which came a day before; too late.

    :returns: of each the marketplace's id, and that of its buyer
    """
    _insert(n, opened.purchases(claimed=0), at + SILENCE, timedelta(0))
    orders = Order.everywhere.filter(marketplace=marketplace(), placed_at=at - opened.SINCE_PLACED)
    return list(orders.values_list("ref", "buyer__ref"))


@transaction.atomic
def _insert(n, statements, first_due, step):
    """Foreign keys are not checked on the way, which takes twice as long; a test sees to them."""
    market = marketplace()
    policy = PolicyVersion.objects.get(name="bench")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            PLAN,
            {
                "n": n,
                "first_due": first_due,
                "step": f"{step / timedelta(microseconds=1):.0f} microseconds",
                "silence": f"{SILENCE / timedelta(hours=1):.0f} hours",
                "per_seller": CASES_PER_SELLER,
            },
        )
        for statement in statements:
            cursor.execute(statement, {"marketplace": market.id, "policy": policy.id})
        cursor.execute("DROP TABLE filled")
        cursor.execute("SET LOCAL session_replication_role = origin")


def vacuum() -> None:
    """Do what autovacuum does some time after a bulk load."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
