"""Proposals of the mediator, and sealed bids of the sides."""

from uuid import uuid4

import pytest

from cases.models import Bid, Event, Proposal, Statement
from cases.refusals import (
    ContentChanged,
    DeadlinePassed,
    LimitReached,
    NotIndependent,
    NotNow,
)
from tests.mediation.story import in_mediation

pytestmark = pytest.mark.usefixtures("watch")


# Proposals


def test_a_proposal_that_both_accept_settles_the_dispute():
    story = in_mediation()
    story.mediator("propose")
    assert story.clocks.keys() == {"proposal buyer", "proposal seller", "ruling*"}
    story.buyer("accept_proposal")
    assert story.clocks.keys() == {"proposal seller", "ruling*"}
    assert isinstance(story.asks("buyer", "accept_proposal"), NotNow)

    story.seller("accept_proposal")

    assert (story.state, story.dispute.state) == ("refunding", "settled")
    assert (story.refund.amount, Proposal.objects.get().state) == (1_000, "accepted")
    assert not story.case.final
    assert story.wrongs == {}


def test_a_proposal_says_who_pays_the_compensation():
    story = in_mediation()
    story.mediator("propose", remedy="compensation", amounts={}, compensation=700, payer="platform")
    story.buyer("accept_proposal")
    story.seller("accept_proposal")

    assert (story.refund.amount, story.refund.payer) == (700, "platform")


def test_a_declined_proposal_goes_back_to_review():
    story = in_mediation()
    story.mediator("propose")

    story.seller("decline_proposal")

    assert story.dispute.state == "in_review"
    assert set(story.clocks) == {"ruling"}
    assert Proposal.objects.get().state == "declined"
    assert story.wrongs == {}


def test_a_proposal_that_one_side_does_not_answer_lapses():
    story = in_mediation()
    story.mediator("propose")
    story.buyer("accept_proposal")

    story.pass_days(1)

    assert story.dispute.state == "in_review"
    assert Proposal.objects.get().state == "lapsed"
    assert isinstance(story.asks("seller", "accept_proposal"), DeadlinePassed)
    assert story.wrongs == {}


def test_only_the_proposal_that_stands_is_answered():
    story = in_mediation()
    story.mediator("propose")

    assert isinstance(story.asks("buyer", "accept_proposal", proposal=uuid4()), ContentChanged)
    assert isinstance(story.asks("buyer", "decline_proposal", proposal=uuid4()), ContentChanged)


def test_three_proposals_are_made():
    story = in_mediation()
    for _ in range(3):
        story.mediator("propose")
        story.buyer("decline_proposal")

    assert isinstance(story.asks("mediator", "propose"), LimitReached)


# Sealed bids


def test_bids_that_overlap_settle_at_the_midpoint_rounded_down():
    story = in_mediation()
    story.buyer("bid", amount=4_000)

    story.seller("bid", amount=5_001)

    assert (story.state, story.dispute.state) == ("refunding", "settled")
    assert story.refund.amount == 4_500
    assert story.wrongs == {}


def test_bids_that_do_not_overlap_reveal_nothing():
    story = in_mediation()
    version = story.case.version
    story.buyer("bid", amount=5_001)
    story.seller("bid", amount=4_999)

    assert story.dispute.state == "in_review"
    assert story.case.version == version
    assert Bid.objects.count() == 2
    told = [event.payload for event in Event.objects.filter(name="bid")]
    assert not any("5001" in payload or "4999" in payload for payload in told)
    assert story.wrongs == {}


def test_a_side_bids_once():
    story = in_mediation()
    story.buyer("bid")

    assert isinstance(story.asks("buyer", "bid"), NotNow)


def test_a_settlement_by_bids_is_a_new_version():
    story = in_mediation()
    story.buyer("bid", amount=4_000)
    version = story.case.version

    story.seller("bid", amount=4_000)

    assert story.case.version == version + 1


def test_a_bid_settles_with_what_is_left():
    story = in_mediation()
    story.buyer("bid", amount=8_000)
    story.service("record_outside_refund", amount=4_000)
    assert story.asks("seller", "bid", amount=9_000).code == "AMOUNT_TOO_HIGH"

    story.seller("bid", amount=6_000)

    assert story.dispute.state == "in_review"  # 6,000 is less than the buyer takes
    assert story.wrongs == {}


def test_words_are_kept_beside_the_event():
    story = in_mediation()
    story.mediator("ask_evidence")
    words = Statement.objects.latest("written_at")

    assert (words.text, words.role) == ("As I said.", "mediator")
    assert "As I said" not in Event.objects.get(name="ask_evidence").payload
    assert str(words.id) in Event.objects.get(name="ask_evidence").payload


def test_a_mediator_who_has_decided_is_not_independent():
    story = in_mediation()
    story.mediator("rule", remedy="return_refund")
    story.pass_days(8)
    story.buyer("ship_return")
    story.pass_days(16)

    assert isinstance(story.asks("mediator", "claim"), NotIndependent)
    refusal = story.asks("supervisor", "assign", mediator="mediator-1")
    assert isinstance(refusal, NotIndependent)
