"""Every step of both tables, through the writer, on PostgreSQL, under watch."""

import pytest

from cases.actions import STEPS
from tests.mediation import watched
from tests.mediation.story import Story, in_mediation, market, ruled

pytestmark = pytest.mark.usefixtures("watch")

EXTENSION = {"times": 1, "length": "3d"}
ALONG = {"open_dispute", "settle", "withdraw_dispute", "enforce"}  # taken with another step


# Tales that leave no step out


def a_part_that_leaves():
    story = Story(quantity=2)
    item = {"line": story.line.id, "quantity": 1, "amount": None}
    story.buyer("split", items=[item])
    return story


def a_refund_that_is_late():
    story = Story(remedy="refund_only")
    story.buyer("amend", remedy="refund_only")
    story.seller("refuse")
    story.buyer("reapply", remedy="refund_only")
    story.seller("approve")
    story.gateway("refund_failed")
    story.pass_days(12)
    story.does("supervisor", "settle_by_hand", person="ann")
    story.gateway("refund_settled")
    story.buyer("rate")
    story.pass_days(16)
    return story


def a_return_by_negotiation():
    story = Story()
    story.seller("offer")
    story.pass_days(1)
    story.seller("offer")
    story.buyer("decline_offer")
    story.seller("offer")
    story.buyer("counter_offer", remedy="return_refund")
    story.seller("accept_offer")
    story.buyer("ship_return")
    story.buyer("correct_tracking")
    story.carrier("return_delivered")
    story.seller("accept_return")
    story.gateway("refund_settled")
    story.buyer("reopen")
    story.mediator("claim")
    story.mediator("release")
    story.does("supervisor", "triage")
    story.does("clock", "call_supervisor")
    story.does("supervisor", "assign", mediator="mediator-2")
    return story


def goods_in_their_place():
    story = Story(remedy="reship", reason="damaged")
    story.seller("approve")
    story.seller("dispatch_replacement")
    story.carrier("replacement_delivered")
    story.buyer("reject_replacement")
    story.mediator("claim")
    story.mediator("hand_back")
    story.buyer("confirm_replacement")
    return story


def nothing_in_stock():
    story = Story(remedy="reship", reason="damaged")
    story.seller("approve")
    story.service("chargeback_opened")
    story.service("chargeback_closed")
    story.seller("out_of_stock")
    return story


def more_time():
    story = Story(market=market("patient", clocks__inspection={"extension": EXTENSION}))
    story.seller("ask_extension", hours=24)
    story.buyer("grant_extension")
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")
    story.seller("take_extension")
    story.does("supervisor", "give_extension")
    return story


def goods_that_never_come():
    story = Story(remedy="reship", reason="damaged")
    story.seller("approve")
    story.seller("dispatch_replacement")
    story.carrier("replacement_lost")
    return story


def goods_that_are_lost():
    story = Story()
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_lost")
    story.buyer("withdraw")
    story.does("supervisor", "reinstate")
    story.service("record_outside_refund")
    story.service("order_cancelled")
    return story


def a_refusal_left_alone():
    story = Story()
    story.seller("refuse")
    story.pass_days(8)
    return story


def a_return_that_is_rejected():
    story = Story()
    story.mediator("take_over")
    story.mediator("claim")
    story.mediator("hand_back")
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")
    story.seller("reject_return")
    story.mediator("claim")
    story.mediator("ask_evidence")
    story.buyer("hand_in")
    story.pass_days(3)
    return story


def a_dispute_to_the_end():
    story = in_mediation(paid=200_001)
    story.pass_days(8)
    story.mediator("release", lease=story.lease)
    story.mediator("claim")
    story.mediator("propose")
    story.buyer("accept_proposal")
    story.pass_days(1)
    story.mediator("release", lease=story.lease)
    story.mediator("claim")
    story.mediator("propose")
    story.seller("decline_proposal")
    story.buyer("bid")
    story.mediator("rule")
    story.does("mediator", "send_back", person="mia")
    story.mediator("rule")
    story.does("mediator", "approve_ruling", person="mia")
    story.seller("waive_appeal")
    story.buyer("appeal")
    story.does("senior", "claim")
    story.does("senior", "rule")
    story.does("senior", "approve_ruling", person="sue")
    return story


def a_ruling_that_is_left_alone():
    story = ruled()
    story.pass_days(8)
    return story


def a_refused_buyer():
    story = Story()
    story.seller("refuse")
    story.buyer("escalate")
    story.seller("approve")
    return story


TALES = (
    a_part_that_leaves,
    a_refund_that_is_late,
    a_return_by_negotiation,
    goods_in_their_place,
    nothing_in_stock,
    more_time,
    goods_that_never_come,
    goods_that_are_lost,
    a_refusal_left_alone,
    a_return_that_is_rejected,
    a_dispute_to_the_end,
    a_ruling_that_is_left_alone,
    a_refused_buyer,
)


def test_every_step_is_taken_and_its_rows_are_saved():
    watched.taken.clear()
    for tale in TALES:
        assert tale().wrongs == {}

    assert STEPS.keys() - watched.taken.keys() == set()
