"""Points and signals that come from the record: once each, explained, and never a refusal."""

from datetime import timedelta

import pytest

from cases.complaint_actions import STEPS
from cases.complaint_terms import TERMS
from cases.conduct import GROUNDS, RESTRICTIONS, SIGNALS, VIOLATIONS, by_clock
from cases.models import Complaint, Event, Order, Penalty, Signal
from cases.policies import load
from mediation import conduct, steps
from mediation.complaints import post, writer
from mediation.conduct import points, signals
from mediation.invariants import check
from mediation.models import Heartbeat
from notifications import texts
from tests import world
from tests.complaint_world import MIA, claimed, lapse, penalties, upheld
from tests.desk.staff import disputes
from tests.mediation.story import market
from tests.world import at, day, open_case, order

pytestmark = pytest.mark.django_db

FIGURES = len(SIGNALS) + 6  # marketplaces, policy, upsert, clearing, in a savepoint


def sweep(moment):
    return conduct.sweep(clock=at(moment))


def silent(number=1, **more):
    """Let so many sellers be silent until day 3."""
    return disputes(number, **more)


@pytest.mark.requirement("R08", "T18")
def test_an_answer_that_came_too_late_is_worth_a_point_once():
    [case] = silent()

    first, again = sweep(day(3)), sweep(day(4))

    [row] = Penalty.objects.filter(party=case.seller)
    lapsed = Event.objects.get(case=case, name="escalate")
    assert (first["points"], again["points"]) == (1, 0)
    assert (row.kind, row.points, row.cause, row.source_id) == (
        "points",
        1,
        "late_answer",
        lapsed.pk,
    )
    assert (row.begins_at, row.ends_at) == (day(3), day(183))
    assert check(day(3)) == {}


def test_a_seller_who_answers_gets_no_points():
    case = open_case(order(world.marketplace()))
    world.do(case, "refuse", "seller", when=day(1), reason="outside_window", statement="No.")

    assert sweep(day(3))["points"] == 0


def test_what_is_worth_nothing_does_not_stand_in_the_way_of_the_rest(monkeypatch):
    monkeypatch.setattr(points, "BATCH", 1)
    lenient = open_case(order(market("lenient", points={"late_answer": 0})))
    strict = open_case(order(world.marketplace()), when=day(1))
    for moment in (day(2), day(3)):
        Heartbeat.objects.all().delete()  # time was busy, nobody was asleep
        steps.lapse(clock=at(moment))

    assert sweep(day(3))["points"] == 1
    assert [penalties(case.seller) for case in (lenient, strict)] == [[], ["points"]]


def test_points_run_out_by_themselves():
    [case] = silent()
    sweep(day(3))

    [row] = Penalty.objects.filter(party=case.seller)
    assert [row.in_force(day(n)) for n in (3, 182, 183)] == [True, True, False]


def point(case, points, when, source=None):
    return Penalty.objects.create(
        id=world.uuid4(),
        marketplace=case.marketplace,
        party=case.seller,
        kind="points",
        points=points,
        cause="late_answer",
        source_id=source or world.uuid4(),
        begins_at=when,
        ends_at=when + timedelta(days=180),
    )


@pytest.mark.requirement("M14")
def test_too_many_points_make_the_record_complain_and_the_seller_is_heard():
    case = open_case(order(world.marketplace()))
    point(case, 11, day(0))
    assert sweep(day(1))["complaints"] == 0
    point(case, 1, day(1))

    assert (sweep(day(1))["complaints"], sweep(day(2))["complaints"]) == (1, 0)

    found = Complaint.everywhere.get()
    assert (found.state, found.ground, found.accused_id) == ("open", "points", case.seller_id)
    assert penalties(case.seller) == ["points", "points"]  # nothing follows by itself
    lapse(day(4))
    found = claimed(Complaint.everywhere.get(), when=day(4))
    does_uphold(found)
    assert penalties(case.seller) == ["delist", "points", "points"]
    lapse(day(12))
    assert sweep(day(12))["complaints"] == 0  # not of the same points again
    point(case, 3, day(13))
    assert sweep(day(13))["complaints"] == 1


def does_uphold(found):
    wish = writer.Wish(
        complaint_id=found.pk,
        step="uphold",
        by=MIA,
        inputs={"statement": "Too many.", "restrictions": ["delist"]},
    )
    answer = writer.take(wish, clock=at(day(4)))
    assert not isinstance(answer, Exception), answer


def test_points_that_were_lifted_do_not_count():
    case = open_case(order(world.marketplace()))
    row = point(case, 20, day(0))
    Penalty.objects.filter(pk=row.pk).update(lifted_at=day(0), lifted_by="supervisor")

    assert sweep(day(1))["complaints"] == 0


def buys(number, **people):
    """Let somebody apply so many times."""
    market = world.marketplace()
    people = {role: world.party(market, role) for role in people.pop("same", ())}
    return [open_case(order(market, **people)) for _ in range(number)]


