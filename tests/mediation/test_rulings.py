"""Rulings: approved by another, appealed, final; and what comes after the end of a case."""

from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Docket, Ruling
from cases.refusals import (
    BadTerms,
    ContentChanged,
    LimitReached,
    NotIndependent,
    NotNow,
)
from tests import world
from tests.mediation.story import Story, in_mediation, market, ruled

pytestmark = pytest.mark.usefixtures("watch")

WEEK = timedelta(days=7)


def states():
    return list(Ruling.objects.order_by("id").values_list("state", flat=True))


# Ruling


def test_a_ruling_may_be_appealed_for_a_week_by_each_side():
    story = ruled()

    assert (story.state, story.dispute.state) == ("in_mediation", "ruled")
    assert story.clocks == {"appeal buyer": WEEK, "appeal seller": WEEK}
    assert story.money == (1, 0, 0, 0)  # nothing is paid before
    assert isinstance(story.asks("buyer", "withdraw"), NotNow)
    assert isinstance(story.asks("seller", "approve"), NotNow)
    assert story.wrongs == {}


def test_a_ruling_that_nobody_appeals_is_final_and_carried_out():
    story = ruled()

    story.pass_days(8)

    assert (story.state, story.dispute.state) == ("refunding", "final")
    assert story.steps[-2:] == ["finalize", "finalize"]
    assert story.refund.amount == 10_000
    assert story.case.final
    assert states() == ["final"]
    assert story.wrongs == {}


def test_a_ruling_that_both_accept_is_final_at_once():
    story = ruled()
    story.buyer("waive_appeal")
    assert story.clocks == {"appeal seller": WEEK - timedelta(minutes=1)}

    story.seller("waive_appeal")

    assert (story.state, story.dispute.state) == ("refunding", "final")
    assert story.wrongs == {}


def test_one_accepts_and_the_other_is_silent():
    story = ruled()
    story.buyer("waive_appeal")
    assert isinstance(story.asks("buyer", "appeal"), NotNow)

    story.pass_days(8)

    assert story.dispute.state == "final"
    assert story.wrongs == {}


def test_a_ruling_for_the_seller_closes_the_case():
    story = ruled(remedy="none", amounts={}, fault={"buyer": 100})

    story.pass_days(8)

    assert (story.state, story.case.outcome) == ("closed", "ruled_for_seller")
    assert story.money == (0, 0, 0, 0)
    assert story.wrongs == {}


def test_a_ruling_on_the_outbound_freight():
    story = in_mediation(freight=500)
    story.mediator("rule", freight_out=False)
    story.pass_days(8)

    assert story.refund.amount == 10_000
    assert story.wrongs == {}


@pytest.mark.parametrize(
    "content",
    [
        {"fault": {"seller": 99}},
        {"fault": {"seller": 101, "buyer": -1}},
        {"fault": {"weather": 100}},
        {"fault": {}},
        {"rule": ""},
        {"amounts": {}},
        {"amounts": {uuid4(): 1}},
        {"remedy": "gift", "amounts": {}},
        {"payer": "carrier"},
    ],
)
def test_a_ruling_that_does_not_add_up_is_none(content):
    story = in_mediation()

    assert isinstance(story.asks("mediator", "rule", **content), BadTerms)
    assert story.dispute.state == "in_review"


def test_without_appeal_a_ruling_is_final():
    story = in_mediation(market=market(mediation={"appeal": False}))
    story.mediator("rule")

    assert (story.state, story.dispute.state) == ("refunding", "final")
    assert story.wrongs == {}


def test_no_appeals_per_side_are_no_appeal():
    story = in_mediation(market=market(limits={"appeals_per_side": 0}))
    story.mediator("rule")

    assert story.dispute.state == "final"


# Four eyes


def test_up_to_the_amount_one_mediator_decides():
    story = in_mediation(paid=200_000)
    story.mediator("rule")

    assert story.dispute.state == "ruled"


def test_above_the_amount_a_second_mediator_approves():
    story = in_mediation(paid=200_001)
    left = story.clocks["ruling"]
    story.mediator("rule")

    assert story.dispute.state == "awaiting_approval"
    assert story.clocks.keys() == {"approval", "ruling*"}
    assert story.clocks["ruling*"] == left - timedelta(minutes=1)
    assert states() == ["draft"]
    assert isinstance(story.asks("mediator", "approve_ruling"), NotIndependent)
    assert isinstance(
        story.asks("mediator", "approve_ruling", person="mia", sha256="0" * 64), ContentChanged
    )
    assert story.wrongs == {}

    story.does("mediator", "approve_ruling", person="mia")

    assert story.dispute.state == "ruled"
    assert Ruling.objects.get().approved_by == "mia"
    assert states() == ["live"]
    assert story.wrongs == {}


def test_the_amount_is_added_up_along_the_order():
    bought = world.order(world.marketplace(), lines=2, paid=150_000)
    first, second = bought.lines.order_by("ref")
    one = Story(bought, remedy="refund_only", items=[item(first)])
    one.seller("approve")
    other = Story(bought, remedy="refund_only", items=[item(second)])
    other.pass_days(3)
    other.mediator("claim")

    other.mediator("rule", amounts={second.id: 50_001})

    assert other.dispute.state == "awaiting_approval"


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("paid_as", ["amounts", "compensation"])
def test_what_is_split_over_two_cases_is_added_up_whatever_became_of_the_first(final, paid_as):
    bought = world.order(world.marketplace(), lines=2, paid=150_000)
    stories = []
    for line in bought.lines.order_by("ref"):
        story = Story(bought, remedy="refund_only", items=[item(line)])
        story.pass_days(3)
        story.mediator("claim")
        stories.append((story, line))
    (one, first), (other, second) = stories
    one.mediator("rule", **paid(paid_as, first, 100_001))
    if final:
        one.buyer("waive_appeal")
        one.seller("waive_appeal")
    assert one.dispute.state == ("final" if final else "ruled")

    other.mediator("rule", **paid(paid_as, second, 100_000))

    assert other.dispute.state == "awaiting_approval"


def paid(paid_as, line, amount):
    if paid_as == "amounts":
        return {"amounts": {line.id: amount}}
    return {"remedy": "compensation", "amounts": {}, "compensation": amount}


def item(line):
    return {"line": line.id, "quantity": 1, "amount": None}


def test_a_ruling_that_is_sent_back_is_void():
    story = in_mediation(paid=200_001)
    story.mediator("rule")

    story.does("mediator", "send_back", person="mia")

    assert story.dispute.state == "in_review"
    assert story.clocks.keys() == {"ruling"}
    assert states() == ["void"]
    assert story.wrongs == {}
    story.mediator("rule", amounts={story.line.id: 1_000})
    assert story.dispute.state == "ruled"
    assert story.wrongs == {}


def test_a_ruling_is_sent_back_twice():
    story = in_mediation(paid=200_001)
    for _ in range(2):
        story.mediator("rule")
        story.does("mediator", "send_back", person="mia")
    story.mediator("rule")

    assert isinstance(story.asks("mediator", "send_back", person="mia"), LimitReached)


def test_an_approval_that_is_late_goes_to_the_supervisor():
    story = in_mediation(paid=200_001)
    story.mediator("rule")
    story.pass_days(2)

    assert Docket.objects.get().supervisor
    assert not story.dispute.overdue
    assert story.dispute.state == "awaiting_approval"
    assert story.wrongs == {}
