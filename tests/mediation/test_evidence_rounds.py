"""Evidence: asked for, handed in, sealed."""

import hashlib
import json
from datetime import timedelta

import pytest

from cases.models import Event, Evidence, EvidenceRequest
from cases.refusals import (
    BadTerms,
    DeadlinePassed,
    LimitReached,
    NotYourStep,
)
from tests.mediation.story import in_mediation

pytestmark = pytest.mark.usefixtures("watch")

HOUR = timedelta(hours=1)


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