@pytest.mark.requirement("M07", "M11")
def test_a_frequent_refunder_is_a_signal_with_its_numbers_and_refuses_nothing():
    cases = buys(8, same=["buyer"])
    sweep(day(1))

    row = Signal.objects.get(name="frequent_refunder")
    assert (row.party_id, row.value, row.threshold) == (cases[0].buyer_id, 8, 8)
    assert row.explanation == {"cases": 8}
    assert (row.since, row.until) == (day(-89), day(1))
    more = open_case(order(cases[0].marketplace, buyer=cases[0].buyer), when=day(1))
    assert (more.state, more.restrictions) == ("awaiting_seller", [])
    assert penalties(cases[0].buyer) == []
    assert Complaint.everywhere.count() == 0


def test_seven_are_no_signal_and_eight_of_different_buyers_are_none():
    buys(7, same=["buyer"])

    sweep(day(1))

    assert Signal.objects.filter(name="frequent_refunder").count() == 0


@pytest.mark.requirement("M09", "R18")
def test_claims_that_cluster_on_one_product_of_a_seller_stand_out():
    cases = buys(5, same=["seller"])

    sweep(day(1))

    [row] = Signal.objects.filter(name="sku_cluster")
    assert (row.party_id, row.subject, row.value) == (cases[0].seller_id, "cup", 5)


def test_a_seller_who_sends_late_or_has_many_claims_stands_out_from_enough_orders_on():
    market = world.marketplace()
    shop = world.party(market, "seller")
    orders = [order(market, seller=shop, delivered=None) for _ in range(20)]
    Order.everywhere.filter(pk__in=[o.pk for o in orders[:4]]).update(shipped_at=None)
    Order.everywhere.filter(pk__in=[o.pk for o in orders[4:]]).update(shipped_at=day(-9))
    sweep(day(1))
    assert Signal.objects.get(name="slow_dispatch").value == 20
    assert Signal.objects.filter(name="high_refund_rate").count() == 0

    Order.everywhere.filter(pk=orders[0].pk).update(shipped_at=day(-9))
    sweep(day(2))

    row = Signal.objects.get(name="slow_dispatch")
    assert row.cleared_at == day(2)
    assert row.explanation == {"orders": 20, "slow": 4}


def test_a_signal_that_goes_on_keeps_its_row_and_one_that_is_over_is_cleared():
    buys(8, same=["buyer"])
    sweep(day(1))
    first = Signal.objects.get(name="frequent_refunder")
    sweep(day(2))
    again = Signal.objects.get(name="frequent_refunder")
    sweep(day(100))

    assert (again.pk, again.raised_at, again.until) == (first.pk, day(1), day(2))
    assert Signal.objects.get(name="frequent_refunder").cleared_at == day(100)


@pytest.mark.parametrize("n", [1, 3])
def test_signals_cost_the_same_statements_for_any_number(n, django_assert_num_queries):
    market = world.marketplace()
    for _ in range(n):
        buyer = world.party(market, "buyer")
        for _ in range(8):
            open_case(order(market, buyer=buyer))

    with django_assert_num_queries(FIGURES):
        assert conduct.look(clock=at(day(1))) == n


# What restrictions do to a case


@pytest.mark.requirement("M08")
@pytest.mark.parametrize(
    ("restriction", "state"),
    [("notice", "awaiting_return"), ("no_auto_approval", "in_mediation")],
)
def test_silence_approves_only_for_those_who_may_profit_from_it(restriction, state):
    world.policy("default")
    market = world.marketplace(policy_name="shopee")  # where silence approves
    case = open_case(order(market))
    upheld(case, restriction)
    more = open_case(order(market, buyer=case.buyer))

    steps.lapse(clock=at(day(2)))

    assert [world.case(one.pk).state for one in (case, more)] == ["awaiting_return", state]


@pytest.mark.parametrize(
    ("step", "restrictions", "then"),
    [
        ("approve", [], "approve"),
        ("approve", ["evidence_first"], "approve"),
        ("approve", ["no_auto_approval"], "escalate"),
        ("approve", ["manual_review"], "escalate"),
        ("accept_return", ["no_auto_approval"], "accept_return"),
        ("accept_return", ["manual_review"], "escalate"),
        ("close", ["manual_review"], "close"),
    ],
)
def test_what_a_clock_may_do_follows_from_the_restrictions(step, restrictions, then):
    assert by_clock(step, restrictions) == then


# The tables


def test_every_row_has_words_and_a_term_in_the_policy():
    terms = load("default").conduct
    for table in (GROUNDS, RESTRICTIONS, VIOLATIONS, SIGNALS):
        for row in table.values():
            assert row.label("en") != row.label("zh") != ""
    assert set(terms.restrictions) == set(RESTRICTIONS)
    assert set(terms.points) == set(GROUNDS) | set(VIOLATIONS)
    assert set(terms.signals) == set(SIGNALS) == set(signals.FIGURES)


def test_every_step_that_somebody_hears_of_has_its_text():
    known = texts.table().texts
    assert set(post.HEARS) <= {*STEPS, "remind"}
    for step, readers in post.HEARS.items():
        for reader in readers:
            assert f"complaint_{step}.{reader}" in known
    named = {key.split(".")[0].removeprefix("complaint_") for key in known if "complaint_" in key}
    assert named == {*post.HEARS, "points"}


def test_every_clock_leads_to_a_step_that_is_possible_where_it_runs():
    for state, term in TERMS.items():
        assert state in STEPS[term.then].sources
        assert "clock" in STEPS[term.then].rule.by
