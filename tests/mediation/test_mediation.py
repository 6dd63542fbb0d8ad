"""The docket, evidence rounds, proposals and sealed bids."""

from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Docket
from cases.refusals import (
    LeaseLost,
    LimitReached,
    NotNow,
)
from tests.mediation.story import Story, in_mediation, market

pytestmark = pytest.mark.usefixtures("watch")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def docket():
    return Docket.objects.get()


# The docket


def test_a_dispute_is_ranked_by_when_its_ruling_is_due_and_why_it_comes_earlier():
    story = Story(reason="counterfeit", paid=100_000)

    story.pass_days(2)

    assert docket().terms == {"amount": 8, "harm": 24}
    assert docket().rank_at == story.now + story.clocks["ruling"] - 32 * HOUR
    assert docket().waiting
    assert story.wrongs == {}


def test_a_claim_is_a_lease_and_does_not_change_the_version():
    story = Story()
    story.pass_days(3)
    version = story.case.version
    story.mediator("claim")

    assert (docket().holder, docket().waiting) == ("mediator-1", False)
    assert story.case.version == version
    assert set(story.clocks) == {"ruling"}
    assert story.wrongs == {}


def test_every_act_asks_for_the_token_of_the_lease():
    story = in_mediation()

    assert isinstance(story.asks("mediator", "rule", lease=uuid4()), LeaseLost)
    assert isinstance(story.asks("mediator", "rule", person="max"), LeaseLost)


def test_a_lease_ends_after_half_an_hour_of_doing_nothing():
    story = in_mediation()
    story.pass_days(0, minutes=30)

    assert isinstance(story.asks("mediator", "rule"), LeaseLost)
    story.does("clock", "release")
    assert (docket().holder, docket().waiting) == ("", True)
    assert set(story.clocks) == {"docket_wait", "ruling"}
    assert story.wrongs == {}


def test_a_lease_that_runs_is_not_ended_by_the_clock():
    assert isinstance(in_mediation().asks("clock", "release"), LeaseLost)


def test_who_works_keeps_the_lease():
    story = in_mediation()
    story.pass_days(0, minutes=20)
    story.mediator("propose")

    assert docket().lease_until == story.now + timedelta(minutes=30)


def test_a_mediator_gives_a_dispute_back():
    story = in_mediation()

    story.mediator("release")

    assert story.dispute.state == "queued"
    assert story.wrongs == {}


def test_a_supervisor_gives_a_dispute_to_somebody_else():
    story = in_mediation()

    story.does("supervisor", "assign", mediator="mia")

    assert docket().holder == "mia"
    assert story.wrongs == {}


def test_after_too_many_hands_only_a_supervisor_moves_it():
    story = Story(market=market(limits={"claims": 1}))
    story.pass_days(3)
    story.mediator("claim")
    story.mediator("release")

    assert isinstance(story.asks("mediator", "claim"), LimitReached)
    story.does("supervisor", "assign", mediator="mia")
    assert story.dispute.state == "in_review"


def test_the_platform_is_late_and_both_sides_see_it():
    story = Story()
    story.pass_days(3)
    assert docket().supervisor
    assert not story.dispute.overdue

    story.pass_days(7)

    assert story.dispute.overdue
    assert story.dispute.state == "queued"
    assert set(story.clocks) == {"ruling"}  # which rings each working day from now on
    assert story.wrongs == {}


# Taking over, handing back


def test_a_mediator_takes_over_and_hands_back_with_the_time_left():
    story = Story()
    story.pass_days(1)
    story.mediator("take_over")
    assert story.clocks.keys() == {"seller_response*", "docket_wait", "ruling"}
    story.mediator("claim")
    story.pass_days(0, minutes=20)

    story.mediator("hand_back")

    assert (story.state, story.dispute.state) == ("awaiting_seller", "withdrawn")
    assert story.clocks == {"seller_response": DAY - timedelta(minutes=1)}
    assert story.wrongs == {}


def test_a_negotiation_is_handed_back_to_the_seller():
    story = Story()
    story.seller("offer")
    story.buyer("escalate")
    story.mediator("claim")

    story.mediator("hand_back")

    assert story.state == "awaiting_seller"
    assert story.wrongs == {}


def test_a_case_whose_time_ran_out_is_not_handed_back():
    assert isinstance(in_mediation().asks("mediator", "hand_back"), NotNow)


def test_a_reopened_case_is_not_handed_back():
    story = Story(remedy="refund_only")
    story.seller("offer")
    story.buyer("accept_offer")
    story.gateway("refund_settled")
    story.buyer("reopen")
    story.mediator("claim")

    assert isinstance(story.asks("mediator", "hand_back"), NotNow)


def test_in_the_last_round_it_is_decided():
    story = Story()
    story.mediator("take_over")
    story.mediator("claim")
    story.mediator("hand_back")
    story.mediator("take_over")
    story.mediator("claim")

    assert isinstance(story.asks("mediator", "hand_back"), LimitReached)


def test_the_buyer_withdraws_from_mediation():
    story = in_mediation()

    story.buyer("withdraw")

    assert (story.state, story.dispute.state) == ("closed", "withdrawn")
    assert (docket().holder, docket().waiting) == ("", False)
    assert story.wrongs == {}
