"""What the seller owes: replacements, goods sent again or sent back."""

from datetime import timedelta

import pytest

from cases.models import Parcel
from cases.refusals import NotNow
from tests.mediation.beginnings import inspecting, owed
from tests.mediation.story import market

pytestmark = pytest.mark.usefixtures("watch")


def test_goods_that_are_not_sent_bring_the_mediator_in():
    story = owed()
    assert story.clocks == {"dispatch": timedelta(days=7)}

    story.pass_days(8)

    assert story.state == "in_mediation"
    assert story.wrongs == {}


def test_a_policy_may_turn_goods_that_are_not_sent_into_a_refund():
    story = owed(market=market(clocks__dispatch={"on_expiry": "out_of_stock"}))

    story.pass_days(8)

    assert story.state == "refunding"
    assert story.refund.amount == 10_000
    assert story.wrongs == {}


def test_a_seller_without_stock_pays():
    story = owed()

    story.seller("out_of_stock")

    assert story.state == "refunding"
    assert story.case.remedy == "refund_only"
    assert story.wrongs == {}


def test_the_buyer_looks_at_what_came_for_a_week_and_the_carrier_says_when_once():
    story = owed()
    story.seller("dispatch_replacement")
    assert story.clocks == {"replacement_receipt": timedelta(days=10)}
    story.pass_days(9)

    story.carrier("replacement_delivered")

    assert story.clocks == {"replacement_receipt": timedelta(days=7)}
    assert isinstance(story.asks("carrier", "replacement_delivered"), NotNow)
    assert story.wrongs == {}


def test_silence_about_what_came_completes_the_case_and_frees_the_pieces():
    story = owed()
    story.seller("dispatch_replacement")

    story.pass_days(11)

    assert (story.state, story.case.outcome) == ("completed", "replaced")
    assert story.money == (0, 0, 0, 0)
    assert story.wrongs == {}


def test_the_wrong_replacement_brings_the_mediator_in():
    story = owed()
    story.seller("dispatch_replacement")

    story.buyer("reject_replacement")

    assert story.state == "in_mediation"
    assert set(story.clocks) == {"docket_wait", "ruling", "replacement_receipt*"}
    assert story.wrongs == {}


def test_an_exchange_goes_both_ways():
    story = inspecting(remedy="exchange")

    story.seller("accept_return")

    assert story.state == "awaiting_replacement"
    assert story.clocks == {"dispatch": timedelta(days=7)}
    story.seller("dispatch_replacement")
    assert set(Parcel.objects.values_list("kind", "state")) == {
        ("return", "ended"),
        ("replacement", "sent"),
    }
    assert story.wrongs == {}
