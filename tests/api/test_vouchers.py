"""Compensations in coupons or points: asked for, offered, agreed on and issued by the gateway."""

import pytest

from cases.models import Application, Offer, Refund
from cases.refusals import BadTerms
from mediation import effects, gateways
from mediation.gateways import Capabilities, sandbox
from mediation.gateways.models import SandboxRefund
from mediation.models import Effect
from tests import world
from tests.api import callers
from tests.api.callers import buyer, order, seller, yuan
from tests.api.problems import problem
from tests.mediation.story import Story, bazaar
from tests.mediation.usual import slots_for
from tests.world import at, day

pytestmark = pytest.mark.django_db

PHOTO = [{"slot": "photo_goods"}]


def asking(medium, **more):
    """Tell a story of somebody who asks for a coupon or points."""
    bought = world.order(bazaar())
    wish = world.opening(
        bought,
        reason="quality",
        remedy="compensation",
        compensation=3_000,
        medium=medium,
        evidence=slots_for("quality"),
        **more,
    )
    world.take([wish], clock=at(day(0)))
    story = Story.__new__(Story)
    story.order, story.now, story.lease, story.id = bought, day(0), None, wish.case_id
    return story


@pytest.mark.requirement("R07", "T09")
@pytest.mark.parametrize("medium", ["coupon", "points"])
def test_what_was_agreed_in_a_coupon_or_points_is_issued_by_the_gateway(medium):
    story = asking(medium)
    sandbox.tell(story.order.marketplace)

    story.seller("approve")
    kinds = set(Effect.objects.filter(case=story.id).values_list("kind", flat=True))
    while effects.run(clock=at(story.now)):
        pass

    refund = Refund.objects.get()
    assert kinds == {"notify", "voucher"}
    assert (refund.kind, refund.medium, refund.amount, refund.state) == (
        *("compensation", medium, 3_000, "succeeded"),
    )
    assert SandboxRefund.objects.get().paid == 1
    assert (story.state, story.case.outcome) == ("completed", "refunded")
    assert Application.objects.get().medium == medium
    assert story.money == (0, 0, 0, 0)  # nothing of what was paid has been given back
    assert story.wrongs == {}


def test_money_is_meant_when_nothing_is_said():
    story = Story(remedy="compensation")
    story.seller("approve")

    assert Refund.objects.get().medium == "money"
    assert Effect.objects.filter(kind="refund").count() == 1
    assert story.wrongs == {}


def test_an_offer_of_points_is_accepted_as_points():
    story = Story()
    offered = {"remedy": "compensation", "amounts": {}, "compensation": 500, "medium": "points"}
    story.seller("offer", **offered)
    story.buyer("accept_offer")

    assert (Offer.objects.get().medium, story.refund.medium) == ("points", "points")
    assert story.wrongs == {}


def test_a_refund_is_not_given_in_coupons():
    story = Story()
    terms = {"remedy": "refund_only", "amounts": {story.line.id: 100}, "medium": "coupon"}

    assert isinstance(story.asks("seller", "offer", **terms), BadTerms)


def test_a_gateway_that_issues_no_coupons_says_so_for_good():
    ask = gateways.Ask(
        key=story_key(),
        kind="compensation",
        amount=1,
        currency="CNY",
        payer="seller",
        medium="coupon",
        parts=(),
        order_ref="o",
        decided_at=day(0),
        at=day(0),
    )

    only_money = Capabilities(partial=True, multiple=True, max_age=None)
    assert only_money.against(ask) == "medium_unknown"
    assert sandbox.Sandbox.capabilities.against(ask) == ""


def story_key():
    return world.new_id(day(0))


def test_a_coupon_over_the_api(nothing_changes):
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    claim = {"reason": "quality", "remedy": "compensation", "evidence": PHOTO}
    asked = callers.opened(bought, **claim, compensation=yuan("5.00"), medium="coupon")
    case = sam.step(asked, "approve").json()

    assert (asked["money"]["medium"], case["state"]) == ("coupon", "refunding")
    [refund] = bea.get(f"cases/{case['id']}/refunds").json()["results"]
    assert (refund["medium"], refund["amount"]) == ("coupon", yuan("5.00"))
    nothing_changes()
    again = {**claim, "compensation": yuan("5.00")}
    assert problem(bea.open(bought, **again, medium="gold")) == (400, "INVALID")
    refund = {"reason": "quality", "remedy": "refund_only", "evidence": PHOTO, "medium": "coupon"}
    assert problem(bea.open(bought, **refund)) == (400, "INVALID")
