"""What the sides may see of a dispute: no bid of the other, no draft, nobody of our people."""

import json

import pytest

from tests.api.callers import yuan
from tests.api.problems import problem
from tests.api.test_actions import awaiting_approval, callers_of, gathering, proposed
from tests.mediation.story import Story, in_mediation, ruled

pytestmark = pytest.mark.django_db


def people(story, stand_at):
    stand_at(story.now)
    return callers_of(story)


def dispute(caller, story):
    answer = caller.get(f"cases/{story.id}/dispute")
    assert answer.status_code == 200, answer.content
    return answer.json()


def timeline(caller, story):
    return caller.get(f"cases/{story.id}/timeline").json()["results"]


def everything(caller, story):
    """Read all that the API tells of a case, as one text."""
    paths = ("", "/timeline", "/clocks", "/dispute", "/refunds")
    return json.dumps([caller.get(f"cases/{story.id}{path}").json() for path in paths])


def test_a_case_that_never_was_in_mediation_has_no_dispute(stand_at):
    story = Story()
    bea, *_ = people(story, stand_at)

    assert problem(bea.get(f"cases/{story.id}/dispute")) == (404, "NO_DISPUTE")


def test_a_bid_is_seen_by_who_made_it_and_by_nobody_else(stand_at):
    story = in_mediation()
    story.buyer("bid", amount=7_654)
    bea, sam, shop = people(story, stand_at)

    assert dispute(bea, story)["bid"] == yuan("76.54")
    assert dispute(sam, story)["bid"] is None
    for other in (sam, shop):
        assert "76.54" not in everything(other, story)
    assert "bid" in [entry["name"] for entry in timeline(bea, story)]
    assert "bid" not in [entry["name"] for entry in timeline(sam, story)]


def test_bids_that_overlap_settle_and_tell_the_midpoint_only(stand_at):
    story = in_mediation()
    story.buyer("bid", amount=4_000)
    story.seller("bid", amount=6_000)
    bea, sam, _ = people(story, stand_at)

    for caller, foreign in ((bea, "60.00"), (sam, "40.00")):
        last = timeline(caller, story)[-1]
        assert (last["name"], last["details"]["settled_at"]) == ("bid", yuan("50.00"))
        assert foreign not in everything(caller, story)


def test_each_side_sees_what_it_is_asked_for_itself(stand_at):
    story = gathering()
    bea, sam, shop = people(story, stand_at)

    assert [r["items"] for r in dispute(bea, story)["requests"]] == [["photo_goods"]]
    assert [r["items"] for r in dispute(sam, story)["requests"]] == [["chat"]]
    assert len(dispute(shop, story)["requests"]) == 2
    assert dispute(bea, story)["requests"][0]["statement"] == "As I said."


def test_who_hands_in_second_has_not_read_what_the_first_has_said(stand_at):
    story = gathering()
    story.buyer("hand_in", statement="My side.", evidence=[{"slot": "chat"}])
    bea, sam, _ = people(story, stand_at)

    assert timeline(bea, story)[-1]["statement"] == "My side."
    assert (timeline(sam, story)[-1]["name"], timeline(sam, story)[-1]["details"]) == (
        "hand_in",
        {},
    )
    assert "My side." not in everything(sam, story)
    story.seller("hand_in")
    assert "My side." in everything(sam, story)


def test_a_draft_that_waits_for_approval_is_nobodys_business(stand_at):
    story = awaiting_approval()
    bea, sam, _ = people(story, stand_at)

    for caller in (bea, sam):
        seen = dispute(caller, story)
        assert (seen["state"], seen["rulings"]) == ("in_review", [])
        text = everything(caller, story)
        assert "awaiting_approval" not in text
        assert "approval" not in text
        assert "mediator-1" not in text
        names = [entry["name"] for entry in timeline(caller, story)]
        assert [name for name in names if name != "remind"] == ["open", "escalate"]


def test_a_ruling_is_told_with_its_reasons_and_without_its_author(stand_at):
    story = ruled()
    bea, *_ = people(story, stand_at)

    [ruling] = dispute(bea, story)["rulings"]

    assert (ruling["state"], ruling["remedy"]) == ("live", "refund_only")
    assert ruling["items"] == [{"line": "0", "amount": yuan("100.00")}]
    assert (ruling["fault"], ruling["rule"]) == ({"seller": 100}, "quality-1")
    assert ruling["statement"] == "As I said."
    assert "mediator-1" not in everything(bea, story)


def test_a_proposal_shows_its_terms(stand_at):
    story = proposed()
    bea, *_ = people(story, stand_at)

    [proposal] = dispute(bea, story)["proposals"]

    assert proposal["items"] == [{"line": "0", "amount": yuan("10.00")}]
    assert [a["name"] for a in bea.case(story.id)["actions"] if a["mandatory"]] == [
        "accept_proposal",
        "decline_proposal",
    ]
