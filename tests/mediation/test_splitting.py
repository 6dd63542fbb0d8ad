"""Pieces that leave a case for one of their own: nothing is lost, nothing is there twice."""

import pytest

from cases.models import Application, Case, OrderLine, Statement
from cases.refusals import LimitReached, NotEligible, QuantityTaken
from mediation.steps import Wish, take
from tests import world
from tests.mediation.story import Story, market
from tests.mediation.usual import slots_for
from tests.world import at, day

pytestmark = pytest.mark.usefixtures("watch")


def part(story, *pieces, **more):
    """Fill in a split: so many pieces of the first line, of the second and so on."""
    lines = story.order.lines.order_by("ref")
    items = [
        {"line": line.id, "quantity": quantity, "amount": None}
        for line, quantity in zip(lines, pieces, strict=False)
        if quantity
    ]
    asked = {"reason": "damaged", "remedy": "exchange", "statement": "This one is broken."}
    return {**asked, "items": items, "evidence": slots_for("damaged"), **more}


def branch_of(story):
    return Case.everywhere.get(family=story.id)


def items_of(case_id):
    """Tell of the case's last application: line, pieces, worth, asked."""
    last = Application.objects.filter(case=case_id).order_by("number").last()
    found = last.items.order_by("line__ref")
    return list(found.values_list("line__ref", "quantity", "worth", "amount"))


def test_pieces_leave_for_a_case_that_takes_another_path():
    story = Story(quantity=3, paid=100)
    version = story.case.version

    story.buyer("split", **part(story, 1))

    child = branch_of(story)
    assert (story.state, story.case.remedy) == ("awaiting_seller", "return_refund")
    assert (child.state, child.remedy, child.reason) == ("awaiting_seller", "exchange", "damaged")
    assert story.case.version == version + 1
    assert (items_of(story.id), items_of(child.id)) == (
        [("0", 2, 67, 67)],
        [("0", 1, 33, 0)],
    )
    assert (story.case.amount, child.amount) == (67, 33)
    assert story.money == (3, 0, 0, 0)
    assert story.wrongs == {}


def test_both_timelines_say_so():
    story = Story(quantity=2)
    story.buyer("split", **part(story, 1))
    child = branch_of(story)

    last = story.case.events.order_by("sequence").last()
    first = child.events.get()
    assert (last.name, f'"split_into":"{child.id}"' in last.payload) == ("split", True)
    assert (first.name, f'"split_from":"{story.id}"' in first.payload) == ("open", True)
    assert Statement.objects.filter(text="This one is broken.").count() == 1


def test_the_seller_s_time_goes_on_here_and_starts_in_full_there():
    story = Story(quantity=2)
    story.pass_days(1)
    story.buyer("split", **part(story, 1))

    [here] = story.case.clocks.all()
    [there] = branch_of(story).clocks.all()
    assert here.due_at == day(2)
    assert there.due_at == story.now + (day(2) - day(0))


def test_each_goes_its_own_way_to_the_end():
    story = Story(quantity=3, paid=100, remedy="refund_only")
    story.buyer("split", **part(story, 1, remedy="refund_only"))
    child = branch_of(story)
    story.seller("approve")
    world.do(child, "approve", "seller", when=story.now)
    refund = child.refunds.get()
    world.do(child, "refund_settled", "gateway", when=story.now, refund=refund.id)

    story.gateway("refund_settled")

    line = OrderLine.objects.get()
    assert (line.claimed, line.refunded, line.reserved) == (3, 100, 0)
    assert story.wrongs == {}


def test_a_partial_claim_is_shared_by_the_pieces():
    bought = world.order(world.marketplace(), quantity=3, paid=100)
    line = bought.lines.get()
    items = [{"line": line.id, "quantity": 3, "amount": 50}]
    story = Story(bought, remedy="refund_only", items=items)

    story.buyer("split", **part(story, 1))

    assert items_of(story.id) == [("0", 2, 67, 33)]
    assert story.wrongs == {}


def test_whole_lines_may_leave():
    story = Story(lines=2)

    story.buyer("split", **part(story, 0, 1))

    assert [ref for ref, *_ in items_of(story.id)] == ["0"]
    assert [ref for ref, *_ in items_of(branch_of(story).id)] == ["1"]
    assert story.wrongs == {}


def test_the_evidence_of_the_family_serves_the_new_case():
    """The photographs came with the first application; the new one need not repeat them."""
    story = Story(quantity=2, reason="damaged")

    story.buyer("split", **part(story, 1, evidence=[]))

    child = branch_of(story)
    again = {"reason": "damaged", "remedy": "repair", "statement": "Or repair it."}
    items = [{"line": story.line.id, "quantity": 1, "amount": None}]
    amended = world.do(child, "amend", "buyer", when=story.now, items=items, **again)
    assert amended.case.remedy == "repair"
    assert story.wrongs == {}


@pytest.mark.parametrize(
    ("pieces", "refusal"),
    [((2,), NotEligible), ((3,), QuantityTaken), ((0,), NotEligible), ((-1,), QuantityTaken)],
)
def test_all_more_than_all_or_nothing_does_not_leave(pieces, refusal):
    story = Story(quantity=2)

    assert isinstance(story.asks("buyer", "split", **part(story, *pieces)), refusal)
    assert Case.everywhere.count() == 1
    assert story.wrongs == {}


def test_a_line_of_another_case_does_not_leave():
    bought = world.order(world.marketplace(), lines=2, quantity=2)
    first = bought.lines.get(ref="0")
    story = Story(bought, items=[{"line": first.id, "quantity": 2, "amount": None}])

    assert isinstance(story.asks("buyer", "split", **part(story, 0, 1)), NotEligible)


def test_one_piece_cannot_be_split_nor_what_was_split_off():
    one = Story()
    assert isinstance(one.asks("buyer", "split", **part(one, 1)), NotEligible)
    story = Story(quantity=4)
    story.buyer("split", **part(story, 2))
    child = branch_of(story)

    refused = world.do(child, "split", "buyer", when=story.now, **part(story, 1))

    assert isinstance(refused, NotEligible)


def test_a_split_counts_as_an_application_of_what_leaves():
    story = Story(quantity=4, market=market(limits={"applications": 2}))
    story.buyer("split", **part(story, 1))

    assert isinstance(story.asks("buyer", "split", **part(story, 1)), LimitReached)
    assert (story.line.applications, story.line.edits) == (2, 0)


def test_a_split_obeys_the_rules_of_opening():
    story = Story(quantity=2)

    asked = part(story, 1, reason="lost", remedy="reship")
    assert story.asks("buyer", "split", **asked).details["why"] == "wrong_stage"
    assert story.asks("buyer", "split", **part(story, 1, evidence=[])).code == "EVIDENCE_MISSING"
    story.pass_days(1, hours=12)
    story.seller("refuse")
    assert story.asks("buyer", "split", **part(story, 1)).code == "NOT_NOW"


def test_a_dry_split_changes_nothing():
    story = Story(quantity=2)
    wish = Wish(
        case_id=story.id,
        step="split",
        by=world.actor(story.order, "buyer"),
        inputs=part(story, 1),
    )

    [taken] = take([wish], clock=at(day(0)), dry_run=True)

    assert taken.case.split_into is not None
    assert Case.everywhere.count() == 1
    assert story.wrongs == {}
