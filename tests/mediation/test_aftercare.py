"""After the end of a case: rated, reopened, reinstated."""

from datetime import timedelta

import pytest

from cases.models import Rating, Statement
from cases.refusals import (
    DeadlinePassed,
    LimitReached,
    NotEligible,
    NotNow,
    NotYourStep,
    QuantityTaken,
)
from tests.mediation.story import Story, in_mediation, market, ruled

pytestmark = pytest.mark.usefixtures("watch")


def completed(**order):
    story = Story(remedy="refund_only", **order)
    story.seller("offer")
    story.buyer("accept_offer")
    story.gateway("refund_settled")
    return story


def test_a_completed_case_is_rated_once():
    story = completed()
    assert story.clocks == {"aftercare": timedelta(days=15)}

    story.buyer("rate", score=4)

    assert story.case.rating == 4
    assert isinstance(story.asks("buyer", "rate"), NotNow)
    assert story.clocks.keys() == {"aftercare"}
    assert story.wrongs == {}


@pytest.mark.requirement("R13")
def test_both_sides_rate_in_four_dimensions_and_the_comment_can_be_erased():
    story = completed()
    marks = {"efficiency": 1, "attitude": 2, "timeliness": 3, "content": 4}

    story.buyer("rate", score=2, statement="Slow and rude.", **marks)
    story.seller("rate", score=5)

    ratings = {row.role: row for row in Rating.objects.filter(case=story.case)}
    bought, sold = ratings["buyer"], ratings["seller"]
    assert {name: getattr(bought, name) for name in marks} == marks
    assert (bought.score, sold.score, sold.attitude) == (2, 5, None)
    assert (story.case.rating, story.case.seller_rating) == (2, 5)
    words = Statement.objects.get(pk=bought.statement_id)
    assert words.text == "Slow and rude."
    assert isinstance(story.asks("seller", "rate"), NotNow)
    assert story.wrongs == {}
    words.delete()
    assert story.wrongs == {}


def test_after_fifteen_days_a_case_is_neither_rated_nor_reopened():
    story = completed()
    story.pass_days(16)

    assert story.clocks == {}
    assert isinstance(story.asks("buyer", "rate"), DeadlinePassed)
    assert isinstance(story.asks("buyer", "reopen"), DeadlinePassed)
    assert story.wrongs == {}


def test_a_settled_case_is_reopened_once():
    story = completed()
    story.buyer("reopen")

    assert (story.state, story.dispute.state) == ("in_mediation", "queued")
    assert story.clocks.keys() == {"docket_wait", "ruling"}
    assert story.wrongs == {}
    story.seller("offer")
    story.buyer("accept_offer")
    story.gateway("refund_settled")
    assert isinstance(story.asks("buyer", "reopen"), NotEligible)
    assert story.money == (1, 0, 2_000, 0)
    assert story.wrongs == {}


def test_a_policy_may_forbid_reopening():
    story = completed(market=market(limits={"reopen": 0}))

    assert isinstance(story.asks("buyer", "reopen"), NotEligible)


def test_a_case_settled_in_mediation_may_be_reopened():
    story = in_mediation()
    story.buyer("bid", amount=1_000)
    story.seller("bid", amount=1_000)
    story.gateway("refund_settled")

    story.buyer("reopen")

    assert story.dispute.round == 2
    assert story.wrongs == {}


def test_a_final_ruling_is_never_reopened():
    story = ruled()
    story.pass_days(8)
    story.gateway("refund_settled")

    assert isinstance(story.asks("buyer", "reopen"), NotEligible)


def test_replaced_goods_that_were_claimed_again_are_not_reopened():
    story = Story(remedy="reship", reason="damaged")
    story.seller("approve")
    story.seller("dispatch_replacement")
    story.buyer("confirm_replacement")
    Story(story.order)

    assert isinstance(story.asks("buyer", "reopen"), QuantityTaken)


def test_paid_goods_are_not_free_after_a_reopened_case_is_withdrawn():
    story = completed()
    story.buyer("reopen")
    story.buyer("withdraw")

    assert story.money == (1, 0, 1_000, 0)
    assert story.wrongs == {}


def test_a_supervisor_takes_a_closed_case_up_again():
    story = Story()
    story.buyer("withdraw")

    story.does("supervisor", "reinstate")

    assert (story.state, story.dispute.state) == ("in_mediation", "queued")
    assert story.money == (1, 0, 0, 0)
    assert story.wrongs == {}


def test_a_closed_case_whose_pieces_are_claimed_again_stays_closed():
    story = Story()
    story.buyer("withdraw")
    Story(story.order)

    assert isinstance(story.asks("supervisor", "reinstate"), QuantityTaken)
    assert isinstance(story.asks("mediator", "reinstate"), NotYourStep)


def test_no_case_is_mediated_a_third_time():
    story = Story()
    story.mediator("take_over")
    story.buyer("withdraw")
    story.does("supervisor", "reinstate")
    story.buyer("withdraw")

    assert isinstance(story.asks("supervisor", "reinstate"), LimitReached)
    assert story.dispute.round == 2
    assert story.wrongs == {}
