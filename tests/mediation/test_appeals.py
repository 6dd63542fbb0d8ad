"""Appeals: each side once, heard by a senior mediator, final."""

from datetime import timedelta

import pytest

from cases.models import Appeal, Docket, Ruling
from cases.refusals import (
    DeadlinePassed,
    NotIndependent,
    NotNow,
)
from tests.mediation.story import in_mediation, ruled

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
