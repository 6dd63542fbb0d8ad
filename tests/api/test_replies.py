"""The seller's first reply has a time of its own, and a slow one is counted."""

import pytest

from cases import replies
from cases.models import Case
from tests import world
from tests.api import callers
from tests.api.callers import AGO, NOW, order, seller
from tests.mediation.story import Story
from tests.world import day

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("R06")
def test_a_word_to_the_buyer_is_a_first_reply_and_one_to_the_mediator_is_none():
    bought = order()
    case, sam = callers.opened(bought), seller(bought)
    path = f"cases/{case['id']}/messages"

    sam.post(path, {"text": "It is worn.", "audience": "seller_mediator"})
    waiting = sam.case(case["id"])["first_reply"]
    said = sam.post(path, {"text": "We look into it.", "audience": "all"})

    assert said.status_code == 201
    assert (waiting["replied_at"], waiting["due_at"] > (NOW + AGO / 2).isoformat()) == (None, True)
    replied = sam.case(case["id"])["first_reply"]
    assert replied == {"due_at": waiting["due_at"], "replied_at": said.json()["written_at"]}


def test_cases_in_which_a_day_went_by_without_a_word_are_slow():
    prompt = Story()
    prompt.seller("offer")
    shop = {"market": prompt.order.marketplace, "seller": prompt.order.seller}
    withdrawn = Story(**shop)
    withdrawn.buyer("withdraw")
    late = Story(**shop)
    late.now = day(1)
    late.seller("approve")
    Story(**shop)  # nobody says anything
    cases = Case.everywhere.filter(seller=prompt.order.seller)

    assert [replies.slow(cases, day(0.9)), replies.slow(cases, day(2))] == [0, 2]
    assert replies.slow(cases.none(), day(2)) == 0
    assert world.case(late.id).state == "awaiting_return"
