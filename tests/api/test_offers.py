"""Offers over the API: what was offered, what became of it, and what is no offer."""

import pytest

from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller, yuan
from tests.api.problems import problem
from tests.api.sandboxes import Sandbox

pytestmark = pytest.mark.django_db

LIST = 5  # caller; case, offers, words, lines


def terms(amount, **more):
    return {"remedy": "refund_only", "items": [{"line": "0", "amount": yuan(amount)}], **more}


def quoted(case):
    return {"offer": case["offer"]["id"], "version": case["offer"]["version"]}


@pytest.mark.requirement("R03", "K08")
def test_offers_are_listed_with_what_became_of_them(django_assert_num_queries):
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    case = sam.step(callers.opened(bought), "offer", **terms("10.00", statement="Ten.")).json()
    counter = {**terms("20.00", hours=6), **quoted(case)}
    case = bea.step(case, "counter_offer", **counter).json()
    sam.step(case, "accept_offer", **quoted(case))

    with django_assert_num_queries(LIST):
        offers = bea.get(f"cases/{case['id']}/offers").json()["results"]

    told = ("version", "side", "state", "statement", "freight_payer")
    assert [tuple(offer[name] for name in told) for offer in offers] == [
        (1, "seller", "replaced", "Ten.", "buyer"),
        (2, "buyer", "accepted", "", "buyer"),
    ]
    assert [offer["items"] for offer in offers] == [
        [{"line": "0", "amount": yuan("10.00")}],
        [{"line": "0", "amount": yuan("20.00")}],
    ]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (terms("100.01"), (422, "AMOUNT_TOO_HIGH")),
        (terms("0.00"), (422, "BAD_TERMS")),
        (terms("-1.00"), (400, "INVALID")),
        (terms("1000000000000.00"), (400, "INVALID")),
        (terms("1.00", hours=25), (422, "BAD_TERMS")),
        (terms("1.00", hours=0), (400, "INVALID")),
        (terms("1.00", hours="6"), (400, "INVALID")),
        (terms("1.00", hours=10**9), (400, "INVALID")),
        (terms("1.00", freight_payer="carrier"), (400, "INVALID")),
    ],
)
def test_what_is_no_offer(asked, answer, nothing_changes):
    bought = order()
    case, sam = callers.opened(bought), seller(bought)
    nothing_changes()

    assert problem(sam.step(case, "offer", **asked)) == answer


def test_the_own_offer_and_an_old_one_are_not_accepted(nothing_changes):
    bought = order()
    bea, sam = buyer(bought), seller(bought)
    first = sam.step(callers.opened(bought), "offer", **terms("10.00")).json()
    second = bea.step(first, "counter_offer", **{**terms("20.00"), **quoted(first)}).json()
    stranger = Caller(bought.marketplace, "buyer", world.party(bought.marketplace, "buyer").ref)
    nothing_changes()

    assert problem(bea.step(second, "accept_offer", **quoted(second))) == (403, "NOT_YOUR_STEP")
    assert problem(sam.step(second, "accept_offer", **quoted(first))) == (409, "STALE_OFFER")
    assert problem(stranger.get(f"cases/{second['id']}/offers")) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("pieces", "answer"),
    [
        ([("0", 2)], (422, "NOT_ELIGIBLE")),
        ([("0", 3)], (409, "QUANTITY_TAKEN")),
        ([("0", 0)], (400, "INVALID")),
        ([("0", -1)], (400, "INVALID")),
        ([("1", 1)], (400, "INVALID")),
        ([], (400, "INVALID")),
    ],
)
def test_what_is_no_split(pieces, answer, nothing_changes):
    bought = order(quantity=2)
    case, bea = callers.opened(bought), buyer(bought)
    items = [{"line": line, "quantity": quantity} for line, quantity in pieces]
    asked = {"reason": "no_longer_wanted", "remedy": "refund_only", "statement": "One of them."}
    nothing_changes()

    assert problem(bea.step(case, "split", **asked, items=items)) == answer


def test_a_split_answers_with_the_new_case():
    bought = order(quantity=2)
    case, bea = callers.opened(bought), buyer(bought)
    asked = {"reason": "no_longer_wanted", "remedy": "refund_only", "statement": "One of them."}

    answer = bea.step(case, "split", **asked, items=[{"line": "0", "quantity": 1}])

    assert answer.status_code == 200, answer.content
    new = bea.case(answer.json()["split_into"])
    assert (new["family"], new["remedy"], new["state"]) == (
        *(case["id"], "refund_only", "awaiting_seller"),
    )
    [family] = bea.get("applications").json()["results"]
    assert [thread["id"] for thread in family["cases"]] == [case["id"], new["id"]]
    assert [a["kind"] for a in family["cases"][0]["applications"]] == ["open", "split"]
    assert family["cases"][1]["applications"][0]["statement"] == "One of them."
    assert new["applications"][0]["statement"] == "One of them."


def test_an_offer_is_not_accepted_after_its_end(nothing_changes):
    shop = Sandbox()
    case = shop.open(shop.order())
    offered = shop.does("seller", case, "offer", **terms("30.00", hours=1))
    shop.passes(hours=1)
    stands = shop.bea.case(case["id"])
    nothing_changes()

    late = shop.bea.step(stands, "accept_offer", **quoted(offered))

    assert (stands["state"], stands["offer"]) == ("awaiting_seller", None)
    assert problem(late) == (410, "DEADLINE_PASSED")


def test_a_side_that_has_made_all_its_offers_makes_no_more(nothing_changes):
    shop = Sandbox()
    case = shop.open(shop.order())
    for _ in range(5):
        offered = shop.does("seller", case, "offer", **terms("30.00"))
        shop.does("buyer", case, "decline_offer", **quoted(offered))
    nothing_changes()

    stands = shop.sam.case(case["id"])
    answer = shop.sam.step(stands, "offer", **terms("30.00"))

    assert problem(answer) == (409, "LIMIT_REACHED")
    assert "offer" not in [action["name"] for action in stands["actions"]]
