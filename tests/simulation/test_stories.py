"""Golden stories: what people asked this system for, each told from the application to the end."""

from datetime import timedelta

import pytest

from cases.models import Event, RefundPart
from cases.refusals import EvidenceMissing, LimitReached, NotEligible
from mediation import effects
from mediation.gateways import sandbox
from tests import world
from tests.mediation.story import Story
from tests.world import day

pytestmark = pytest.mark.django_db


def who(story, step):
    """Name the roles that took a step."""
    events = Event.objects.filter(case=story.id, name=step).order_by("sequence")
    return list(events.values_list("role", flat=True))


def brought_back(story):
    story.buyer("ship_return")
    story.carrier("return_delivered")
    story.seller("accept_return")


def paid(story):
    story.gateway("refund_settled")
    return story.state, story.case.outcome, story.money


@pytest.mark.requirement("D08", "D15")
def test_a_size_complaint_is_refused_explained_accepted_and_returned():
    story = Story(reason="not_as_described", paid=23_900)
    story.seller("refuse")
    story.buyer("reapply", statement="Measured: 8 cm shorter than the listing says.")
    story.seller("approve")
    brought_back(story)

    assert paid(story) == ("completed", "refunded", (1, 0, 23_900, 0))
    assert story.case.applications == 2
    assert list(story.case.attempts.order_by("number").values_list("kind", "answer")) == [
        ("open", "refused"),
        ("reapply", "approved"),
    ]


@pytest.mark.requirement("D08")
def test_how_often_somebody_applies_again_is_the_policys_to_say():
    story = Story()
    for _ in range(2):
        story.seller("refuse")
        story.buyer("reapply")
    story.seller("refuse")

    assert isinstance(story.asks("buyer", "reapply"), LimitReached)


@pytest.mark.requirement("D02")
@pytest.mark.parametrize(
    ("remedy", "states"),
    [
        ("refund_only", ["refunding"]),
        ("return_refund", ["awaiting_return", "inspecting", "refunding"]),
        ("exchange", ["awaiting_return", "inspecting", "awaiting_replacement"]),
        ("repair", ["awaiting_return", "inspecting", "awaiting_replacement"]),
        ("compensation", ["refunding"]),
    ],
)
def test_the_path_of_a_case_follows_from_its_remedy(remedy, states):
    story = Story(remedy=remedy)
    story.seller("approve")
    passed = [story.state]
    if story.state == "awaiting_return":
        story.buyer("ship_return")
        story.carrier("return_delivered")
        passed.append(story.state)
        story.seller("accept_return")
        passed.append(story.state)

    assert passed == states


@pytest.mark.requirement("D06")
def test_goods_that_came_back_used_are_rejected_with_photographs_only():
    story = Story(reason="seven_day_no_reason")
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")

    refusal = story.asks("seller", "reject_return", reason="not_intact")
    assert isinstance(refusal, EvidenceMissing)
    assert refusal.details["missing"] == ["photo_goods"]

    story.seller("reject_return", reason="not_intact", evidence=[{"slot": "photo_goods"}])
    assert story.state == "in_mediation"


@pytest.mark.requirement("D09", "R04")
@pytest.mark.parametrize(
    ("reason", "missing"),
    [
        ("quality", ["photo_goods", "video"]),
        ("damaged", ["photo_goods", "photo_parcel"]),
        ("seven_day_no_reason", ["intact"]),
    ],
)
def test_an_application_without_its_proof_is_told_what_is_missing(reason, missing):
    with pytest.raises(EvidenceMissing) as refused:
        world.open_case(world.order(world.marketplace()), reason=reason, remedy="return_refund")

    assert refused.value.details["missing"] == missing


@pytest.mark.requirement("R01", "T11")
def test_seven_days_after_receipt_the_window_is_closed():
    bought = world.order(world.marketplace(), delivered=day(0))
    proof = {"reason": "seven_day_no_reason", "evidence": [{"slot": "intact"}]}

    with pytest.raises(NotEligible):
        world.open_case(bought, when=day(7), **proof)
    assert world.open_case(bought, when=day(7, seconds=-1), **proof).state == "awaiting_seller"


@pytest.mark.requirement("T11")
def test_custom_made_goods_are_not_returned_without_a_reason():
    bought = world.order(world.marketplace())
    bought.lines.update(flags=["custom_made"])

    with pytest.raises(NotEligible) as refused:
        world.open_case(bought, reason="seven_day_no_reason", evidence=[{"slot": "intact"}])
    assert refused.value.details["flag"] == "custom_made"


@pytest.mark.requirement("R02", "T07")
def test_a_seller_has_24_hours_and_is_reminded_before_the_platform_comes_in():
    story = Story(market=world.marketplace(policy_name="douyin"))
    story.pass_days(0, hours=23, minutes=59)
    assert (story.state, who(story, "remind")) == ("awaiting_seller", ["clock"] * 3)

    story.pass_days(0, minutes=1)

    assert (story.state, who(story, "escalate")) == ("in_mediation", ["clock"])


