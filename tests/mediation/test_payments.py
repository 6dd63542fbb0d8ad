"""Money: what is reserved, paid, given back outside or by the bank, and by whose hand."""

from datetime import timedelta

import pytest

from cases.models import Order, Payment, Posting, Refund, RefundPart
from cases.refusals import NotIndependent, NotNow
from tests import world
from tests.mediation.beginnings import refunding
from tests.mediation.story import Story, market
from tests.world import day

pytestmark = pytest.mark.usefixtures("watch")


def freight(story):
    order = Order.everywhere.get(pk=story.order.pk)
    return order.freight, order.freight_reserved, order.freight_refunded


def test_a_refund_waits_seven_working_days_for_its_gateway():
    story = refunding()

    assert story.state == "refunding"
    assert story.clocks == {"refund_settlement": timedelta(days=9)}  # with one weekend


def test_a_late_gateway_raises_an_alarm_each_working_day_and_nothing_moves():
    story = refunding()
    version = story.case.version
    story.pass_days(12)

    assert story.steps[2:] == ["alarm", "alarm", "alarm"]
    assert (story.state, story.case.version) == ("refunding", version)
    assert story.clocks.keys() == {"refund_settlement"}
    assert story.wrongs == {}


def test_a_failed_refund_is_counted_and_still_waited_for():
    story = refunding()

    story.gateway("refund_failed")

    assert (story.refund.failures, story.refund.code) == (1, "card_closed")
    assert story.state == "refunding"
    assert story.wrongs == {}


def test_a_refund_that_nobody_waits_for_changes_nothing():
    story = refunding()
    refund = story.refund.id
    story.gateway("refund_settled")

    assert isinstance(story.asks("gateway", "refund_settled", refund=refund), NotNow)
    assert story.money == (1, 0, 10_000, 0)


def test_the_first_payment_is_given_back_first():
    bought = world.order(world.marketplace())
    Payment.objects.update(amount=6_000)
    world.Payment.objects.create(
        id=world.uuid4(),
        order=bought,
        ref="2",
        method="voucher",
        amount=4_000,
        captured_at=day(-9),
    )
    story = Story(bought, remedy="refund_only")
    story.seller("offer", amounts={story.line.id: 7_000})
    story.buyer("accept_offer")

    assert list(RefundPart.objects.order_by("amount").values_list("payment__ref", "amount")) == [
        ("2", 1_000),
        ("1", 6_000),
    ]
    assert story.wrongs == {}


def test_outbound_freight_goes_back_when_the_fault_is_not_the_buyers():
    story = refunding(freight=500)

    assert story.refund.amount == 10_500
    assert freight(story) == (500, 500, 0)
    story.gateway("refund_settled")
    assert freight(story) == (500, 0, 500)
    assert story.case.freight_refunded == 500
    assert story.wrongs == {}


def test_outbound_freight_goes_back_with_the_last_line():
    bought = world.order(world.marketplace(), quantity=2, freight=500)
    item = {"line": bought.lines.get().id, "quantity": 1, "amount": None}
    first = Story(bought, reason="no_longer_wanted", remedy="refund_only", items=[item])
    second = Story(bought, reason="no_longer_wanted", remedy="refund_only", items=[item])
    first.seller("approve")
    assert first.refund.amount == 5_000

    second.seller("approve")

    assert second.refund.amount == 5_500
    assert second.wrongs == {}


def test_freight_is_paid_once_though_the_case_is_reopened():
    story = Story(remedy="refund_only", freight=500)
    story.seller("offer", amounts={story.line.id: 4_000})
    story.buyer("accept_offer")
    story.gateway("refund_settled")
    story.buyer("reopen")
    story.mediator("claim")
    story.mediator("rule", amounts={story.line.id: 6_000})
    story.pass_days(8)

    assert story.refund.amount == 6_000
    story.gateway("refund_settled")
    assert story.money == (1, 0, 10_000, 0)
    assert freight(story) == (500, 0, 500)
    assert story.wrongs == {}


def test_freight_that_was_reserved_is_let_go_with_the_case():
    story = refunding(remedy="return_refund", freight=500)
    assert freight(story) == (500, 500, 0)

    story.buyer("withdraw")

    assert freight(story) == (500, 0, 0)
    assert story.wrongs == {}


def test_a_compensation_touches_neither_line_nor_payment():
    story = refunding(remedy="compensation")

    refund = story.refund
    assert (refund.kind, refund.amount, refund.payer) == ("compensation", 3_000, "seller")
    assert Posting.objects.filter(reserved__gt=0).count() == 0
    assert RefundPart.objects.count() == 0
    story.gateway("refund_settled")
    assert story.money == (0, 0, 0, 0)  # the goods may still be claimed
    assert story.wrongs == {}


def test_a_policy_approves_small_amounts_by_itself():
    story = Story(
        market=market(
            clocks__seller_response={
                "on_expiry": [
                    {"amount_lte": 10_000, "do": "approve", "remedy": "refund_only"},
                    {"do": "escalate"},
                ]
            }
        )
    )

    story.pass_days(3)

    assert story.state == "refunding"
    assert story.case.remedy == "refund_only"
    assert story.wrongs == {}


def test_goods_in_kind_are_not_small_because_no_money_was_asked():
    choices = [{"amount_lte": 9_999, "do": "approve"}, {"do": "escalate"}]
    shop = market(clocks__seller_response={"on_expiry": choices})
    story = Story(market=shop, remedy="exchange")

    story.pass_days(3)

    assert story.state == "in_mediation"


# By hand


def test_two_supervisors_settle_by_hand():
    story = refunding()
    story.does("supervisor", "settle_by_hand", person="ann")
    assert story.state == "refunding"

    assert isinstance(story.asks("supervisor", "settle_by_hand", person="ann"), NotIndependent)
    story.does("supervisor", "settle_by_hand", person="bob")

    assert story.state == "completed"
    assert Refund.objects.get().state == "by_hand"
    assert story.wrongs == {}


def test_each_refund_needs_two_of_its_own():
    story = Story(remedy="refund_only")
    story.seller("offer")
    story.buyer("accept_offer")
    story.does("supervisor", "settle_by_hand", person="ann")
    story.gateway("refund_settled")
    story.buyer("reopen")
    story.seller("approve")

    story.does("supervisor", "settle_by_hand", person="bob")

    assert story.state == "refunding"
