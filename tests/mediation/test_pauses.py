"""Pauses: all clocks of a marketplace or a region stand still, and get back what was left."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Clock, Event, Order, Pause
from mediation import pauses
from mediation.invariants import check
from mediation.steps import database_clock
from tests import world
from tests.mediation.story import Story, in_mediation
from tests.world import at, day

pytestmark = pytest.mark.django_db
SWEEP = 15  # statements, of which six open and close what is a savepoint here
HOLIDAY = "National holiday"
FOR_EVER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(pauses.bell, "ring", lambda *_call: True)


def begin(market, region=""):
    return pauses.begin(market, region=region, reason=HOLIDAY, by="olga")


def lefts(story):
    return {c.name: c.remaining or c.due_at - story.now for c in story_clocks(story)}


def story_clocks(story):
    return Clock.objects.filter(case=story.id)


def sweep(story):
    return pauses.sweep(at(story.now))


def test_all_clocks_stand_still_and_get_back_the_time_that_was_left():
    story = Story()
    story.now += timedelta(hours=10)
    before = lefts(story)
    pause = begin(story.order.marketplace)

    assert sweep(story) == 1
    assert lefts(story) == before
    assert story.wrongs == {}
    story.pass_days(20)
    assert (story.state, story.steps) == ("awaiting_seller", ["open", "pause"])
    assert pauses.lift(pause, by="olga") is True
    assert sweep(story) == 1

    assert lefts(story) == before
    assert story.wrongs == {}
    assert story_clocks(story).get().stood_still == timedelta(days=20)
    story.pass_days(1, hours=14)
    assert story.state == "in_mediation"


def test_people_may_act_during_a_pause_and_new_clocks_stand_still_as_well():
    story = Story()
    pause = begin(story.order.marketplace)
    sweep(story)

    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")
    story.pass_days(30)

    assert story.state == "inspecting"
    assert [c.due_at for c in story_clocks(story)] == [None]
    assert story.wrongs == {}
    pauses.lift(pause, by="olga")
    sweep(story)
    assert lefts(story) == {"inspection": timedelta(days=10)}


def test_in_mediation_the_platforms_own_clocks_stand_still_too():
    story = in_mediation()
    pause = begin(story.order.marketplace)
    before = lefts(story)

    sweep(story)
    assert all(clock.due_at is None for clock in story_clocks(story))
    story.now += timedelta(days=3)
    pauses.lift(pause, by="olga")
    sweep(story)

    assert lefts(story) == before
    running = {c.name for c in story_clocks(story) if c.due_at is not None}
    assert running == {"ruling"}
    assert story.wrongs == {}


def test_a_region_is_paused_alone():
    here, there = Story(), Story()
    Order.everywhere.filter(pk=here.order.pk).update(region="CN-SC")
    begin(here.order.marketplace, region="CN-SC")

    sweep(here)

    assert [s.case.paused_by is None for s in (here, there)] == [False, True]
    assert begun_again(here.order.marketplace, "CN-SC") == "PAUSED_ALREADY"


def begun_again(market, region):
    try:
        begin(market, region)
    except pauses.PausedAlready as refused:
        return refused.code
    return None


def test_where_two_pauses_meet_the_clocks_go_on_after_both():
    story = Story()
    Order.everywhere.filter(pk=story.order.pk).update(region="CN-SC")
    first, second = begin(story.order.marketplace), begin(story.order.marketplace, "CN-SC")
    sweep(story)

    pauses.lift(first, by="olga")
    sweep(story)
    assert story.case.paused_by == second.pk
    pauses.lift(second, by="olga")
    sweep(story)

    assert story.case.paused_by is None
    assert pauses.lift(second, by="olga") is False


def test_a_case_that_is_opened_during_a_pause_stands_still_at_once():
    market = world.marketplace()
    pause = begin(market)
    story = Story(market=market)

    assert (story.case.paused_by, story.steps) == (pause.pk, ["open", "pause"])
    assert lefts(story) == {"seller_response": timedelta(days=2)}
    assert sweep(story) == 0
    assert story.wrongs == {}
    story.now += timedelta(days=5)
    pauses.lift(pause, by="olga")
    assert sweep(story) == 1
    story.pass_days(1, hours=23)
    assert (story.state, story.wrongs) == ("awaiting_seller", {})


def test_a_pause_of_another_region_or_marketplace_does_not_concern_a_new_case():
    market = world.marketplace()
    begin(market, "CN-SC")
    begin(world.marketplace("souk"))

    here, there = Story(market=market, region="CN-SC"), Story(market=market, region="CN-BJ")

    assert [s.case.paused_by is None for s in (here, there)] == [False, True]


def test_pieces_that_are_split_off_during_a_pause_stand_still_as_well():
    market = world.marketplace()
    begin(market)
    story = Story(market=market, quantity=2)

    [item] = story.order.lines.all()
    pieces = {"remedy": "refund_only", "items": [{"line": item.pk, "quantity": 1, "amount": None}]}
    story.buyer("split", reason="quality", statement="This one.", **pieces)

    found = Case.everywhere.exclude(pk=story.id).get()
    assert found.paused_by == story.case.paused_by
    assert [c.due_at for c in Clock.objects.filter(case=found)] == [None]
    assert story.wrongs == {}


def test_a_pause_that_says_until_when_ends_by_itself():
    story = Story()
    until = story.now + timedelta(days=4)
    began_at = story.now
    pause = pauses.begin(
        story.order.marketplace, region="", reason=HOLIDAY, by="olga", until=FOR_EVER
    )
    Pause.objects.filter(pk=pause.pk).update(began_at=began_at, until=until)
    sweep(story)

    story.now = until - timedelta(seconds=1)
    assert sweep(story) == 0
    story.now = until
    assert sweep(story) == 1

    ended = Pause.objects.get()
    assert (ended.ended_at, ended.ended_by) == (until, "clock")
    assert story.steps == ["open", "pause", "resume"]
    assert story.wrongs == {}


def test_a_pause_does_not_end_before_it_begins():
    market = world.marketplace()

    with pytest.raises(pauses.OverBefore):
        pauses.begin(market, region="", reason=HOLIDAY, by="olga", until=database_clock())

    assert Pause.objects.count() == 0


def test_what_has_run_out_before_the_pause_has_run_out():
    story = Story()
    story.now += timedelta(days=3)
    begin(story.order.marketplace)

    sweep(story)

    assert story.steps == ["open", "escalate", "pause"]


@pytest.mark.parametrize("n", [1, 12])
def test_a_pause_costs_the_same_statements_for_any_number_of_cases(n):
    market = world.marketplace()
    for _ in range(n):
        world.open_case(world.order(market))
    begin(market)

    with CaptureQueriesContext(connection) as seen:
        assert pauses.sweep(at(day(0, hours=1))) == n

    assert len(seen) == SWEEP
    assert check(at=day(0, hours=1)) == {}
    assert Event.objects.filter(name="pause").count() == n


def test_the_command_pauses_and_lifts():
    bought = world.order(world.marketplace(), delivered=database_clock())
    case = world.open_case(bought, when=database_clock())

    call_command("pause", "bazaar", by="olga", reason=HOLIDAY, stdout=StringIO())
    assert Case.everywhere.get(pk=case.pk).paused_by == Pause.objects.get().pk
    with pytest.raises(CommandError):
        call_command("pause", "bazaar", by="olga")
    call_command("pause", "bazaar", by="olga", lift=True, stdout=StringIO())

    assert Case.everywhere.get(pk=case.pk).paused_by is None
    with pytest.raises(CommandError):
        call_command("pause", "bazaar", by="olga", lift=True)


@pytest.mark.parametrize("until", ["tomorrow", "2099-03-09T08:00"])
def test_the_command_wants_to_know_until_when_in_which_zone(until):
    world.marketplace()

    with pytest.raises(CommandError, match="--until"):
        call_command("pause", "bazaar", by="olga", until=until)
