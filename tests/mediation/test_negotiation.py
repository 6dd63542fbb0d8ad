"""Offers: made, countered, declined, lapsed, accepted; in mediation too."""

from datetime import timedelta

import pytest

from cases.models import Offer
from cases.refusals import AmountTooHigh, BadTerms, DeadlinePassed, NotNow, NotYourStep, StaleOffer
from mediation.models import Heartbeat
from mediation.steps import lapse
from tests.mediation.story import Story, in_mediation, market

pytestmark = pytest.mark.usefixtures("watch")

DAY = timedelta(days=1)


def left(story):
    return {name: round(time / timedelta(minutes=1)) for name, time in story.clocks.items()}


def test_an_offer_waits_a_day_for_its_answer_while_the_sellers_time_stands_still():
    story = Story()
    story.seller("offer")

    assert story.state == "negotiating"
    assert left(story) == {"offer_reply buyer": 24 * 60, "seller_response*": 48 * 60 - 1}
    assert story.wrongs == {}


def test_the_side_that_offered_cannot_answer():
    story = Story()
    story.seller("offer")

    assert isinstance(story.asks("seller", "accept_offer"), NotYourStep)


def test_a_declined_offer_gives_the_seller_the_time_that_was_left():
    story = Story()
    story.pass_days(1)
    story.buyer("offer")
    story.pass_days(0, hours=20)

    story.seller("decline_offer")

    assert story.state == "awaiting_seller"
    assert left(story) == {"seller_response": 24 * 60 - 1}
    assert Offer.objects.get().state == "declined"
    assert story.wrongs == {}


def test_an_offer_that_nobody_answers_lapses():
    story = Story()
    story.seller("offer")

    story.pass_days(1)

    assert story.state == "awaiting_seller"
    assert left(story) == {"seller_response": 48 * 60 - 1}
    assert isinstance(story.asks("buyer", "accept_offer"), DeadlinePassed)
    assert story.wrongs == {}


def test_a_counter_offer_gives_the_other_side_a_day():
    story = Story()
    story.seller("offer")
    story.pass_days(0, hours=12)

    story.buyer("counter_offer")

    assert left(story) == {"offer_reply seller": 24 * 60, "seller_response*": 48 * 60 - 1}
    assert list(Offer.objects.order_by("version").values_list("side", "state")) == [
        ("seller", "replaced"),
        ("buyer", "open"),
    ]
    assert story.wrongs == {}


def test_an_accepted_offer_is_what_is_paid():
    story = Story()
    story.seller("offer")

    story.buyer("accept_offer")

    assert story.state == "refunding"
    assert story.refund.amount == 1_000
    assert story.case.amount == 1_000
    assert story.money == (1, 1_000, 0, 0)
    assert story.clocks.keys() == {"refund_settlement"}
    assert story.wrongs == {}


def test_an_offer_may_stand_for_less_time_than_the_policy_gives():
    story = Story()
    story.seller("offer", hours=6)

    assert left(story) == {"offer_reply buyer": 6 * 60, "seller_response*": 48 * 60 - 1}
    offer = Offer.objects.get()
    assert offer.expires_at - offer.made_at == timedelta(hours=6)
    story.pass_days(0, hours=6)
    assert story.state == "awaiting_seller"
    assert left(story) == {"seller_response": 48 * 60 - 1}
    assert isinstance(story.asks("buyer", "accept_offer"), DeadlinePassed)
    assert story.wrongs == {}


def test_a_counter_offer_has_an_end_of_its_own():
    story = Story()
    story.seller("offer", hours=2)

    story.buyer("counter_offer", hours=20)

    assert left(story)["offer_reply seller"] == 20 * 60
    assert story.wrongs == {}


def test_an_offer_in_mediation_ends_when_it_says():
    story = in_mediation()
    story.buyer("offer", hours=3)
    story.pass_days(0, hours=3)

    assert isinstance(story.asks("seller", "accept_offer"), DeadlinePassed)


@pytest.mark.parametrize("step", ["offer", "counter_offer"])
def test_no_offer_stands_longer_than_the_policy_says(step):
    story = Story()
    if step == "counter_offer":
        story.seller("offer")

    refusal = story.asks("buyer", step, hours=25)

    assert isinstance(refusal, BadTerms)
    assert refusal.details["latest"] == story.now + DAY
    story.buyer(step, hours=24)


