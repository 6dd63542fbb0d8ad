"""What may be applied for: which pieces, for how much."""

import pytest

from cases.models import OrderLine
from cases.refusals import (
    AmountTooHigh,
    NotEligible,
    QuantityTaken,
)
from tests import world
from tests.mediation.story import Story, slots_for
from tests.world import at, day

pytestmark = pytest.mark.usefixtures("watch")


def opening(bought, **changes):
    """Ask for a case and give what is answered."""
    inputs = world.application(bought, reason="quality", evidence=slots_for("quality")) | changes
    return world.take(
        [
            world.Wish(
                case_id=world.new_id(day(0)),
                order_id=bought.id,
                step="open",
                by=world.actor(bought, "buyer"),
                inputs=inputs,
            )
        ],
        clock=at(day(0)),
    )[0]


def test_a_compensation_is_asked_for_alone():
    bought = world.order(world.marketplace())

    assert isinstance(opening(bought, compensation=100), NotEligible)
    assert isinstance(opening(bought, remedy="compensation"), NotEligible)


def test_the_same_line_is_not_claimed_twice_in_one_application():
    bought = world.order(world.marketplace(), quantity=2)
    item = {"line": bought.lines.get().id, "quantity": 1, "amount": None}

    assert isinstance(opening(bought, items=[item, item]), NotEligible)


def test_more_pieces_than_are_free_are_not_claimed():
    bought = world.order(world.marketplace(), quantity=2)
    Story(bought)
    refusal = opening(bought)

    assert isinstance(refusal, QuantityTaken)
    assert refusal.details["free"] == 0
    assert OrderLine.objects.get().claimed == 2


def test_more_than_the_pieces_are_worth_is_not_asked():
    bought = world.order(world.marketplace(), quantity=3, paid=100)
    item = {"line": bought.lines.get().id, "quantity": 1, "amount": 34}
    refusal = opening(bought, items=[item])

    assert isinstance(refusal, AmountTooHigh)
    assert refusal.details["most"] == 33


def test_goods_in_kind_have_the_worth_of_the_pieces():
    story = Story(remedy="exchange")

    assert story.case.amount == 10_000


def test_the_pieces_of_a_line_sum_to_the_line():
    bought = world.order(world.marketplace(), quantity=3, paid=100)
    item = {"line": bought.lines.get().id, "quantity": 1, "amount": None}

    worths = [opening(bought, items=[item]).case.amount for _ in range(3)]

    assert sum(worths) == 100
