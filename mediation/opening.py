"""Opening a case: the order's lines are locked, so that no two cases claim the same piece."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery

from cases.actions import STEPS
from cases.compiled import Blank, Compiled
from cases.models import Case, Order, Pause, Penalty, PolicyVersion
from cases.models.case import GENESIS
from cases.models.pause import concerning
from cases.models.policy import begun, pinned, preload
from cases.reading import prepared
from mediation.arrays import array
from mediation.changes import Changes

# NO KEY: new rows that refer to a line need not wait for it.
LINES = """
SELECT id FROM cases_orderline WHERE order_id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
# Rows of sellers are locked by whoever tells of an order before its lines: that would be a circle.
SELLERS = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('guarantee ' || id, 0) AS key
    FROM unnest(%s::uuid[]) AS id ORDER BY key
) AS sellers
"""


def _orders_to_open():
    policies = begun(OuterRef("marketplace__policy_name"), Blank("at")).values("id")
    pauses = Pause.objects.filter(concerning(OuterRef("marketplace"), OuterRef("region")))
    penalties = Penalty.objects.in_force(Blank("at")).filter(party=OuterRef("buyer"))
    kinds = penalties.exclude(kind="points").order_by("kind").values("kind").distinct()
    orders = Order.everywhere.select_related("marketplace", "buyer").annotate(
        policy_now=Subquery(policies[:1]),
        policy_bought=Subquery(policies.filter(effective_from__lte=OuterRef("placed_at"))[:1]),
        paused_by=Subquery(pauses.order_by("began_at").values("id")[:1]),
        restrictions=ArraySubquery(kinds),
    )
    return Compiled(orders.filter(id__any_of=Blank("ids")))


ORDERS = _orders_to_open()


def lock(wishes: list[Any], cases: dict[UUID, Case]) -> None:
    """Lock the lines of orders of which no two cases may go on at once, by primary key.

    These are the ones that cases are opened for, and those whose cases are added up. The cases
    are locked before, and a flush comes to the lines after them too: nobody waits in a circle.
    Last come the sellers for whom the platform may pay first now, up to a limit for each.

    :param cases: those of the wishes that are there already
    """
    steps = [(wish.step, cases[wish.case_id]) for wish in wishes if wish.order_id is None]
    adding = [case for step, case in steps if step in STEPS and STEPS[step].rule.adds_up]
    orders = {wish.order_id for wish in wishes} - {None} | {case.order_id for case in adding}
    preload({case.policy_id for case in adding})
    sellers = {c.seller_id for c in adding if pinned(c.policy_id).pays_first(c.currency)}
    for locks, ids in ((LINES, orders), (SELLERS, sellers)):
        if ids:
            with prepared() as cursor:
                cursor.execute(locks, [array([*ids])])


def new_cases(wishes: list[Any], changes: Changes) -> dict:
    """Make the cases in memory, in state `new`: the step `open` does the rest.

    A case is opened into a pause that runs: its clocks stand still from their first moment on.

    :raises KeyError: an order does not exist
    :raises PolicyVersion.DoesNotExist: no version of a marketplace's policy is in force
    """
    openings = [wish for wish in wishes if wish.order_id is not None]
    orders = _orders({wish.order_id for wish in openings}, changes.at) if openings else {}
    cases = {}
    for wish in openings:
        order = orders[wish.order_id]
        cases[wish.case_id] = Case(
            id=wish.case_id,
            marketplace_id=order.marketplace_id,
            order_id=order.id,
            buyer_id=order.buyer_id,
            seller_id=order.seller_id,
            policy_id=_policy(order),
            clock_id=order.marketplace.clock_id,
            currency=order.currency,
            language=order.buyer.language,
            opened_at=changes.at,
            paused_by=order.paused_by,
            restrictions=order.restrictions,
            head=GENESIS,
            reason=wish.inputs["reason"],
            remedy=wish.inputs["remedy"],
            amount=0,
        )
    return cases


def _orders(ids, at):
    """Read orders with what a case that is opened now is to keep: one statement.

    And one more for policies that this process does not know yet: they say which version counts.
    """
    found = {order.id: order for order in ORDERS(ids=array([*ids]), at=at)}
    preload({order.policy_now for order in found.values()} - {None})
    return found


def _policy(order):
    """Choose by the version in force now; what was bought before the first has no other."""
    if order.policy_now is None:
        name = order.marketplace.policy_name
        raise PolicyVersion.DoesNotExist(f"No version of the policy {name} is in force.")
    by_purchase = pinned(order.policy_now).pin == "purchase"
    return (by_purchase and order.policy_bought) or order.policy_now