def test_each_line_has_its_own_amount_and_the_offer_its_payer_of_the_freight():
    story = Story(lines=2)
    first, second = (line.id for line in story.order.lines.order_by("ref"))
    amounts = {first: 1_000, second: 2_500}
    story.seller("offer", remedy="return_refund", amounts=amounts, freight_payer="buyer")

    story.buyer("accept_offer")

    assert (story.state, story.case.freight_payer) == ("awaiting_return", "buyer")
    reserved = story.order.lines.order_by("ref").values_list("reserved", flat=True)
    assert (list(reserved), story.case.amount) == ([1_000, 2_500], 3_500)
    assert story.wrongs == {}


def test_only_the_offer_that_is_quoted_is_accepted():
    story = Story()
    story.seller("offer")
    quoted = story.usual("accept_offer")
    story.buyer("counter_offer")
    story.seller("counter_offer")

    assert isinstance(story.asks("buyer", "accept_offer", **quoted), StaleOffer)


def test_a_side_makes_five_offers():
    story = Story(market=market(limits={"offers_per_side": 2}))
    for _ in range(2):
        story.seller("offer")
        story.buyer("decline_offer")

    assert story.asks("seller", "offer").code == "LIMIT_REACHED"
    story.buyer("offer")
    assert story.asks("seller", "counter_offer").code == "LIMIT_REACHED"


def test_the_seller_may_approve_while_an_offer_stands():
    story = Story(remedy="refund_only")
    story.seller("offer")

    story.seller("approve")

    assert story.state == "refunding"
    assert Offer.objects.get().state == "lapsed"
    assert story.refund.amount == 10_000
    assert story.wrongs == {}


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"remedy": "refund_only", "amounts": {}}, BadTerms),
        ({"remedy": "exchange", "amounts": {}, "compensation": 5}, BadTerms),
        ({"remedy": "none", "amounts": {}}, BadTerms),
        ({"remedy": "compensation", "amounts": {}, "compensation": 30_001}, AmountTooHigh),
    ],
)
def test_terms_that_do_not_add_up_are_no_offer(terms, refusal):
    assert isinstance(Story().asks("seller", "offer", **terms), refusal)


def test_more_than_the_line_is_no_offer():
    story = Story()
    refusal = story.asks("seller", "offer", remedy="refund_only", amounts={story.line.id: 10_001})

    assert isinstance(refusal, AmountTooHigh)
    assert refusal.details["most"] == 10_000


def test_an_offer_in_mediation_moves_nothing():
    story = in_mediation()
    before = story.clocks.keys()

    story.buyer("offer")

    assert (story.state, story.dispute.state) == ("in_mediation", "in_review")
    assert story.clocks.keys() == before
    assert story.wrongs == {}


def test_an_offer_accepted_in_mediation_settles_the_dispute():
    story = in_mediation()
    story.buyer("offer")

    story.seller("accept_offer")

    assert (story.state, story.dispute.state) == ("refunding", "settled")
    assert story.wrongs == {}


def test_an_offer_declined_in_mediation_leaves_the_dispute_alone():
    story = in_mediation()
    story.buyer("offer")

    story.seller("decline_offer")

    assert (story.state, story.dispute.state) == ("in_mediation", "in_review")
    story.seller("offer")
    assert story.wrongs == {}


def test_an_offer_that_expired_in_mediation_makes_room_for_another():
    story = in_mediation()
    story.buyer("offer")
    story.pass_days(1)

    assert isinstance(story.asks("seller", "accept_offer"), DeadlinePassed)
    story.seller("offer")

    assert list(Offer.objects.order_by("version").values_list("side", "state")) == [
        ("buyer", "lapsed"),
        ("seller", "open"),
    ]
    assert story.wrongs == {}


def test_an_offer_lives_as_long_as_its_clock_is_extended():
    story = Story()
    story.seller("offer")
    end = story.now + DAY
    Heartbeat.objects.update_or_create(name="lapse", defaults={"at": end - timedelta(hours=2)})
    version = story.case.version
    lapse(clock=lambda: end)  # nobody saw to the clocks for two hours
    assert story.case.version == version + 1
    story.now = end

    story.buyer("accept_offer")

    assert story.state == "refunding"
    assert story.steps == ["open", "offer", "extend", "accept_offer"]
    assert story.wrongs == {}


def test_two_offers_do_not_stand_at_once():
    story = in_mediation()
    story.buyer("offer")

    assert isinstance(story.asks("seller", "offer"), NotNow)
