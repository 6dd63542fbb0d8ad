"""A compiled queryset reads what the queryset would read, with other values each time."""

import pytest
from django.db.models import F
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from cases.compiled import Blank, Compiled
from cases.models import Order
from tests import world

pytestmark = pytest.mark.django_db

ORDERS = (
    Order.everywhere.select_related("buyer__marketplace")
    .annotate(shop=F("seller__ref"))
    .filter(currency="CNY")
    .order_by("-ref")
)
BY_BUYER = Compiled(ORDERS.filter(buyer=Blank("buyer")))


def told(order):
    of = order.buyer
    return [
        {name: value for name, value in vars(row).items() if name != "_state"}
        for row in (order, of, of.marketplace)
    ]


def test_rows_joined_and_annotated_are_those_of_the_queryset(django_assert_num_queries):
    market = world.marketplace()
    ann, bob = world.party(market, "buyer"), world.party(market, "buyer")
    for buyer in (ann, ann, bob):
        world.order(market, buyer=buyer)
    world.order(market, buyer=ann, currency="EUR")

    for buyer, n in ((ann, 2), (bob, 1)):
        with django_assert_num_queries(1):
            found = BY_BUYER(buyer=buyer.id)
            shown = [told(order) for order in found]
        assert shown == [told(order) for order in ORDERS.filter(buyer=buyer)]
        assert len(found) == n


def test_the_first_of_none_is_none():
    assert BY_BUYER.first(buyer=world.marketplace().id) is None


def test_a_value_for_each_blank_is_needed():
    with pytest.raises(KeyError, match="buyer"):
        BY_BUYER()


def test_a_tenant_cannot_be_compiled_in_by_the_scope_of_the_first_who_asks():
    with pytest.raises(ScopeError):
        Compiled(Order.objects.filter(ref=Blank("ref")))
    market, other = world.marketplace("one"), world.marketplace("other")
    bought = world.order(other)
    with scope(marketplace=market.id):
        assert [order.id for order in BY_BUYER(buyer=bought.buyer_id)] == [bought.id]
