"""Money outside: given back by others, by the bank, or with a cancelled order."""

import pytest

from cases.refusals import AmountTooHigh, BadTerms, NotEligible, NotNow
from tests import world
from tests.mediation.beginnings import refunding
from tests.mediation.story import Story, in_mediation

pytestmark = pytest.mark.usefixtures("watch")


def test_money_given_back_outside_reduces_what_is_left():
    story = Story(remedy="refund_only")
    story.service("record_outside_refund", amount=4_000)

    assert story.money == (1, 0, 0, 4_000)
    assert story.case.amount == 6_000
    story.seller("approve")
    assert story.refund.amount == 6_000
    assert story.wrongs == {}


def test_money_given_back_outside_reduces_what_is_agreed():
    story = Story()
    story.seller("approve")

    story.service("record_outside_refund", amount=4_000)

    assert story.state == "awaiting_return"
    assert story.money == (1, 6_000, 0, 4_000)
    assert story.wrongs == {}


def test_when_nothing_is_left_the_case_is_closed():
    story = in_mediation()

    story.service("record_outside_refund", amount=10_000)

    assert (story.state, story.dispute.state) == ("closed", "withdrawn")
    assert story.case.outcome == "refunded_outside"
    assert story.money == (0, 0, 0, 10_000)
    assert story.wrongs == {}


def test_when_nothing_is_left_of_what_was_agreed_the_case_is_closed():
    story = Story(lines=2)
    first, second = story.order.lines.order_by("ref")
    story.seller("offer", remedy="return_refund", amounts={first.id: 5_000, second.id: 0})
    story.buyer("accept_offer")

    story.service("record_outside_refund", line=first.id, amount=10_000)

    assert story.state == "closed"
    assert story.wrongs == {}


def test_no_more_is_given_back_outside_than_is_left():
    story = Story()

    refusal = story.asks("service", "record_outside_refund", amount=10_001)

    assert isinstance(refusal, AmountTooHigh)
    assert refusal.details["most"] == 10_000
    line = world.uuid4()
    assert isinstance(story.asks("service", "record_outside_refund", line=line), NotEligible)


def test_a_ruling_is_carried_out_as_far_as_money_is_left():
    story = in_mediation()
    story.mediator("rule")
    story.service("record_outside_refund", amount=4_000)

    story.pass_days(8)

    assert story.state == "refunding"
    assert story.refund.amount == 6_000
    assert story.wrongs == {}


def test_a_ruling_on_a_line_that_was_given_back_closes_the_case():
    story = in_mediation(lines=2)
    first, second = story.order.lines.order_by("ref")
    story.mediator("rule", amounts={first.id: 10_000, second.id: 0})
    story.service("record_outside_refund", line=first.id, amount=10_000)

    story.pass_days(8)

    assert (story.state, story.case.outcome) == ("closed", "refunded_outside")
    assert story.wrongs == {}


def test_a_proposal_for_which_no_money_is_left_cannot_be_accepted():
    story = in_mediation()
    story.mediator("propose", amounts={story.line.id: 9_000})
    story.service("record_outside_refund", amount=4_000)

    assert isinstance(story.asks("buyer", "accept_proposal"), AmountTooHigh)


def test_a_cancelled_order_closes_its_case():
    story = Story()
    story.seller("approve")

    story.service("order_cancelled")

    assert (story.state, story.case.outcome) == ("closed", "order_cancelled")
    assert story.money == (0, 0, 0, 10_000)
    assert story.wrongs == {}


def test_what_was_given_back_already_cannot_be_agreed_to():
    story = Story(remedy="refund_only")
    story.service("order_cancelled")
    story.does("supervisor", "reinstate")

    assert isinstance(story.asks("seller", "approve"), NotNow)


# The bank


def test_a_chargeback_makes_all_clocks_stand_still():
    story = Story()
    story.seller("offer")
    story.service("chargeback_opened")

    assert story.case.held
    assert story.clocks.keys() == {"offer_reply buyer*", "seller_response*"}
    assert isinstance(story.asks("buyer", "accept_offer"), NotNow)
    story.pass_days(30)
    assert story.state == "negotiating"
    assert story.wrongs == {}


def test_a_chargeback_that_the_buyer_loses_gives_the_time_back():
    story = Story()
    story.seller("offer")
    story.service("chargeback_opened")
    story.pass_days(30)

    story.service("chargeback_closed", lost=False)

    assert not story.case.held
    assert story.clocks.keys() == {"offer_reply buyer", "seller_response*"}
    story.buyer("accept_offer")
    assert story.state == "refunding"
    assert story.wrongs == {}


def test_a_chargeback_holds_a_dispute_too():
    story = in_mediation()
    story.mediator("ask_evidence")
    story.service("chargeback_opened")

    assert story.clocks.keys() == {"evidence buyer*", "evidence seller*", "ruling*"}
    story.service("chargeback_closed", lost=False)
    assert story.clocks.keys() == {"evidence buyer", "evidence seller", "ruling*"}
    assert story.wrongs == {}


def test_money_that_went_back_through_the_bank_is_gone():
    story = in_mediation()
    story.service("chargeback_opened")

    story.service("chargeback_closed", lost=True)

    assert (story.state, story.dispute.state) == ("closed", "withdrawn")
    assert story.case.outcome == "charged_back"
    assert story.money == (0, 0, 0, 10_000)
    assert story.wrongs == {}


def test_a_refund_on_its_way_is_settled_before_a_chargeback_is_lost():
    story = refunding()
    story.service("chargeback_opened")
    assert isinstance(story.asks("service", "chargeback_closed", lost=True), NotNow)

    story.gateway("refund_settled")

    assert (story.state, story.case.held) == ("completed", False)
    story.pass_days(20)
    assert story.steps[-1] == "end_aftercare"
    assert story.wrongs == {}


def test_nothing_to_hold_nothing_to_let_go():
    assert isinstance(Story().asks("service", "chargeback_closed"), NotNow)


def test_offers_about_money_that_is_gone_are_not_accepted():
    story = Story()
    story.seller("offer", amounts={story.line.id: 9_000})
    story.service("record_outside_refund", amount=2_000)

    assert isinstance(story.asks("buyer", "accept_offer"), AmountTooHigh)
    assert isinstance(story.asks("buyer", "counter_offer", amounts={}), BadTerms)
