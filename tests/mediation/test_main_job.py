"""The main job: clocks run out, cases move, exactly once."""

import pytest

from cases.models import Clock, Event, OrderLine, Refund
from mediation.steps import lapse
from tests import world
from tests.world import at, day

pytestmark = pytest.mark.django_db


def test_silence_of_the_seller_brings_the_mediator_in():
    found = world.open_case(world.order(world.marketplace()))

    lapse(clock=at(day(3)))

    found = world.case(found.pk)
    assert found.state == "in_mediation"
    assert found.dispute.state == "queued"
    assert sorted(found.clocks.values_list("name", flat=True)) == ["docket_wait", "ruling"]
    assert list(found.events.order_by("sequence").values_list("name", "role")) == [
        ("open", "buyer"),
        ("escalate", "clock"),
    ]


def test_a_return_that_was_delivered_is_refunded_when_the_inspection_runs_out():
    bought = world.order(world.marketplace())
    found = world.open_case(bought)
    world.do(found, "approve", "seller", when=day(1))
    world.do(found, "ship_return", "buyer", when=day(2), carrier="sf", tracking_no="SF1")
    world.do(found, "return_delivered", "carrier", when=day(3))
    assert world.case(found.pk).state == "inspecting"

    lapse(clock=at(day(14)))

    assert world.case(found.pk).state == "refunding"
    refund = Refund.objects.get()
    world.do(found, "refund_settled", "gateway", when=day(15), refund=refund.id)
    line = OrderLine.objects.get()
    assert (line.claimed, line.reserved, line.refunded) == (1, 0, 10_000)
    assert world.case(found.pk).state == "completed"
    assert Clock.objects.get().name == "aftercare"
    assert Event.objects.filter(clock__isnull=False).count() == 1
