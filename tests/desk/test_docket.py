"""Who takes which dispute: rank, lanes, capacity, independence, leases, races."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from cases.models import Case, Dispute, Docket, Event
from cases.refusals import LeaseLost, LimitReached, NotIndependent, NotNow, NotYourStep
from mediation import docket
from mediation.messages import Draft
from mediation.steps import Wish, database_clock, take
from tests import world
from tests.copies import asked, multiply, parents
from tests.desk.staff import disputes, hire, lease_of
from tests.mediation.story import in_mediation
from tests.world import at, day

pytestmark = pytest.mark.django_db

NOW = at(day(3, hours=1))
CLAIM = 16  # statements, locks and savepoints included


def holder(case):
    return Docket.objects.get(case=case).holder


def test_the_earliest_by_rank_is_claimed_first():
    later, earlier = disputes(2)
    Docket.objects.filter(case=earlier).update(rank_at=day(1))
    mia = hire("mia")

    taken = docket.claim_next(mia, clock=NOW)

    assert taken.case.pk == earlier.pk
    entry = Docket.objects.get(case=earlier)
    assert (entry.holder, entry.waiting, entry.lease_until) == (
        mia.person,
        False,
        day(3, hours=1, minutes=30),
    )
    assert holder(later) == ""
    assert world.case(earlier.pk).dispute.state == "in_review"


def test_a_claim_is_an_event_and_leaves_the_version_of_the_case():
    [case] = disputes(1)

    docket.claim_next(hire("mia"), clock=NOW)

    assert world.case(case.pk).version == case.version
    assert Event.objects.filter(case=case).latest("sequence").name == "claim"


def test_nothing_waits_so_nothing_is_claimed():
    assert docket.claim_next(hire("mia"), clock=NOW) is None


@pytest.mark.parametrize(
    ("lane", "fits"),
    [
        ({}, True),
        ({"languages": ["en"]}, True),
        ({"languages": ["zh-hans"]}, False),
        ({"skills": ["no_longer_wanted", "quality"]}, True),
        ({"skills": ["quality"]}, False),
    ],
)
def test_a_mediator_claims_in_its_own_lanes(lane, fits):
    disputes(1)

    taken = docket.claim_next(hire("mia", **lane), clock=NOW)

    assert (taken is not None) == fits


def test_a_mediator_claims_in_its_own_marketplaces():
    other = world.marketplace("other")
    [case] = disputes(1)

    assert docket.claim_next(hire("mia", marketplaces=[other]), clock=NOW) is None
    taken = docket.claim_next(hire("max", marketplaces=[case.marketplace]), clock=NOW)

    assert taken.case.pk == case.pk


def test_without_a_marketplace_nothing_is_seen():
    disputes(1)

    assert docket.claim_next(hire("mia", everywhere=False), clock=NOW) is None


def test_capacity_ends_with_what_is_held_now():
    disputes(3)
    mia = hire("mia", capacity=1)
    docket.claim_next(mia, clock=NOW)

    refused = docket.claim_next(mia, clock=NOW)

    assert isinstance(refused, docket.AtCapacity)
    assert Docket.objects.exclude(holder="").count() == 1
    docket.return_expired(clock=at(day(3, hours=2)))
    assert docket.claim_next(mia, clock=at(day(3, hours=2))).event.name == "claim"


def test_who_has_decided_it_before_does_not_get_it_again():
    [case] = disputes(1)
    mia = hire("mia")
    Docket.objects.filter(case=case).update(excluded=[mia.person])

    assert docket.claim_next(mia, clock=NOW) is None
    assert docket.claim(mia, case.pk, clock=NOW) is None


def test_an_appeal_goes_to_a_senior():
    [case] = disputes(1)
    Docket.objects.filter(case=case).update(senior=True)

    assert docket.claim_next(hire("mia"), clock=NOW) is None
    assert docket.claim_next(hire("sue", "senior"), clock=NOW).case.pk == case.pk


@pytest.mark.parametrize("role", ["supervisor", "auditor", "ops"])
def test_only_mediators_claim(role):
    [case] = disputes(1)
    other = hire("olga", role)

    assert isinstance(docket.claim_next(other, clock=NOW), NotYourStep)
    assert isinstance(docket.claim(other, case.pk, clock=NOW), NotYourStep)
    assert holder(case) == ""


def test_a_dispute_that_nobody_may_claim_any_more_does_not_block_the_next():
    first, second = disputes(2)
    Docket.objects.filter(case=first).update(rank_at=day(1))
    first.dispute.__class__.objects.filter(case=first).update(claims=20)

    taken = docket.claim_next(hire("mia"), clock=NOW)

    assert taken.case.pk == second.pk


def test_one_chosen_by_hand_that_is_held_already_is_refused():
    [case] = disputes(1)
    docket.claim_next(hire("mia"), clock=NOW)

    assert isinstance(docket.claim(hire("max"), case.pk, clock=NOW), NotNow)


def test_a_supervisor_assigns():
    [case] = disputes(1)
    mia = hire("mia")

    taken = docket.assign(hire("sam", "supervisor"), case.pk, mia, clock=NOW)

    assert taken.event.name == "assign"
    assert holder(case) == mia.person


def test_an_appeal_is_assigned_to_a_senior_only():
    [case] = disputes(1)
    Docket.objects.filter(case=case).update(senior=True)

    refused = docket.assign(hire("sam", "supervisor"), case.pk, hire("mia"), clock=NOW)

    assert isinstance(refused, NotIndependent)
    assert holder(case) == ""


@pytest.mark.parametrize("role", ["mediator", "senior"])
def test_mediators_do_not_assign(role):
    [case] = disputes(1)

    refused = docket.assign(hire("sue", role), case.pk, hire("mia"), clock=NOW)

    assert isinstance(refused, NotYourStep)


def test_nothing_is_assigned_to_who_does_not_judge():
    [case] = disputes(1)

    refused = docket.assign(hire("sam", "supervisor"), case.pk, hire("olga", "ops"), clock=NOW)

    assert isinstance(refused, NotYourStep)


def test_nothing_is_assigned_to_who_does_not_work_there():
    [case] = disputes(1)
    stranger = hire("mia", marketplaces=[world.marketplace("other")])

    assert docket.assign(hire("sam", "supervisor"), case.pk, stranger, clock=NOW) is None


def test_an_expired_lease_returns_the_dispute_to_its_place():
    [case] = disputes(1)
    rank = case.docket.rank_at
    docket.claim_next(hire("mia"), clock=NOW)

    assert docket.return_expired(clock=at(day(3, hours=1, minutes=29))) == 0
    assert docket.return_expired(clock=at(day(3, hours=1, minutes=30))) == 1

    entry = Docket.objects.get(case=case)
    assert (entry.holder, entry.lease, entry.waiting, entry.rank_at) == ("", None, True, rank)
    assert world.case(case.pk).dispute.state == "queued"


def test_a_message_renews_the_lease_and_not_one_that_has_ended():
    [case] = disputes(1)
    mia = hire("mia")
    docket.claim_next(mia, clock=NOW)

    for minutes in (20, 60):
        draft = Draft(audience="all", text="I am looking at it.")
        wish = Wish(case_id=case.pk, step="", by=mia.actor, message=draft)
        take([wish], clock=at(day(3, hours=1, minutes=minutes)))

    assert Docket.objects.get(case=case).lease_until == day(3, hours=1, minutes=50)


def test_reading_renews_the_lease_and_is_no_event():
    [case] = disputes(1)
    mia = hire("mia")
    docket.claim_next(mia, clock=NOW)
    mine, events = lease_of(case), Event.objects.filter(case=case).count()

    until = docket.renew(mia, case.pk, mine, clock=at(day(3, hours=1, minutes=20)))

    assert until == Docket.objects.get(case=case).lease_until == day(3, hours=1, minutes=50)
    assert Event.objects.filter(case=case).count() == events


@pytest.mark.parametrize(
    ("who", "token", "minutes"), [("max", None, 20), ("mia", uuid4(), 20), ("mia", None, 30)]
)
def test_a_lease_of_others_or_that_has_ended_is_not_renewed(who, token, minutes):
    [case] = disputes(1)
    people = {name: hire(name) for name in ("mia", "max")}
    docket.claim_next(people["mia"], clock=NOW)

    later = at(day(3, hours=1, minutes=minutes))
    until = docket.renew(people[who], case.pk, token or lease_of(case), clock=later)

    assert until is None
    assert Docket.objects.get(case=case).lease_until == day(3, hours=1, minutes=30)


def test_whoever_approved_a_ruling_does_not_hear_the_appeal():
    story = in_mediation(paid=200_001)
    story.mediator("rule")
    story.does("senior", "approve_ruling", person="sue")

    assert Docket.objects.get(case=story.id).excluded == ["mediator-1", "sue"]
    story.buyer("appeal")
    assert isinstance(story.asks("senior", "claim", person="sue"), NotIndependent)
    story.does("senior", "claim", person="sky")


def test_heads_that_are_locked_or_held_do_not_hide_what_is_behind_them(monkeypatch):
    monkeypatch.setattr(docket, "AT_ONCE", 1)
    first, second, third = disputes(3)
    for number, case in enumerate((first, second, third)):
        Docket.objects.filter(case=case).update(rank_at=day(1, hours=number))
    Case.everywhere.filter(pk__in=[first.pk, second.pk]).update(held=True)

    assert docket.claim_next(hire("mia"), clock=NOW).case.pk == third.pk


def test_an_act_renews_the_lease():
    [case] = disputes(1)
    mia = hire("mia")
    docket.claim_next(mia, clock=NOW)

    world.do(
        case,
        "ask_evidence",
        mia.actor,
        when=day(3, hours=1, minutes=20),
        lease=lease_of(case),
        requests={"buyer": ["video"]},
        statement="Please show it.",
    )

    assert Docket.objects.get(case=case).lease_until == day(3, hours=1, minutes=50)


def test_the_token_of_an_earlier_lease_is_worth_nothing():
    [case] = disputes(1)
    mia = hire("mia")
    docket.claim_next(mia, clock=NOW)
    stale = lease_of(case)
    docket.return_expired(clock=at(day(3, hours=2)))
    docket.claim_next(mia, clock=at(day(3, hours=2)))

    refused = [
        world.do(case, step, mia.actor, when=day(3, hours=2), lease=stale, **inputs)
        for step, inputs in [
            ("release", {}),
            ("ask_evidence", {"requests": {"buyer": ["video"]}, "statement": "Show it."}),
            ("hand_back", {"statement": "Talk."}),
        ]
    ]

    assert [type(answer) for answer in refused] == [LeaseLost] * 3
    assert holder(case) == mia.person


@pytest.mark.django_db(transaction=True)
def test_clicking_five_times_at_once_does_not_exceed_the_capacity():
    disputes(10, now=database_clock())
    mia = hire("mia", capacity=2)

    answers = at_once(docket.claim_next, [mia] * 5)

    assert sum(isinstance(answer, LimitReached) for answer in answers) == 3
    assert Docket.objects.filter(holder=mia.person).count() == 2


@pytest.mark.parametrize("waiting", [1, 30])
def test_a_claim_costs_the_same_statements_for_any_queue(waiting, django_assert_num_queries):
    disputes(waiting)
    mia = hire("mia")

    with django_assert_num_queries(CLAIM):
        docket.claim_next(mia, clock=NOW)


def test_the_first_of_a_lane_are_read_from_its_index_and_never_sorted():
    [case] = disputes(1)
    rows = (table.objects.filter(case=case) for table in (Dispute, Docket))
    multiply(2000, Case.everywhere.filter(pk=case.pk), *rows)

    with asked() as statements:
        docket.claim_next(hire("mia"), clock=NOW)

    [heads] = [found for found in statements if "WITH RECURSIVE lane" in found[0]]
    assert parents(Docket, *heads) == {"Limit"}


def at_once(call, arguments):
    """Call in as many threads, each with its own connection; answers in the same order."""
    start, answers = Barrier(len(arguments)), [None] * len(arguments)

    def run(index, argument):
        start.wait()
        try:
            answers[index] = call(argument)
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(arguments)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
