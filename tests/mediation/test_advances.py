"""Money that is paid at a ruling, before it is final: by the seller, or first by the platform."""

import pytest

from cases.models import ApplicationItem, Recovery, Refund
from cases.refusals import BadTerms, NotNow
from tests.mediation.story import in_mediation, market

pytestmark = pytest.mark.usefixtures("watch")

EARLY = {"payout_waits_for_appeal": False}
GUARANTEE = {"guarantee_per_order": 8_000, "guarantee_per_seller": 15_000}


def story_with(money, **order):
    """Tell a story under a policy of its own, until a mediator holds the dispute."""
    return in_mediation(market=market(money=money), **order)


def ruled(money=EARLY, amount=6_000, freight=0, **content):
    """Tell it until a mediator has ruled a refund."""
    story = story_with(money, remedy="refund_only", freight=freight)
    story.mediator("rule", amounts={story.line.id: amount}, **content)
    return story


def on_appeal(story, amount=None, **content):
    """Let a senior mediator rule for another amount, or for the seller."""
    story.seller("appeal")
    story.does("senior", "claim")
    terms = {"remedy": "none", "amounts": {}} if amount is None else {}
    terms = terms or {"amounts": {story.line.id: amount}}
    return story.does("senior", "rule", **(terms | content))


def owed():
    rows = Recovery.objects.order_by("debtor")
    return list(rows.values_list("debtor", "creditor", "amount", "state"))


def refunds():
    rows = Refund.objects.order_by("id")
    return list(rows.values_list("amount", "is_advance", "payer", "state", "reversed"))


def test_a_policy_that_does_not_wait_pays_at_the_ruling_and_the_dispute_goes_on():
    story = ruled(freight=700, freight_out=True)

    assert (story.state, story.dispute.state) == ("in_mediation", "ruled")
    assert refunds() == [(6_700, True, "", "pending", 0)]
    assert story.money[1:] == (6_000, 0, 0)
    assert story.wrongs == {}

    story.gateway("refund_settled")

    assert (story.state, story.dispute.state) == ("in_mediation", "ruled")
    assert story.money[1:] == (0, 6_000, 0)
    assert ApplicationItem.objects.get().advanced == 6_000
    assert story.wrongs == {}


def test_an_advance_that_nobody_appeals_against_completes_the_case_and_nobody_owes_anything():
    story = ruled()
    story.gateway("refund_settled")

    story.pass_days(8)

    assert (story.state, story.case.outcome, story.case.final) == ("completed", "refunded", True)
    assert (len(refunds()), owed()) == (1, [])
    assert story.wrongs == {}


def test_an_advance_on_its_way_when_the_ruling_becomes_final_is_waited_for():
    story = ruled()

    story.pass_days(8)
    assert (story.state, story.clocks.keys()) == ("refunding", {"refund_settlement"})
    assert story.wrongs == {}
    story.gateway("refund_settled")

    assert (story.state, story.case.outcome, len(refunds())) == ("completed", "refunded", 1)
    assert story.wrongs == {}


@pytest.mark.parametrize("settled", ["before", "after"])
@pytest.mark.parametrize(
    ("granted", "given_back", "outcome"),
    [(None, 6_700, "ruled_for_seller"), (2_000, 4_000, "refunded")],
)
def test_an_appeal_that_reverses_an_advance_is_made_good_by_the_platform_not_the_buyer(
    settled, granted, given_back, outcome
):
    story = ruled(freight=700, freight_out=True)
    if settled == "before":
        story.gateway("refund_settled")
    on_appeal(story, granted, fault={"buyer": 100})
    if settled == "after":
        assert (story.state, owed()) == ("refunding", [])
        story.gateway("refund_settled")

    assert (story.state, story.case.outcome) == ("completed", outcome)
    assert owed() == [("platform", "seller", given_back, "open")]
    assert refunds() == [(6_700, True, "", "succeeded", given_back)]
    assert story.money[1:] == (0, 6_000, 0)  # the buyer keeps it
    assert story.wrongs == {}


@pytest.mark.parametrize("settled", ["before", "after"])
def test_an_appeal_that_grants_more_pays_the_rest(settled):
    story = ruled(freight=700, freight_out=False)
    if settled == "before":
        story.gateway("refund_settled")
    on_appeal(story, 9_000, freight_out=True)
    if settled == "after":
        story.gateway("refund_settled")

    assert (story.state, story.refund.amount) == ("refunding", 3_700)
    assert (story.case.amount, story.wrongs) == (9_000, {})
    story.gateway("refund_settled")
    assert (story.state, story.money[1:], owed()) == ("completed", (0, 9_000, 0), [])
    assert story.wrongs == {}


