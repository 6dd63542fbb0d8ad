"""The docket, evidence rounds, proposals and sealed bids."""

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Bid, Docket, Event, Evidence, EvidenceRequest, Proposal, Statement
from cases.refusals import (
    BadTerms,
    ContentChanged,
    DeadlinePassed,
    LeaseLost,
    LimitReached,
    NotIndependent,
    NotNow,
    NotYourStep,
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


# Evidence


def test_both_sides_are_asked_and_the_ruling_waits():
    story = in_mediation()
    before = story.clocks["ruling"]

    story.mediator("ask_evidence")

    assert story.clocks == {
        "evidence buyer": 48 * HOUR,
        "evidence seller": 48 * HOUR,
        "ruling*": before - timedelta(minutes=1),
    }
    assert story.dispute.waiting == ["buyer", "seller"]
    assert story.wrongs == {}


def test_when_both_have_handed_in_the_review_goes_on_with_the_time_left():
    story = in_mediation()
    story.mediator("ask_evidence")
    left = story.clocks["ruling*"]
    story.pass_days(1)
    story.buyer("hand_in", evidence=[{"slot": "photo_goods", "sha256": "a" * 64}])
    assert story.dispute.state == "gathering"
    assert story.dispute.waiting == ["seller"]

    story.seller("hand_in")

    assert story.dispute.state == "in_review"
    assert story.clocks == {"ruling": left}
    assert Evidence.objects.get(slot="photo_goods", round=1).role == "buyer"
    assert set(EvidenceRequest.objects.values_list("side", "handed_in")) == {
        ("buyer", True),
        ("seller", True),
    }
    assert story.wrongs == {}


def test_what_exists_is_sealed_when_the_time_is_over():
    story = in_mediation()
    story.mediator("ask_evidence")

    story.pass_days(3)

    assert story.dispute.state == "in_review"
    assert story.steps[-2:] == ["seal", "seal"]
    assert isinstance(story.asks("buyer", "hand_in"), DeadlinePassed)
    assert story.wrongs == {}


def test_a_clock_seals_what_a_side_has_handed_in():
    story = in_mediation()
    story.mediator("ask_evidence", requests={"buyer": ["photo_goods"]})

    story.pass_days(3)

    slots = "harm\nphoto_goods\ntest_report\nvideo"
    seal = hashlib.sha256(f"{story.id}\nbuyer\n{slots}".encode()).hexdigest()
    assert json.loads(Event.objects.get(name="seal").payload)["seal"] == seal


def test_a_side_that_was_not_asked_hands_nothing_in():
    story = in_mediation()
    story.mediator("ask_evidence", requests={"buyer": ["photo_goods"]})

    assert isinstance(story.asks("seller", "hand_in"), NotYourStep)


def test_evidence_is_asked_for_twice():
    story = in_mediation()
    for _ in range(2):
        story.mediator("ask_evidence", requests={"buyer": ["photo_goods"]})
        story.buyer("hand_in")

    assert isinstance(story.asks("mediator", "ask_evidence"), LimitReached)


@pytest.mark.parametrize("requests", [{}, {"buyer": []}, {"bank": ["chat"]}, {"buyer": ["gossip"]}])
def test_nobody_is_asked_for_nothing(requests):
    story = in_mediation()

    assert isinstance(story.asks("mediator", "ask_evidence", requests=requests), BadTerms)


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