@pytest.mark.requirement("R03", "K08")
def test_what_both_sides_agree_on_is_carried_out():
    story = Story(reason="late", remedy="refund_only")
    story.seller("offer")
    story.buyer("counter_offer")
    story.seller("accept_offer")

    assert paid(story) == ("completed", "refunded", (1, 0, 2_000, 0))


@pytest.mark.requirement("R03", "K08")
def test_without_agreement_a_mediator_proposes_and_both_accept():
    story = Story()
    story.seller("refuse")
    story.buyer("escalate")
    story.mediator("claim")
    story.mediator("propose")
    story.buyer("accept_proposal")
    story.seller("accept_proposal")

    assert (story.dispute.state, story.state) == ("settled", "refunding")


@pytest.mark.requirement("R17")
def test_a_seller_refuses_with_proof_and_appeals_as_the_buyer_would():
    story = Story()
    refusal = story.asks("seller", "refuse", reason="no_defect")
    assert isinstance(refusal, EvidenceMissing)
    story.seller("refuse", reason="no_defect", evidence=[{"slot": "test_report"}])
    story.buyer("escalate")
    story.mediator("claim")
    story.mediator("rule")

    story.seller("appeal")

    assert (story.dispute.state, story.dispute.appealed) == ("appealed", ["seller"])


@pytest.mark.requirement("T06")
def test_harm_and_amount_bring_a_dispute_forward_and_say_by_how_much():
    market = world.marketplace()
    plain = Story(market=market)
    fake = Story(market=market, reason="counterfeit", paid=200_000)
    for story in (plain, fake):
        story.pass_days(2)

    earlier = plain.case.docket.rank_at - fake.case.docket.rank_at
    assert fake.case.docket.terms == {"harm": 24, "amount": 8}
    assert plain.case.docket.terms == {}
    assert timedelta(hours=31) < earlier <= timedelta(hours=32)


@pytest.mark.requirement("T08")
def test_a_mediator_steps_in_where_the_platform_is_at_fault():
    story = Story()
    story.mediator("take_over", reason="platform")

    assert (story.state, story.dispute.state) == ("in_mediation", "queued")


@pytest.mark.requirement("T10")
def test_who_is_not_content_reopens_once():
    story = Story(reason="late", remedy="refund_only")
    story.seller("approve")
    story.gateway("refund_settled")
    story.buyer("rate", score=1)
    story.buyer("reopen")
    story.mediator("claim")
    story.mediator("rule", remedy="none", amounts={})
    story.pass_days(8)

    assert (story.case.rating, story.case.final) == (1, True)
    assert story.asks("buyer", "reopen").code == "NOT_NOW"


@pytest.mark.requirement("K05")
def test_a_ruling_is_due_in_working_days():
    story = Story()
    story.pass_days(2)  # Wednesday morning

    assert story.clocks["ruling"] == timedelta(days=7)  # of which two are a weekend


@pytest.mark.requirement("K06", "M03")
def test_a_refund_is_tried_again_and_goes_back_to_where_the_money_came_from():
    market = world.marketplace()
    sandbox.tell(market, "fail ok")
    story = Story(reason="late", remedy="refund_only", market=market)
    story.seller("approve")
    assert "refund_settlement" in story.clocks

    for _ in range(2):
        effects.run(clock=lambda: story.now)
        story.pass_days(0, minutes=5)

    assert (story.state, story.money) == ("completed", (1, 0, 10_000, 0))
    assert story.steps[-2:] == ["refund_failed", "refund_settled"]
    assert [(p.payment.ref, p.amount) for p in RefundPart.objects.all()] == [("1", 10_000)]


@pytest.mark.requirement("M03", "K06")
def test_a_refund_that_does_not_arrive_in_seven_working_days_alarms_and_two_people_settle_it():
    story = Story(reason="late", remedy="refund_only")
    story.seller("approve")
    story.pass_days(9)
    assert who(story, "alarm") == ["clock"]
    story.does("supervisor", "settle_by_hand", person="sol")
    assert story.asks("supervisor", "settle_by_hand", person="sol").code == "NOT_INDEPENDENT"
    story.does("supervisor", "settle_by_hand", person="sia")

    assert (story.state, story.money) == ("completed", (1, 0, 10_000, 0))


@pytest.mark.requirement("K09")
def test_a_wrong_amount_is_given_back_and_a_garment_with_a_defect_is_refunded():
    market = world.marketplace()
    charged = Story(market=market, reason="abnormal_amount", remedy="refund_only")
    charged.seller("approve")
    garment = Story(market=market, reason="quality", paid=8_900)
    garment.seller("approve")
    brought_back(garment)

    assert paid(charged)[:2] == ("completed", "refunded")
    assert paid(garment) == ("completed", "refunded", (1, 0, 8_900, 0))
