"""Goods on their way: back to the seller, and to the buyer in their place."""

from datetime import timedelta

import pytest

from cases.models import Parcel
from cases.refusals import EvidenceMissing, LimitReached
from tests import world
from tests.mediation.beginnings import inspecting, returning
from tests.mediation.story import Story, in_mediation

pytestmark = pytest.mark.usefixtures("watch")


def test_a_return_that_does_not_arrive_brings_the_mediator_in():
    story = returning()
    assert story.clocks == {"return_transit": timedelta(days=15)}

    story.pass_days(16)

    assert story.state == "in_mediation"
    assert story.money == (1, 10_000, 0, 0)
    assert story.wrongs == {}


def test_a_mistyped_number_is_corrected_once():
    story = returning()
    story.buyer("correct_tracking", tracking_no="SF2")

    assert Parcel.objects.get().tracking_no == "SF2"
    assert isinstance(story.asks("buyer", "correct_tracking"), LimitReached)
    assert story.wrongs == {}


def test_a_number_serves_one_return():
    shop = world.marketplace()
    returning(market=shop)
    number = Parcel.objects.get().tracking_no
    other = Story(market=shop)
    other.seller("approve")

    refusal = other.asks("buyer", "ship_return", tracking_no=number)

    assert refusal.code == "TRACKING_TAKEN"
    assert other.state == "awaiting_return"


def test_a_delivered_return_gives_the_seller_ten_days():
    story = inspecting()

    assert story.state == "inspecting"
    assert story.clocks == {"inspection": timedelta(days=10)}
    assert story.wrongs == {}


def test_a_carrier_may_be_faster_than_the_buyers_word():
    story = Story()
    story.seller("approve")

    story.carrier("return_delivered")

    assert story.state == "inspecting"
    assert story.wrongs == {}


def test_a_seller_takes_the_goods_back_and_the_buyer_is_paid():
    story = inspecting()

    story.seller("accept_return")

    assert story.state == "refunding"
    assert Parcel.objects.get().state == "ended"
    assert story.wrongs == {}


def test_a_seller_who_is_silent_pays():
    story = inspecting()

    story.pass_days(11)

    assert story.state == "refunding"
    assert story.steps[-1] == "accept_return"
    assert story.wrongs == {}


def test_above_the_limit_silence_brings_the_mediator_in_instead():
    story = inspecting(paid=500_001)

    story.pass_days(11)

    assert story.state == "in_mediation"
    assert story.wrongs == {}


def test_what_was_agreed_and_not_what_was_asked_is_measured_by_the_limit():
    story = Story(paid=500_001)
    story.seller("offer", remedy="return_refund", amounts={story.line.id: 500_000})
    story.buyer("accept_offer")
    story.buyer("ship_return")
    story.carrier("return_delivered")

    story.pass_days(11)

    assert story.state == "refunding"


def test_a_rejected_return_brings_the_mediator_in():
    story = inspecting()

    story.seller("reject_return")

    assert story.state == "in_mediation"
    assert set(story.clocks) == {"docket_wait", "ruling", "inspection*"}
    assert story.wrongs == {}


def test_a_return_is_rejected_with_evidence():
    refusal = inspecting().asks("seller", "reject_return", reason="not_intact", statement="No.")

    assert isinstance(refusal, EvidenceMissing)
    assert refusal.details == {"missing": ["photo_goods"]}


def test_a_lost_return_brings_the_mediator_in():
    story = returning()

    story.carrier("return_lost")

    assert story.state == "in_mediation"
    assert Parcel.objects.get().state == "lost"
    assert story.wrongs == {}


def test_a_mediator_hands_a_lost_return_back_when_it_is_found():
    story = returning()
    story.carrier("return_lost")
    story.mediator("claim")

    story.mediator("hand_back")
    story.carrier("return_delivered")

    assert story.state == "inspecting"
    assert story.wrongs == {}


def test_a_seller_who_has_the_goods_and_gives_in_pays_at_once():
    story = inspecting()
    story.seller("reject_return")

    story.seller("approve")

    assert (story.state, story.dispute.state) == ("refunding", "settled")
    assert story.refund.amount == 10_000
    assert story.wrongs == {}


def test_goods_that_are_back_are_not_asked_for_again_by_a_ruling():
    story = inspecting()
    story.seller("reject_return")
    story.mediator("claim")
    story.mediator("rule", remedy="return_refund")

    story.pass_days(8)

    assert story.state == "refunding"
    assert story.wrongs == {}


def test_a_ruling_sends_goods_back_to_the_buyer():
    story = inspecting()
    story.seller("reject_return")
    story.mediator("claim")
    story.mediator("rule", remedy="send_back", amounts={}, fault={"buyer": 100})
    story.pass_days(8)

    assert story.state == "awaiting_replacement"
    assert story.money == (1, 0, 0, 0)
    story.seller("dispatch_replacement")
    assert Parcel.objects.get(kind="sent_back").state == "sent"
    story.carrier("replacement_delivered")
    story.buyer("confirm_replacement")
    assert (story.state, story.case.outcome) == ("completed", "replaced")
    assert story.wrongs == {}


def test_a_seller_who_gives_in_after_such_a_ruling_pays():
    story = inspecting()
    story.seller("reject_return")
    story.mediator("claim")
    story.mediator("rule", remedy="send_back", amounts={}, fault={"buyer": 100})
    story.pass_days(20)  # the ruling is final, the goods are not sent
    assert story.state == "in_mediation"

    story.seller("approve")

    assert story.state == "refunding"
    assert story.wrongs == {}


def test_a_ruling_that_asks_for_a_return_and_its_rejection_reopens_the_same_dispute():
    story = in_mediation()
    story.mediator("rule", remedy="return_refund")
    story.pass_days(8)
    assert story.state == "awaiting_return"
    dispute = story.dispute.id
    story.buyer("ship_return")
    story.carrier("return_delivered")

    story.seller("reject_return")

    assert (story.dispute.id, story.dispute.state, story.dispute.round) == (dispute, "queued", 2)
    assert story.wrongs == {}


def test_a_seller_rejects_no_return_after_the_last_round():
    story = in_mediation()
    story.mediator("rule", remedy="return_refund")
    story.pass_days(8)
    story.buyer("ship_return")
    story.pass_days(16)  # stuck: the second round
    story.mediator("claim", person="mediator-2")
    story.lease = story.lease
    story.does("mediator", "rule", person="mediator-2", remedy="exchange", amounts={})
    story.pass_days(8)
    assert story.state == "awaiting_replacement"
    story.pass_days(8)

    assert story.state == "refunding"  # no third round: it turns into a refund
    assert story.wrongs == {}
