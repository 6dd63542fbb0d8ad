"""The application and the seller's answer, and what follows when nobody says anything."""

from datetime import timedelta

import pytest

from cases.models import Application, Clock
from cases.refusals import (
    DeadlinePassed,
    EvidenceMissing,
    LimitReached,
    NotEligible,
    NotNow,
    NotYourStep,
)
from mediation.steps import lapse
from tests import world
from tests.mediation.story import Story, market, slots_for
from tests.world import at

pytestmark = pytest.mark.usefixtures("watch")

WEEK, TWO_DAYS = timedelta(days=7), timedelta(days=2)


def test_an_application_claims_its_pieces_and_waits_two_days_for_the_seller():
    story = Story()

    assert story.state == "awaiting_seller"
    assert story.money == (1, 0, 0, 0)
    assert story.clocks == {"seller_response": TWO_DAYS}
    assert story.case.amount == 10_000
    assert story.wrongs == {}


def test_a_refusal_gives_the_buyer_a_week():
    story = Story()

    story.seller("refuse")

    assert story.state == "refused"
    assert story.clocks == {"reapply_window": WEEK}
    answer = Application.objects.get()
    assert (answer.answer, answer.answer_reason) == ("refused", "facts_differ")
    assert story.wrongs == {}


def test_a_refusal_that_is_left_alone_ends_the_case_and_frees_the_pieces():
    story = Story()
    story.seller("refuse")

    story.pass_days(8)

    assert (story.state, story.case.outcome) == ("closed", "lapsed")
    assert story.money == (0, 0, 0, 0)
    assert story.wrongs == {}


def test_a_reason_that_the_policy_protects_cannot_be_refused():
    story = Story(reason="seven_day_no_reason")

    assert isinstance(story.asks("seller", "refuse"), NotEligible)


def test_a_refusal_brings_the_evidence_that_its_reason_demands():
    refusal = Story().asks("seller", "refuse", reason="delivered_to_buyer", statement="No.")

    assert isinstance(refusal, EvidenceMissing)
    assert refusal.details == {"missing": ["carrier_proof"]}


def test_a_changed_application_gives_the_seller_the_whole_time_again():
    story = Story(quantity=2)
    story.pass_days(1)

    story.buyer(
        "amend",
        **world.application(story.order, reason="quality", quantity=1),
        evidence=slots_for("quality"),
    )

    assert story.clocks == {"seller_response": TWO_DAYS}
    assert story.money == (1, 0, 0, 0)
    assert list(Application.objects.order_by("number").values_list("kind", "amount")) == [
        ("open", 10_000),
        ("amend", 5_000),
    ]
    assert story.wrongs == {}


def test_an_application_is_changed_three_times():
    story = Story()
    for _ in range(3):
        story.buyer("amend")

    assert isinstance(story.asks("buyer", "amend"), LimitReached)


def test_withdrawn_applications_count():
    bought = world.order(world.marketplace())
    for _ in range(3):
        Story(bought).buyer("withdraw")

    with pytest.raises(LimitReached):
        Story(bought)


def test_a_refused_buyer_applies_again_twice():
    story = Story()
    for _ in range(2):
        story.seller("refuse")
        story.buyer("reapply")
    story.seller("refuse")

    assert isinstance(story.asks("buyer", "reapply"), LimitReached)
    assert story.line.applications == 3
    assert story.wrongs == {}


def test_a_lapsed_case_is_taken_up_again_within_the_window():
    story = Story(market=market(request_window={"default": "30d"}))
    story.seller("refuse")
    story.pass_days(8)
    assert story.state == "closed"

    story.buyer("reapply")

    assert story.state == "awaiting_seller"
    assert story.money == (1, 0, 0, 0)
    assert story.clocks == {"seller_response": TWO_DAYS}
    assert story.wrongs == {}


def test_nobody_applies_again_after_the_window():
    story = Story()  # delivered the day before
    story.seller("refuse")
    story.pass_days(8)

    assert isinstance(story.asks("buyer", "reapply"), NotEligible)


def test_nobody_applies_again_after_withdrawing():
    story = Story()
    story.buyer("withdraw")

    assert story.case.outcome == "withdrawn"
    assert isinstance(story.asks("buyer", "reapply"), NotNow)


def test_an_approval_of_a_return_reserves_the_money():
    story = Story()

    story.seller("approve")

    assert story.state == "awaiting_return"
    assert story.clocks == {"ship_back": WEEK}
    assert story.money == (1, 10_000, 0, 0)
    assert story.wrongs == {}


def test_a_buyer_who_does_not_send_the_goods_back_gets_nothing():
    story = Story()
    story.seller("approve")

    story.pass_days(8)

    assert (story.state, story.case.outcome) == ("closed", "lapsed")
    assert story.money == (0, 0, 0, 0)
    assert story.wrongs == {}


def test_an_approval_of_a_refund_pays():
    story = Story(remedy="refund_only")

    story.seller("approve")

    assert story.state == "refunding"
    assert story.refund.amount == 10_000
    story.gateway("refund_settled")
    assert story.money == (1, 0, 10_000, 0)
    assert story.wrongs == {}


def test_an_approval_cannot_choose_another_remedy():
    story = Story(remedy="return_refund")

    assert isinstance(story.asks("seller", "approve", remedy="refund_only"), NotYourStep)


def test_the_buyer_may_withdraw_until_the_goods_are_on_their_way():
    story = Story()
    story.seller("approve")
    story.buyer("ship_return")

    assert isinstance(story.asks("buyer", "withdraw"), NotNow)


def test_an_answer_that_comes_late_hears_so_and_the_lapse_has_happened():
    story = Story()
    story.now += TWO_DAYS

    assert isinstance(story.asks("seller", "refuse"), DeadlinePassed)
    assert story.state == "in_mediation"
    assert story.wrongs == {}


def test_an_answer_in_the_last_moment_counts():
    story = Story()
    end = Clock.objects.get().due_at

    world.do(
        story.case,
        "refuse",
        "seller",
        when=end - timedelta(microseconds=1),
        **story.usual("refuse"),
    )

    assert story.state == "refused"


def test_a_lapse_at_the_end_is_not_early():
    story = Story()
    end = Clock.objects.get().due_at

    while lapse(clock=at(end)):
        pass

    assert story.state == "in_mediation"
    assert story.wrongs == {}


def test_the_buyer_cannot_bring_a_mediator_in_before_the_seller_had_its_time():
    assert isinstance(Story().asks("buyer", "escalate"), NotNow)


def test_a_refused_buyer_brings_the_mediator_in():
    story = Story()
    story.seller("refuse")

    story.buyer("escalate")

    assert story.state == "in_mediation"
    assert set(story.clocks) == {"docket_wait", "ruling", "reapply_window*"}
    assert story.wrongs == {}
