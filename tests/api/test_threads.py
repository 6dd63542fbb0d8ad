"""All that was applied for, by family: each attempt keeps its own words, proof and answer."""

import pytest

from tests import world
from tests.api import callers
from tests.api.callers import Caller, application, buyer, order, seller, service, yuan
from tests.api.problems import problem

pytestmark = pytest.mark.django_db

LIST = 9  # caller; heads; cases, clocks, attempts, items, lines; words; proof
PHOTO = [{"slot": "photo_goods"}]


def families(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def tried_twice(bought):
    """Apply, change it, be refused with proof, apply again; the case as its buyer sees it."""
    bea, sam = buyer(bought), seller(bought)
    case = bea.open(bought, statement="Too small.").json()
    quality = {"reason": "quality", "evidence": PHOTO, "statement": "A seam is torn."}
    case = bea.step(case, "amend", **again(bought, "refund_only", amount="50.00"), **quality).json()
    no = {"reason": "no_defect", "statement": "It is whole.", "evidence": [{"slot": "video"}]}
    case = sam.step(case, "refuse", **no).json()
    words = {"reason": "damaged", "statement": "The parcel was wet."}
    proof = [*PHOTO, {"slot": "photo_parcel"}]
    case = bea.step(
        case, "reapply", **again(bought, "return_refund"), **words, evidence=proof
    ).json()
    return sam.step(case, "approve").json()


def again(bought, remedy, amount=None):
    body = application(bought, remedy=remedy)
    if amount is not None:
        body["items"][0]["amount"] = yuan(amount)
    return {"items": body["items"], "remedy": remedy}


@pytest.mark.requirement("D10", "D16")
def test_each_attempt_keeps_its_own_reason_remedy_amount_proof_and_answer():
    bought = order()
    case = tried_twice(bought)

    [family] = families(buyer(bought).get("applications"))

    [thread] = family["cases"]
    assert (family["id"], thread["id"]) == (case["id"], case["id"])
    told = ("number", "kind", "reason", "remedy", "statement", "evidence", "result")
    assert [tuple(a[name] for name in told) for a in thread["applications"]] == [
        (1, "open", "no_longer_wanted", "return_refund", "Too small.", [], "replaced"),
        (2, "amend", "quality", "refund_only", "A seam is torn.", ["photo_goods"], "refused"),
        (
            *(3, "reapply", "damaged", "return_refund", "The parcel was wet."),
            *(["photo_goods", "photo_parcel"], "approved"),
        ),
    ]
    answers = ("answered_by", "answer_reason", "answer_statement", "answer_evidence")
    assert [tuple(a[name] for name in answers) for a in thread["applications"]] == [
        ("", "", "", []),
        ("seller", "no_defect", "It is whole.", ["video"]),
        ("seller", "", "", []),
    ]
    assert [a["amount"] for a in thread["applications"]] == [
        *(yuan("100.00"), yuan("50.00"), yuan("100.00")),
    ]
    assert [a["items"][0]["asked"] for a in thread["applications"]] == [
        *(yuan("100.00"), yuan("50.00"), yuan("100.00")),
    ]


def test_one_thread_is_the_same_as_in_the_list():
    bought = order()
    case = tried_twice(bought)
    [listed] = families(seller(bought).get("applications"))

    answer = seller(bought).get(f"cases/{case['id']}/applications")

    assert answer.json() == listed


def test_what_became_of_an_attempt_without_an_answer():
    bought = order()
    case = callers.opened(bought)
    bea = buyer(bought)
    bea.step(case, "withdraw")

    [family] = families(bea.get("applications"))

    [attempt] = family["cases"][0]["applications"]
    assert (attempt["answer"], attempt["result"]) == ("", "withdrawn")


@pytest.mark.requirement("D11")
def test_filters_look_at_every_attempt_and_every_order():
    market = world.marketplace()
    person = world.party(market, "buyer")
    first, second = (order(market, buyer=person) for _ in range(2))
    tried, other = tried_twice(first), callers.opened(second)
    bea = buyer(first)

    def found(**query):
        return [family["id"] for family in families(bea.get("applications", **query))]

    assert found() == [other["id"], tried["id"]]
    assert found(order=first.ref) == [tried["id"]]
    assert found(reason="quality") == [tried["id"]]
    assert found(reason=["no_longer_wanted", "quality"]) == [other["id"], tried["id"]]
    assert found(state="awaiting_seller") == [other["id"]]
    assert found(waiting_on="me") == [tried["id"]]
    assert families(service(market).get("applications", limit=1))[0]["id"] == other["id"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_statements_for_any_number(n, django_assert_num_queries):
    market = world.marketplace()
    person = world.party(market, "buyer")
    for _ in range(n):
        tried_twice(bought := order(market, buyer=person))
    bea = buyer(bought)

    with django_assert_num_queries(LIST):
        answer = bea.get("applications")

    assert len(families(answer)) == n


def test_pages_of_families_follow_each_other():
    market = world.marketplace()
    person = world.party(market, "buyer")
    cases = [callers.opened(order(market, buyer=person))["id"] for _ in range(3)][::-1]
    bea = Caller(market, "buyer", person.ref)

    first = bea.get("applications", limit=2)
    second = bea.client.get(first.json()["next"])

    assert [f["id"] for f in families(first) + families(second)] == cases


def test_bad_questions(nothing_changes):
    bought = order()
    case = callers.opened(bought)
    stranger = Caller(bought.marketplace, "buyer", world.party(bought.marketplace, "buyer").ref)
    nothing_changes()

    bea = buyer(bought)
    assert problem(bea.get("applications", reason="boredom")) == (400, "INVALID")
    assert problem(bea.get("applications", cursor="x")) == (400, "BAD_CURSOR")
    assert problem(bea.get("applications", ordering="buyer")) == (400, "UNKNOWN_PARAMETER")
    assert problem(stranger.get(f"cases/{case['id']}/applications")) == (404, "NOT_FOUND")
    assert families(stranger.get("applications")) == []
