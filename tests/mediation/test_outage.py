"""An outage of ours takes nobody's right: what fell due in it gets the gap and an hour more."""

import json
from datetime import timedelta

import pytest

from cases.models import Case, Clock, Event
from mediation import outage, steps
from mediation.models import Heartbeat
from mediation.steps import lapse
from tests import world
from tests.world import at, day

pytestmark = pytest.mark.django_db

END = day(2)  # of the seller's time
DOWN = END - timedelta(minutes=30)  # the last heartbeat
UP = END + timedelta(minutes=90)  # the first run afterwards: two hours of silence
MORE = timedelta(hours=2) + timedelta(hours=1)


@pytest.fixture
def market():
    return world.marketplace()


@pytest.fixture
def found(market):
    return world.open_case(world.order(market))


def last_seen(moment):
    Heartbeat.objects.update_or_create(
        name="lapse", defaults={"at": moment, "gap_since": None, "gap_until": None}
    )


def lapse_all(moment):
    while lapse(clock=at(moment)):
        pass


def names(case):
    return list(case.events.order_by("sequence").values_list("name", flat=True))


def test_a_clock_that_fell_due_while_we_were_down_gets_more_time(found):
    last_seen(DOWN)

    lapse_all(UP)

    assert world.case(found.pk).state == "awaiting_seller"
    clock = Clock.objects.get()
    assert (clock.due_at, clock.extensions) == (END + MORE, 1)
    told = json.loads(Event.objects.get(name="extend").payload)
    assert told["outage_since"] == DOWN.isoformat()
    assert told["due_at"] == (END + MORE).isoformat()


def test_the_seller_may_use_that_time(found):
    last_seen(DOWN)
    lapse_all(UP)

    answer = world.do(found, "approve", "seller", when=END + MORE - timedelta(seconds=1))

    assert answer.case.state == "awaiting_return"


def test_it_is_given_once_and_then_the_clock_runs_out(found):
    last_seen(DOWN)
    lapse_all(UP)
    for minutes in range(0, 150, 4):
        lapse_all(UP + timedelta(minutes=minutes))

    assert names(found) == ["open", "extend", "remind", "escalate"]
    assert Event.objects.get(name="escalate").due_at == END + MORE


@pytest.mark.parametrize(("silence", "state"), [(5, "in_mediation"), (5.02, "awaiting_seller")])
def test_five_minutes_of_silence_are_no_outage(silence, state, found):
    last_seen(END - timedelta(minutes=1))

    lapse_all(END + timedelta(minutes=silence - 1))

    assert world.case(found.pk).state == state


def test_what_was_due_before_the_outage_gets_nothing(found):
    last_seen(END + timedelta(minutes=1))

    lapse_all(END + timedelta(hours=2))

    assert names(found) == ["open", "escalate"]


def test_all_of_many_cases_get_it_whatever_the_size_of_a_batch(market):
    cases = [world.open_case(world.order(market)) for _ in range(7)]
    last_seen(DOWN)

    for _ in range(4):
        lapse(clock=at(UP), limit=2)

    assert {tuple(names(case)) for case in cases} == {("open", "extend")}


def test_a_worker_that_finds_nothing_to_do_does_not_end_the_allowance_of_another(found):
    """Both start after the outage; the second is done before the first has looked."""
    last_seen(DOWN)
    moments = []

    def clock():
        if not moments:  # the first worker holds the case; the second comes and finds nothing
            moments.append(UP)
            outage.look(UP).beat()
        return UP

    steps.lapse(clock=clock)

    assert names(found) == ["open", "extend"]


def test_a_case_that_failed_at_first_gets_it_as_well(found, monkeypatch):
    last_seen(DOWN)
    sound = steps.expiry.run_out
    monkeypatch.setattr(steps.expiry, "run_out", lambda *args: 1 / 0)
    lapse_all(UP)
    monkeypatch.setattr(steps.expiry, "run_out", sound)

    lapse_all(UP + timedelta(minutes=1))  # it was parked for a minute

    assert names(found) == ["open", "extend"]


def test_a_second_outage_right_after_the_first_is_one_with_it(found, market):
    late = world.open_case(world.order(market), when=day(0, hours=1))  # due an hour later
    last_seen(DOWN)
    outage.look(UP).beat()  # up for a moment, nothing was dealt with

    again = UP + timedelta(minutes=30)
    lapse_all(again)

    gap = again - DOWN
    assert Clock.objects.get(case=found).due_at == END + gap + timedelta(hours=1)
    assert names(late) == ["open", "extend"]


def test_the_first_run_ever_is_no_outage(found):
    assert Heartbeat.objects.count() == 0

    lapse_all(UP)

    assert world.case(found.pk).state == "in_mediation"
    assert Heartbeat.objects.get().at == UP


def test_a_run_over_a_backlog_leaves_a_heartbeat_as_well(market):
    """Who has too much to do is not asleep."""
    for number in range(3):
        world.open_case(world.order(market), when=day(0, minutes=number))
    last_seen(END)

    for minutes in (4, 8, 12):
        lapse(clock=at(END + timedelta(minutes=minutes)), limit=1)

    assert Case.everywhere.filter(state="in_mediation").count() == 3


def test_a_heartbeat_is_written_every_few_seconds_and_not_more_often():
    outage.look(day(0)).beat()
    outage.look(day(0, seconds=4)).beat()
    assert Heartbeat.objects.get().at == day(0)

    outage.look(day(0, seconds=5)).beat()
    assert Heartbeat.objects.get().at == day(0, seconds=5)


def test_of_two_workers_that_wake_up_together_one_leaves_the_heartbeat():
    last_seen(DOWN)
    first, second = outage.look(UP), outage.look(UP + timedelta(seconds=1))

    first.beat()
    second.beat()

    heartbeat = Heartbeat.objects.get()
    assert (heartbeat.at, heartbeat.gap_since, heartbeat.gap_until) == (UP, DOWN, UP)


def test_a_command_after_an_outage_counts_although_no_clock_was_seen_to_yet(found, monkeypatch):
    last_seen(DOWN)
    monkeypatch.setattr(steps, "database_clock", at(UP))
    wish = steps.Wish(case_id=found.pk, step="approve", by=world.actor(found, "seller"))

    [answer] = steps.take([wish], clock=steps.database_clock)

    assert answer.case.state == "awaiting_return"
    assert names(found) == ["open", "extend", "approve"]
