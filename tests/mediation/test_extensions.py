"""More time: by the own right of who is on the clock, by consent, or by a mediator."""

from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Clock, Statement
from cases.refusals import BadTerms, LeaseLost, LimitReached, NotNow
from tests.mediation.story import Story, in_mediation, market

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def inspecting(**policy):
    story = Story(market=market("patient", **policy)) if policy else Story()
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")
    return story


def clock(story, name="inspection"):
    return Clock.objects.get(case=story.id, name=name)


def test_the_other_side_grants_the_hours_that_were_asked_for():
    story = Story()
    before = clock(story, "seller_response").due_at

    story.seller("ask_extension", hours=36)
    assert clock(story, "seller_response").due_at == before
    story.buyer("grant_extension")

    after = clock(story, "seller_response")
    assert after.due_at - before == timedelta(hours=36)
    assert (after.extensions, after.granted, after.asked_hours) == (1, 1, 0)
    assert story.steps == ["open", "ask_extension", "grant_extension"]
    story.pass_days(3)
    assert story.state == "awaiting_seller"
    story.pass_days(1)
    assert story.state == "in_mediation"
    assert story.wrongs == {}


def test_one_of_our_people_grants_it_as_well():
    story = Story()
    story.seller("ask_extension", hours=24)

    story.does("supervisor", "grant_extension", person="ann")

    assert clock(story, "seller_response").granted == 1


def test_one_of_our_people_gives_more_time_unasked_as_often_as_the_policy_says():
    story = Story()
    story.seller("ask_extension", hours=24)
    before = clock(story, "seller_response").due_at

    story.mediator("give_extension", hours=36)
    again = story.asks("mediator", "give_extension")

    after = clock(story, "seller_response")
    assert after.due_at - before == timedelta(hours=36)
    assert (after.extensions, after.granted, after.asked_hours) == (1, 1, 0)
    assert isinstance(again, LimitReached)
    assert Statement.objects.filter(case=story.id, role="mediator").count() == 1  # the reason
    assert story.wrongs == {}


@pytest.mark.parametrize(
    ("inputs", "refusal"),
    [({"side": "buyer"}, LimitReached), ({"hours": 0}, BadTerms), ({"hours": 241}, BadTerms)],
)
def test_more_time_that_makes_no_sense_is_not_given(inputs, refusal):
    story = Story()
    before = clock(story, "seller_response").due_at

    assert isinstance(story.asks("mediator", "give_extension", **inputs), refusal)

    assert clock(story, "seller_response").due_at == before


def test_in_mediation_who_holds_the_dispute_gives_a_side_more_time_for_its_evidence():
    story = in_mediation()
    story.mediator("ask_evidence")
    before = story.clocks

    stranger = story.asks("mediator", "give_extension", person="mediator-2", lease=uuid4())
    story.mediator("give_extension", side="buyer")

    assert isinstance(stranger, LeaseLost)
    passed = timedelta(minutes=2)
    assert story.clocks == before | {
        "evidence buyer": before["evidence buyer"] + DAY - passed,
        "evidence seller": before["evidence seller"] - passed,
    }


def test_nobody_grants_what_he_has_asked_for_and_nothing_is_granted_that_nobody_asks():
    story = Story()

    assert isinstance(story.asks("buyer", "grant_extension"), NotNow)
    story.seller("ask_extension", hours=24)
    assert isinstance(story.asks("seller", "grant_extension"), NotNow)


def test_more_than_the_policy_allows_is_refused_and_changes_nothing():
    story = Story()
    story.seller("ask_extension", hours=24)
    twice = story.asks("seller", "ask_extension", hours=24)
    story.buyer("grant_extension")
    before = clock(story, "seller_response")

    beyond = story.asks("seller", "ask_extension", hours=24)

    assert (type(twice), type(beyond)) == (LimitReached, LimitReached)
    assert clock(story, "seller_response").due_at == before.due_at


def test_who_is_not_on_the_clock_cannot_ask():
    story = Story()

    assert isinstance(story.asks("buyer", "ask_extension", hours=24), LimitReached)


def test_a_policy_gives_the_seller_a_right_to_more_time_as_often_as_it_says():
    story = inspecting(clocks__inspection={"extension": {"times": 1, "length": "8d"}})
    before = clock(story).due_at

    story.seller("take_extension")

    assert clock(story).due_at - before == 8 * DAY
    assert isinstance(story.asks("seller", "take_extension"), LimitReached)


def test_without_a_right_nothing_can_be_taken():
    story = inspecting()

    assert isinstance(story.asks("seller", "take_extension"), LimitReached)


def test_an_outage_of_ours_uses_up_nobodys_extensions():
    story = Story()
    Clock.objects.filter(case=story.id).update(extensions=3)

    story.seller("ask_extension", hours=24)

    assert clock(story, "seller_response").asked_hours == 24
