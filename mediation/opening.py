"""Opening a case: the order's lines are locked, so that no two cases claim the same piece."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from cases.actions import STEPS
from cases.models import Case, Order, OrderLine, Pause, Penalty
from cases.models.case import GENESIS
from cases.models.pause import concerning
from cases.models.policy import in_force
from mediation.changes import Changes

PAUSES = Pause.objects.filter(concerning(OuterRef("marketplace"), OuterRef("region")))
PAUSED_BY = Subquery(PAUSES.order_by("began_at").values("id")[:1])


def lock(wishes: list[Any], cases: dict[UUID, Case]) -> None:
    """Lock the lines of orders of which no two cases may go on at once, by primary key.

    These are the ones that cases are opened for, and those whose cases are added up. The cases
    are locked before, and a flush comes to the lines after them too: nobody waits in a circle.

    :param cases: those of the wishes that are there already
    """
    adds_up = [wish for wish in wishes if wish.step in STEPS and STEPS[wish.step].rule.adds_up]
    orders = {wish.order_id for wish in wishes} - {None}
    orders |= {cases[wish.case_id].order_id for wish in adds_up}
    if orders:
        lines = OrderLine.objects.filter(order__in=orders).order_by("pk")
        list(lines.select_for_update(of=("self",)).values_list("pk"))


def orders_of(wishes: list[Any]) -> dict:
    """Read the orders that cases are to be opened for, after the lock.

    :returns: order id → Order; `paused_by` is the pause that concerns it
    """
    ids = [wish.order_id for wish in wishes if wish.order_id is not None]
    if not ids:
        return {}
    orders = Order.everywhere.select_related("marketplace", "buyer")
    return orders.annotate(paused_by=PAUSED_BY).in_bulk(ids)


def new_cases(wishes: list[Any], orders: dict, changes: Changes) -> dict:
    """Make the cases in memory, in state `new`: the step `open` does the rest.

    A case is opened into a pause that runs: its clocks stand still from their first moment on.
    """
    openings = [wish for wish in wishes if wish.order_id is not None]
    policies = {
        name: in_force(name, changes.at)
        for name in {orders[wish.order_id].marketplace.policy_name for wish in openings}
    }
    restricted = restrictions_of({orders[w.order_id].buyer_id for w in openings}, changes.at)
    cases = {}
    for wish in openings:
        order = orders[wish.order_id]
        cases[wish.case_id] = Case(
            id=wish.case_id,
            marketplace_id=order.marketplace_id,
            order_id=order.id,
            buyer_id=order.buyer_id,
            seller_id=order.seller_id,
            policy=policies[order.marketplace.policy_name],
            clock_id=order.marketplace.clock_id,
            currency=order.currency,
            language=order.buyer.language,
            opened_at=changes.at,
            paused_by=order.paused_by,
            restrictions=restricted.get(order.buyer_id, []),
            head=GENESIS,
            reason=wish.inputs["reason"],
            remedy=wish.inputs["remedy"],
            amount=0,
        )
    return cases


def restrictions_of(parties: Collection[UUID], at: datetime) -> dict[UUID, list[str]]:
    """Read by what some buyers or sellers are restricted: one statement, or none for nobody."""
    found: dict[UUID, list[str]] = defaultdict(list)
    if parties:
        standing = Penalty.objects.in_force(at).filter(party__in=parties).exclude(kind="points")
        for party_id, kind in standing.values_list("party", "kind").distinct().order_by("kind"):
            found[party_id].append(kind)
    return dict(found)
