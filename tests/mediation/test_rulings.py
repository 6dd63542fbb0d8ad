"""Rulings: approved by another, appealed, final; and what comes after the end of a case."""

from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Appeal, Docket, Ruling
from cases.refusals import (
    BadTerms,
    ContentChanged,
    DeadlinePassed,
    LimitReached,
    NotEligible,
    NotIndependent,
    NotNow,
    NotYourStep,
    QuantityTaken,
)
from tests import world
from tests.mediation.story import Story, in_mediation, market, ruled

pytestmark = pytest.mark.usefixtures("watch")

WEEK = timedelta(days=7)


def appealed(by="buyer"):
    """Tell a story until a senior mediator hears an appeal."""
    story = ruled()
    story.does(by, "appeal")
    story.does("senior", "claim")
    return story


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


# Appeal


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_an_appeal_goes_to_a_senior_mediator_with_a_time_of_its_own(side):
    story = ruled()

    story.does(side, "appeal")

    assert (story.dispute.state, story.dispute.instance) == ("appealed", 2)
    assert Docket.objects.get().senior
    assert story.clocks.keys() == {"docket_wait", "ruling"}
    assert Appeal.objects.get().side == side
    assert isinstance(story.asks("mediator", "claim", person="mia"), NotIndependent)
    assert story.wrongs == {}


def test_the_other_side_joins_the_appeal():
    story = ruled()
    story.buyer("appeal")

    story.seller("appeal")

    assert story.dispute.appealed == ["buyer", "seller"]
    assert Appeal.objects.count() == 2
    assert isinstance(story.asks("seller", "appeal"), NotNow)
    assert story.wrongs == {}


def test_who_has_decided_does_not_hear_the_appeal():
    story = ruled()
    story.buyer("appeal")

    refusal = story.asks("senior", "claim", person="mediator-1")
    assert isinstance(refusal, NotIndependent)


def test_the_second_instance_is_final_for_both():
    story = appealed()

    story.does("senior", "rule", amounts={story.line.id: 2_000})

    assert (story.state, story.dispute.state) == ("refunding", "final")
    assert story.refund.amount == 2_000
    assert states() == ["replaced", "final"]
    assert story.wrongs == {}


def test_a_second_instance_above_the_amount_is_approved_too():
    story = in_mediation(paid=200_001)
    story.mediator("rule", amounts={story.line.id: 1_000})
    story.buyer("appeal")
    story.does("senior", "claim")
    story.does("senior", "rule")
    assert states() == ["replaced", "draft"]
    assert isinstance(story.asks("mediator", "approve_ruling"), NotIndependent)  # ruled first
    assert story.wrongs == {}

    story.does("senior", "approve_ruling", person="sue")

    assert (story.state, story.dispute.state) == ("refunding", "final")
    assert story.wrongs == {}


def test_a_senior_gives_an_appeal_back():
    story = appealed()

    story.does("senior", "release")

    assert story.dispute.state == "appealed"
    assert story.wrongs == {}


def test_nobody_joins_an_appeal_that_has_been_decided_on():
    story = in_mediation(paid=200_001)
    story.mediator("rule", amounts={story.line.id: 1_000})
    story.buyer("appeal")
    story.does("senior", "claim")
    story.does("senior", "rule")
    story.does("senior", "send_back", person="sue")
    story.does("senior", "release")
    assert story.dispute.state == "appealed"

    assert isinstance(story.asks("seller", "appeal"), NotNow)
    assert story.wrongs == {}


def test_a_mediator_who_was_assigned_an_appeal_cannot_decide_it():
    story = ruled()
    story.buyer("appeal")
    story.does("supervisor", "assign", mediator="mia")

    lease = Docket.objects.get().lease
    refusal = story.asks("mediator", "rule", person="mia", lease=lease)
    assert isinstance(refusal, NotIndependent)


def test_an_appeal_that_comes_late_hears_so():
    story = ruled()
    story.now += WEEK

    assert isinstance(story.asks("buyer", "appeal"), DeadlinePassed)
    assert story.dispute.state == "final"


def test_a_settlement_does_not_wait_for_the_appeal():
    story = appealed()
    story.does("senior", "propose")
    story.buyer("accept_proposal")
    story.seller("accept_proposal")

    assert (story.state, story.dispute.state) == ("refunding", "settled")
    assert states() == ["void"]
    assert story.wrongs == {}


# Afterwards


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
