"""What presets say and the default does not, seen at work."""

from datetime import timedelta

import pytest

from cases.models import Clock, OrderLine
from cases.policies import load
from cases.refusals import LimitReached, NotEligible
from tests import world
from tests.mediation.story import Story
from tests.world import day

pytestmark = pytest.mark.usefixtures("watch")

DAY = timedelta(days=1)


def at(policy, *, currency="SGD", category="", **more):
    """Open a case in a marketplace with a preset, of goods of a category."""
    bought = world.order(world.marketplace(policy_name=policy), currency=currency, **more)
    OrderLine.objects.filter(order=bought).update(category=category)
    return bought


# The inspection counts from the tracking number


def returning():
    story = Story(at("tiktok_shop", currency="IDR"))
    story.seller("approve")
    story.buyer("ship_return")
    return story


def test_the_sellers_time_runs_while_the_return_is_on_its_way():
    story = returning()

    assert story.clocks == {"return_transit": 15 * DAY, "inspection": 8 * DAY}
    assert story.wrongs == {}


def test_the_delivery_of_the_return_gives_no_new_time():
    story = returning()
    shipped_at = story.now
    story.pass_days(3)
    story.carrier("return_delivered")

    assert story.clocks.keys() == {"inspection"}
    assert Clock.objects.get().due_at == shipped_at + 8 * DAY
    assert story.wrongs == {}


def test_a_return_that_nobody_received_in_time_is_refunded():
    story = returning()
    story.pass_days(9)

    assert story.state == "refunding"
    assert story.wrongs == {}


def test_a_lost_return_is_handed_back_with_both_clocks():
    story = returning()
    story.mediator("take_over", reason="safety")
    story.mediator("claim")
    story.mediator("hand_back")

    assert (story.state, story.clocks.keys()) == (
        "return_in_transit",
        {"return_transit", "inspection"},
    )
    assert story.wrongs == {}


# Silence that looks at the goods


@pytest.mark.parametrize(
    ("category", "paid", "state"),
    [
        ("groceries", 9_999, "refunding"),
        ("groceries", 10_000, "in_mediation"),
        ("toys", 5_000, "refunding"),
        ("toys", 5_001, "awaiting_return"),
    ],
)
def test_silence_looks_at_the_category(category, paid, state):
    story = Story(at("lazada", category=category, paid=paid))

    story.pass_days(5)

    assert story.state == state
    assert story.wrongs == {}


def test_silence_turns_no_compensation_into_a_refund():
    story = Story(at("lazada", paid=400_000), remedy="compensation")

    story.pass_days(5)

    assert (story.case.amount, story.money) == (3_000, (1, 0, 0, 0))
    assert story.wrongs == {}


def test_silence_asks_nothing_back_that_has_not_come():
    story = Story(
        at("lazada", paid=400_000, delivered=None), reason="no_longer_wanted", remedy="refund_only"
    )

    story.pass_days(5)

    assert story.state == "refunding"
    assert story.wrongs == {}


# Counts and windows


def test_applications_and_edits_count_together():
    story = Story(at("wechat", currency="CNY"))
    for _ in range(4):
        story.buyer("amend")

    assert OrderLine.objects.get().tries_left("edits", load("wechat").limits) == 0
    assert isinstance(story.asks("buyer", "amend"), LimitReached)
    story.seller("refuse")
    assert isinstance(story.asks("buyer", "reapply"), LimitReached)


def test_beyond_the_window_the_marketplace_opens_a_case_and_the_buyer_does_not():
    bought = at("kuaishou", currency="CNY", delivered=day(-8))

    with pytest.raises(NotEligible):
        world.open_case(bought)
    assert world.open_case(bought, by=world.actor(bought, "service")).state == "awaiting_seller"
