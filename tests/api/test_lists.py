"""Lists: whose cases, which, in what order, and in how many statements."""

from datetime import timedelta

import pytest

from tests import world
from tests.api import callers
from tests.api.callers import NOW, Caller, buyer, order, seller, service, yuan
from tests.api.test_actions import completed
from tests.mediation.story import Story

pytestmark = pytest.mark.django_db

LIST = 3  # caller, cases, clocks
DETAIL = 11  # caller, case, moment; clocks, order, payments, attempt, evidence; words, attempts
OPEN = 15  # caller, order, lines, moment; then 11 by the writer
STEP = 15  # caller, case; savepoint (2), key (2), lock, moment, read (5), write (2)


def numbers(answer):
    assert answer.status_code == 200, answer.content
    return [case["number"] for case in answer.json()["results"]]


@pytest.mark.parametrize("n", [1, 3])
def test_a_list_costs_the_same_statements_for_any_number(n, django_assert_num_queries):
    bought = order(quantity=3)
    bea = buyer(bought)
    for _ in range(n):
        bea.open(bought, items=[{"line": "0", "quantity": 1}])

    with django_assert_num_queries(LIST):
        answer = bea.get("cases")

    assert len(answer.json()["results"]) == n


def test_a_case_is_shown_in_a_fixed_number_of_statements(django_assert_num_queries):
    bought = order()
    case = callers.opened(bought)

    with django_assert_num_queries(DETAIL):
        buyer(bought).case(case["id"])


def test_opening_costs_a_fixed_number_of_statements(django_assert_num_queries):
    bought = order()
    bea = buyer(bought)
    bea.open(bought, dry_run=True)  # the policy is read once per process
    application = callers.application(bought)

    with django_assert_num_queries(OPEN):
        answer = bea.post("cases", application)

    assert answer.status_code == 201


def test_a_step_costs_a_fixed_number_of_statements(django_assert_num_queries):
    bought = order()
    case, sam = callers.opened(bought), seller(bought)

    with django_assert_num_queries(STEP):
        answer = sam.step(case, "approve")

    assert answer.status_code == 200


def test_everybody_sees_the_own_cases_and_the_service_all_of_its_marketplace():
    market, other = world.marketplace("bazaar"), world.marketplace("souk")
    shop = world.party(market, "seller")
    first, second = order(market, seller=shop), order(market, seller=shop)
    foreign = order(other)
    cases = [callers.opened(bought)["number"] for bought in (first, second, foreign)]

    assert numbers(buyer(first).get("cases")) == cases[:1]
    assert numbers(seller(first).get("cases")) == [cases[1], cases[0]]
    assert numbers(service(market).get("cases")) == [cases[1], cases[0]]
    assert numbers(service(other).get("cases")) == cases[2:]


def test_pages_follow_each_other_without_gap_or_repetition():
    market = world.marketplace()
    person = world.party(market, "buyer")
    bought = [order(market, buyer=person) for _ in range(6)]
    bea = buyer(bought[0])
    wanted = [bea.open(each).json()["number"] for each in bought[:5]][::-1]

    first = bea.get("cases", limit=2)
    bea.open(bought[5])  # comes before the first page, and shifts nothing
    second = bea.client.get(first.json()["next"])
    third = bea.client.get(second.json()["next"])

    assert numbers(first) + numbers(second) + numbers(third) == wanted
    assert third.json()["next"] is None
    assert numbers(bea.client.get(second.json()["previous"])) == wanted[:2]


def test_filters_keep_what_they_say():
    market = world.marketplace()
    shop = world.party(market, "seller")
    bought = [order(market, seller=shop) for _ in range(3)]
    sam = seller(bought[0])
    silent, refused, offered = cases = [callers.opened(each) for each in bought]
    sam.step(refused, "refuse", reason="outside_window", statement="No.")
    before = sam.get("cases", state="refused").json()["results"][0]
    terms = {"remedy": "refund_only", "items": [{"line": "0", "amount": yuan("1.00")}]}
    sam.step(offered, "offer", **terms)

    def found(**query):
        return {each["id"] for each in sam.get("cases", **query).json()["results"]}

    ids = [case["id"] for case in cases]
    assert found(state="refused") == {refused["id"]}
    assert found(state=["refused", "negotiating"]) == set(ids[1:])
    assert found(waiting_on="me") == {silent["id"]}
    assert found(waiting_on="buyer") == set(ids[1:])
    assert found(waiting_on="platform") == set()
    assert found(order=bought[0].ref) == {silent["id"]}
    soon = (NOW + timedelta(hours=30)).isoformat()
    assert found(due_before=soon) == {offered["id"]}
    assert found(updated_after=(NOW - timedelta(hours=1)).isoformat()) == set(ids)
    assert found(updated_after=(NOW + timedelta(hours=1)).isoformat()) == set()
    assert before["due_at"] > soon


def test_who_is_waited_on_agrees_with_the_filter():
    """In each state the list filtered by an owner holds the case that names this owner."""
    market = world.marketplace()
    stories = [Story(market=market), Story(market=market)]
    stories[1].pass_days(3)
    for story in stories:
        [case] = Caller(market, "service").get("cases", order=story.order.ref).json()["results"]
        for owner in ("buyer", "seller", "platform", "carrier", "gateway"):
            found = Caller(market, "service").get("cases", waiting_on=owner, order=story.order.ref)
            assert bool(found.json()["results"]) == (owner in case["waiting_on"])


def test_a_completed_case_waits_on_nobody():
    story = completed()
    bea = Caller(story.order.marketplace, "buyer", story.order.buyer.ref)

    [case] = bea.get("cases").json()["results"]

    assert (case["waiting_on"], case["my_state"], case["due_at"]) == ([], "resolved", None)
    assert numbers(bea.get("cases", waiting_on="me")) == []
