"""What everybody may know of a shop: shares of its orders, and how fast it answers."""

from datetime import timedelta

import pytest

from cases.models import Case, Order
from mediation import shops
from tests import world
from tests.api.callers import NOW, Caller, service
from tests.api.problems import problem

pytestmark = pytest.mark.django_db

AT = NOW - timedelta(days=1)
RATES = ("dispute_rate", "refund_rate", "answer_hours")
NO = {"reason": "outside_window", "statement": "No."}


@pytest.fixture
def market():
    """Sam has five orders and four cases: one refunded after two hours, three refused, one fought.

    Of its answers the last came after ten hours.
    """
    found = world.marketplace()
    sam, bea = world.party(found, "seller", "sam"), world.party(found, "buyer", "bea")
    orders = [world.order(found, seller=sam, buyer=bea, delivered=AT) for _ in range(5)]
    cases = [world.open_case(one, when=AT, remedy="refund_only") for one in orders[:4]]
    for case, hours in zip(cases[1:], (6, 6, 10), strict=True):
        world.do(case, "refuse", "seller", when=AT + timedelta(hours=hours), **NO)
    world.do(cases[0], "approve", "seller", when=AT + timedelta(hours=2))
    later, refund = AT + timedelta(hours=11), cases[0].refunds.get().pk
    world.do(cases[0], "refund_settled", "gateway", when=later, refund=refund)
    world.do(cases[1], "escalate", "buyer", when=later)
    Order.everywhere.update(placed_at=AT)
    return found


def rates(market, role="buyer", ref="bea"):
    told = Caller(market, role, ref).get("sellers/sam/standing").json()
    return tuple(told[name] for name in RATES)


@pytest.mark.requirement("M18")
def test_everybody_sees_how_often_a_shop_disputes_and_refunds_and_how_fast_it_answers(
    market, monkeypatch
):
    monkeypatch.setattr(shops, "LEAST", 4)

    told = [rates(market, *who) for who in (("buyer", "bea"), ("seller", "sam"), ("service", ""))]

    assert told == [(20.0, 20.0, 6.0)] * 3
    Order.everywhere.update(placed_at=AT - timedelta(days=30))
    Case.everywhere.update(opened_at=AT - timedelta(days=30))
    assert rates(market) == (None, None, None)


def test_of_few_orders_nothing_is_told_that_would_tell_of_one_buyer(market, monkeypatch):
    assert rates(market) == (None, None, None)
    monkeypatch.setattr(shops, "LEAST", 5)
    assert rates(market) == (20.0, 20.0, None)


def test_of_a_shop_that_is_not_there_nothing_is_told():
    answer = service(world.marketplace()).get("sellers/nobody/standing")

    assert problem(answer) == (404, "PARTY_NOT_FOUND")