def test_an_early_compensation_is_reversed_in_the_same_way():
    story = story_with(EARLY, remedy="compensation")
    paid = {"remedy": "compensation", "amounts": {}}
    story.mediator("rule", **paid, compensation=3_000)
    story.gateway("refund_settled")

    on_appeal(story, **paid, compensation=1_000)

    assert (story.state, owed()) == ("completed", [("platform", "seller", 2_000, "open")])
    assert story.wrongs == {}


def test_while_an_advance_stands_nobody_settles_withdraws_or_cancels_around_it():
    story = ruled()
    story.gateway("refund_settled")
    story.seller("appeal")
    story.does("senior", "claim")

    for role, step in [
        ("buyer", "withdraw"), ("seller", "approve"), ("buyer", "offer"), ("buyer", "bid"),
        ("senior", "propose"), ("senior", "hand_back"), ("service", "order_cancelled"),
        ("service", "record_outside_refund"),
    ]:  # fmt: skip
        assert isinstance(story.asks(role, step), NotNow), step
    refusal = story.asks("senior", "rule", remedy="exchange", amounts={})
    assert isinstance(refusal, BadTerms)
    story.service("chargeback_opened")
    assert isinstance(story.asks("service", "chargeback_closed", lost=True), NotNow)
    assert story.wrongs == {}


def test_what_must_come_back_first_is_not_paid_in_advance():
    story = story_with(EARLY)
    story.mediator("rule", remedy="return_refund", amounts={story.line.id: 6_000})

    assert (story.dispute.state, refunds()) == ("ruled", [])


def test_an_advance_that_fails_waits_and_is_paid_later():
    story = ruled()
    story.gateway("refund_failed")

    assert (story.state, refunds()[0][3]) == ("in_mediation", "pending")
    story.gateway("refund_settled")
    assert story.wrongs == {}


@pytest.mark.requirement("T01")
def test_the_platform_pays_first_by_its_guarantee_and_the_seller_owes_it_when_it_is_final():
    story = ruled(GUARANTEE, fault={"seller": 70, "platform": 10, "carrier": 20})
    assert refunds() == [(6_000, True, "platform", "pending", 0)]
    story.gateway("refund_settled")
    assert owed() == []

    story.pass_days(8)

    assert story.state == "completed"
    assert owed() == [
        ("carrier", "platform", 1_200, "open"),
        ("seller", "platform", 4_200, "open"),
    ]
    assert story.wrongs == {}


def test_a_guarantee_that_an_appeal_reverses_is_the_platform_s_own_loss():
    story = ruled(GUARANTEE)
    story.gateway("refund_settled")

    on_appeal(story, 2_000)

    assert (story.state, owed()) == ("completed", [("seller", "platform", 2_000, "open")])
    assert refunds() == [(6_000, True, "platform", "succeeded", 4_000)]
    assert story.wrongs == {}


def test_a_guarantee_ends_at_its_limit_for_an_order():
    assert ruled(GUARANTEE, amount=8_001).dispute.state == "ruled"
    assert refunds() == []


def test_a_guarantee_ends_at_its_limit_for_a_seller_until_it_has_paid():
    found = market(money=GUARANTEE)
    first = in_mediation(market=found, remedy="refund_only")
    others = [
        in_mediation(market=found, remedy="refund_only", seller=first.order.seller)
        for _ in range(2)
    ]
    for story in (first, *others):
        story.mediator("rule", amounts={story.line.id: 7_000})
    assert [refund[0] for refund in refunds()] == [7_000, 7_000]

    for story in (first, others[0]):
        story.gateway("refund_settled")
        story.pass_days(8)
    Recovery.objects.filter(case=first.id).update(state="paid", settled_at=first.now)
    last = in_mediation(market=found, remedy="refund_only", seller=first.order.seller)
    last.mediator("rule", amounts={last.line.id: 7_000})
    assert len(refunds()) == 4  # the third waited until it was final, this one is the guarantee's


def test_a_guarantee_for_a_seller_is_counted_in_each_currency_by_itself():
    found = market(money={"guarantee_per_order": 8_000, "guarantee_per_seller": 8_000})
    first = in_mediation(market=found, remedy="refund_only")
    seller = {"market": found, "remedy": "refund_only", "seller": first.order.seller}
    euros = in_mediation(currency="EUR", **seller)
    another = in_mediation(**seller)

    for story in (first, euros, another):
        story.mediator("rule", amounts={story.line.id: 7_000})

    assert [Refund.objects.filter(case=story.id).count() for story in (first, euros, another)] == [
        *(1, 1, 0),
    ]


@pytest.mark.requirement("T13")
def test_a_carrier_at_fault_owes_its_share_to_who_has_paid_with_the_parcel_it_lost():
    story = in_mediation(market=market(money={}), remedy="refund_only")
    story.mediator("rule", amounts={story.line.id: 9_000}, fault={"carrier": 60, "seller": 40})
    assert owed() == []

    story.pass_days(8)

    assert (story.state, owed()) == ("refunding", [("carrier", "seller", 5_400, "open")])
    assert story.wrongs == {}
