"""Clocks run out: n at a time, reminders on the way, a bad case never in the way of others."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from cases.models import Case, Clock, Event
from config import addresses
from config.celery import app
from mediation import bell, expiry, halving
from mediation.models import Effect, Heartbeat
from mediation.steps import lapse, take
from tests import world
from tests.world import at, day

pytestmark = pytest.mark.django_db

LAPSE = 7  # statements: savepoint (2), lock, heartbeat, read, write (2)
OPENING = 8  # savepoint (2), lock, orders, read (2), write (2)


@pytest.fixture
def market():
    return world.marketplace()


def open_cases(market, n, *, when=None):
    """Open n cases at a moment."""
    wishes = [world.opening(world.order(market)) for _ in range(n)]
    for answer in take(wishes, clock=at(when or day(0))):
        assert not isinstance(answer, Exception), answer
    return [wish.case_id for wish in wishes]


def awake(moment):
    """The clocks were seen to until now: what comes is no outage."""
    Heartbeat.objects.update_or_create(name="lapse", defaults={"at": moment})


def lapse_all(moment):
    awake(moment)
    while lapse(clock=at(moment)):
        pass


def states():
    return sorted(Case.everywhere.values_list("state", flat=True))


@pytest.mark.parametrize("n", [1, 10, 500])
def test_a_lapse_costs_the_same_statements_for_any_n(n, market, django_assert_num_queries):
    open_cases(market, n)
    awake(day(2))

    with django_assert_num_queries(LAPSE):
        assert lapse(clock=at(day(2))) == n

    assert states() == ["in_mediation"] * n


@pytest.mark.parametrize("n", [1, 10, 500])
def test_opening_costs_the_same_statements_for_any_n(n, market, django_assert_num_queries):
    wishes = [world.opening(world.order(market)) for _ in range(n)]
    take([world.opening(world.order(market))], clock=at(day(0)))

    with django_assert_num_queries(OPENING):
        answers = take(wishes, clock=at(day(0)))

    assert [answer.case.state for answer in answers] == ["awaiting_seller"] * n


def test_a_clock_runs_out_at_its_end_and_not_a_moment_before(market):
    open_cases(market, 1)

    lapse_all(day(2, microseconds=-1))
    assert states() == ["awaiting_seller"]

    lapse_all(day(2))
    assert states() == ["in_mediation"]


def test_the_event_says_which_clock_ended_when_it_was_due_and_when_that_was_noted(market):
    open_cases(market, 1)
    clock = Clock.objects.get()

    lapse_all(day(2, minutes=3))

    event = Event.objects.get(name="escalate")
    assert (event.clock, event.due_at, event.at) == (clock.pk, day(2), day(2, minutes=3))
    told = json.loads(event.payload)["clock"]
    assert (told["name"], told["length"]) == ("seller_response", "48h")
    assert Clock.objects.get(name="docket_wait").started_at == day(2, minutes=3)


def test_the_earliest_come_first(market):
    [late] = open_cases(market, 1, when=day(0, hours=2))
    [early] = open_cases(market, 1, when=day(0))

    lapse(clock=at(day(3)), limit=1)

    assert (world.case(early).state, world.case(late).state) == ("in_mediation", "awaiting_seller")


def test_two_clocks_of_one_case_end_in_one_run_each_with_its_own_event(market):
    [case_id] = open_cases(market, 1)
    lapse_all(day(2))

    lapse_all(day(20))  # nobody took it, nobody ruled

    ended = Event.objects.filter(case=case_id, name="to_supervisor")
    assert [json.loads(event.payload)["clock"]["name"] for event in ended.order_by("sequence")] == [
        "docket_wait",
        "ruling",
    ]


def test_a_test_clock_s_clocks_run_out_on_that_clock_alone():
    clock_id = uuid4()
    open_cases(world.marketplace(clock_id=clock_id), 1)

    lapse_all(day(9))
    assert states() == ["awaiting_seller"]

    assert lapse(clock=at(day(9)), clock_id=clock_id) == 1
    assert states() == ["in_mediation"]


# Reminders


def test_reminders_come_on_the_way_each_once(market):
    open_cases(market, 1)

    for hours in (23, 24, 25, 38, 39, 47):
        lapse_all(day(0, hours=hours))

    reminded = Event.objects.filter(name="remind").order_by("sequence")
    assert [event.at for event in reminded] == [
        day(0, hours=24),  # 50 %
        day(0, hours=39),  # 80 % was at 38:24
        day(0, hours=47),  # an hour before
    ]
    assert {event.clock for event in reminded} == {None}  # no clock has ended


def test_a_reminder_changes_no_version_and_is_told(market):
    [case_id] = open_cases(market, 1)
    before = world.case(case_id)
    Effect.objects.all().delete()

    lapse_all(day(1))

    after = world.case(case_id)
    assert (after.version, after.sequence) == (before.version, before.sequence + 1)
    assert Effect.objects.get().kind == "notify"


def test_who_was_away_over_a_reminder_and_the_end_sees_the_end_only(market):
    open_cases(market, 1)

    lapse_all(day(2))

    assert list(Event.objects.order_by("sequence").values_list("name", flat=True)) == [
        "open",
        "escalate",
    ]


# A bad case


@pytest.fixture
def poisoned(monkeypatch):
    """Ids of cases whose clocks cannot run out."""
    bad, sound = set(), expiry.run_out

    def run_out(case, *args):
        if case.pk in bad:
            raise RuntimeError("poison")
        return sound(case, *args)

    monkeypatch.setattr(expiry, "run_out", run_out)
    return bad


@pytest.mark.parametrize("place", [0, 4, 9])
def test_one_bad_case_is_parked_and_never_holds_up_the_others(place, market, poisoned):
    ids = open_cases(market, 10)
    for number, case_id in enumerate(ids):
        Clock.objects.filter(case=case_id).update(
            due_at=day(2, seconds=number), next_at=day(2, seconds=number)
        )
    poisoned.add(ids[place])

    lapse_all(day(3))

    assert states() == ["awaiting_seller"] + ["in_mediation"] * 9
    [parked] = Clock.objects.filter(parked__gt=0)
    assert parked.case_id == ids[place]
    assert parked.next_at == day(3, minutes=1)
    assert parked.due_at == day(2, seconds=place)  # nobody gets more time by our mistake


def test_a_parked_case_is_tried_again_later_and_later(market, poisoned):
    poisoned.update(open_cases(market, 1))
    waits, moment = [], day(3)
    for _ in range(11):
        lapse_all(moment)
        clock = Clock.objects.get()
        waits.append((clock.next_at - moment) / timedelta(minutes=1))
        moment = clock.next_at

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_however_often_it_fails_it_is_put_off_for_six_hours_at_most():
    waits = [halving.back_off(failures) for failures in (0, 1, 8, 9, 10_000)]

    assert waits == [timedelta(minutes=n) for n in (1, 2, 256, 360, 360)]


def test_a_parked_case_moves_on_once_the_fault_is_mended(market, poisoned):
    poisoned.update(open_cases(market, 1))
    lapse_all(day(3))
    poisoned.clear()

    lapse_all(day(3, minutes=1))

    assert states() == ["in_mediation"]
    assert Event.objects.get(name="escalate").due_at == day(2)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_cannot_even_begin_parks_nobody(market, monkeypatch):
    open_cases(market, 1)

    def fails(*args):
        raise OSError("the database is gone")

    monkeypatch.setattr("mediation.steps._claim", fails)
    with pytest.raises(OSError, match="gone"):
        lapse(clock=at(day(3)))

    assert Clock.objects.filter(parked__gt=0).count() == 0


# The broker


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_holds_up_no_clock_and_no_command(market):
    [case_id] = open_cases(market, 1)
    before = app.conf.broker_url
    app.conf.update(broker_url=addresses.broker("redis://127.0.0.1:1/0"))
    try:
        world.do(world.case(case_id), "withdraw", "buyer", when=day(1))
        open_cases(market, 3)
        lapse_all(day(3))
    finally:
        app.conf.update(broker_url=before)
        bell.bell.silent_until = 0

    assert states() == ["closed"] + ["in_mediation"] * 3
    assert Effect.objects.filter(done_at=None).count() == Event.objects.count()  # nothing is lost


@pytest.mark.django_db(transaction=True)
def test_what_is_rung_for_is_committed(market, monkeypatch):
    rung = []
    monkeypatch.setattr(bell, "ring", lambda task, calls: rung.append((task, list(calls))))

    with pytest.raises(RuntimeError, match="broken"), transaction.atomic():
        raise RuntimeError("broken")
    ids = open_cases(market, 250)

    [(task, calls)] = rung
    assert task == "mediation.tasks.run_effects"
    assert [len(call[0]) for call in calls] == [100, 100, 50]  # ids per message
    sent = {effect_id for call in calls for effect_id in call[0]}
    assert sent == {str(pk) for pk in Effect.objects.values_list("pk", flat=True)}
    assert len(ids) == 250
