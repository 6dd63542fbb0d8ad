"""The forecast is what then happens when nobody acts: each event, moment, clock and posting."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.ids import new_id
from cases.models import Case, Clock, Event, Pause, Posting
from mediation import forecast, loading, pauses
from mediation.changes import Changes
from mediation.steps import Wish, take
from tests import world
from tests.mediation.life import AnyLife, live
from tests.mediation.story import Story, in_mediation, market, ruled
from tests.sizes import size

pytestmark = pytest.mark.usefixtures("watch")

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
COLUMNS = ("sequence", "name", "role", "party_id", "before", "after", "at", "due_at")
COUNTERS = ("line_id", "claimed", "reserved", "refunded", "outside")


def told(story, **options):
    """Forecast a case as it stands."""
    case = story.case
    loading.load([case], Changes(at=story.now))
    return forecast.forecast(case, **options)


def alike(event, known):
    """An event without the ids that are made by chance; those that were known before stay."""
    payload = json.loads(event.payload)
    text = json.dumps(payload, sort_keys=True)
    text = UUID.sub(lambda found: found[0] if found[0] in known else "new", text)
    return [getattr(event, column) for column in COLUMNS], text


def known_ids():
    """All ids that there are before the future begins."""
    rows = [*Event.objects.all(), *Case.everywhere.all(), *Clock.objects.all()]
    text = " ".join(str(vars(row)) for row in rows)
    lines = " ".join(str(row.pk) for row in world.OrderLine.objects.all())
    return set(UUID.findall(text + lines))


def clock_rows(rows):
    names = (
        "name",
        "party",
        "length",
        "started_at",
        "due_at",
        "next_at",
        "remaining",
        "extensions",
    )
    return sorted([str(getattr(row, name)) for name in names] for row in rows)


def counted(postings):
    return sorted(str([getattr(posting, counter) for counter in COUNTERS]) for posting in postings)


def check(story):
    """Forecast, let exactly that time pass with nobody acting, and compare all of it."""
    future, known = told(story), known_ids()
    begun = story.case.sequence
    postings = set(Posting.objects.values_list("pk", flat=True))

    story.pass_days(0, seconds=(future.until - story.now).total_seconds())

    events = Event.objects.filter(case=story.id, sequence__gt=begun).order_by("sequence")
    assert [alike(e, known) for e in future.events] == [alike(e, known) for e in events]
    moved = Posting.objects.exclude(pk__in=postings).order_by("id")
    assert counted(future.postings) == counted(moved)
    assert clock_rows(future.case.facts.clocks) == clock_rows(Clock.objects.filter(case=story.id))
    assert (future.case.state, future.case.outcome) == (story.state, story.case.outcome)
    return future


class Left(AnyLife):
    """A case that anything happened to, and that is left alone from then on."""

    def see_to_the_end(self):
        check(self.story)


@pytest.mark.django_db(transaction=True)
def test_for_random_cases_the_forecast_is_what_then_happens():
    live(Left, lives=size(12, 300), steps=size(12, 20))


def names(future):
    return [event.name for event in future.events if event.name != "remind"]


def test_silence_of_the_seller_leads_to_the_mediator_and_on():
    future = check(Story())

    assert names(future) == ["escalate", "to_supervisor", "to_supervisor"]
    assert (future.ends, future.waits_on) == ("repeats", ["platform"])


def test_a_policy_that_approves_is_followed():
    choices = {"clocks__seller_response": {"on_expiry": "approve"}}
    future = check(Story(market=market(**choices), remedy="refund_only"))

    assert names(future) == ["approve", "alarm"]
    assert (future.ends, future.waits_on) == ("repeats", ["gateway"])
    assert [(p.reserved, p.refunded) for p in future.postings] == [(10_000, 0)]
    [paid] = future.branches
    assert (paid.by, paid.step, paid.at) == ("gateway", "refund_settled", future.events[3].at)
    assert names(paid.future) == ["refund_settled", "end_aftercare"]
    assert (paid.future.ends, paid.future.case.state) == ("ended", "completed")


def test_what_the_carrier_may_say_branches():
    story = Story()
    story.seller("approve")
    story.buyer("ship_return")

    future = check(story)

    assert [(branch.by, branch.step) for branch in future.branches] == [
        ("carrier", "return_delivered"),
        ("carrier", "return_lost"),
    ]
    delivered, lost = future.branches
    assert names(delivered.future)[:2] == ["return_delivered", "accept_return"]
    assert [branch.step for branch in delivered.future.branches] == ["refund_settled"]
    assert delivered.future.branches[0].future.branches == []  # no deeper than that
    assert lost.future.case.state == "in_mediation"


def test_a_ruling_becomes_final_by_itself():
    future = check(ruled())

    assert names(future)[:2] == ["finalize", "finalize"]
    assert future.case.state == "refunding"


def test_a_case_that_has_ended_has_no_future():
    story = Story()
    story.buyer("withdraw")

    future = check(story)

    assert (future.events, future.ends, future.waits_on) == ([], "ended", [])


def test_a_case_that_is_held_waits():
    story = Story()
    story.service("chargeback_opened")

    future = check(story)

    assert (future.events, future.ends) == ([], "waits")


def test_a_line_is_cut_at_its_limit():
    assert (len(told(Story(), most=2).events), told(Story(), most=2).ends) == (2, "cut")


def test_after_a_step_everything_follows_as_if_it_had_been_taken():
    story, twin = Story(), Story()
    case = story.case
    loading.load([case], Changes(at=story.now))
    by = world.actor(case, "seller")

    future = forecast.after(case, Wish(case_id=case.pk, step="approve", by=by))

    assert story.state == "awaiting_seller"
    twin.now = story.now - timedelta(minutes=1)
    twin.seller("approve")
    assert names(future) == ["approve", "close"]
    assert names(check(twin)) == names(future)[1:]


def test_no_forecast_and_no_dry_run_tells_a_sealed_bid():
    story = in_mediation()
    story.buyer("bid", amount=3_000)
    case = story.case
    loading.load([case], Changes(at=story.now))
    by = world.actor(case, "seller")
    wish = Wish(case_id=case.pk, step="bid", by=by, inputs={"amount": 9_000})

    future = forecast.after(case, wish)
    [dry] = take([wish], clock=lambda: story.now, dry_run=True)

    assert [event.after for event in future.events[:1]] == ["in_mediation"]
    assert dry.case.state == "in_mediation"
    assert story.seller("bid", amount=9_000).after == "refunding"  # though they overlap


@given(st.integers(1, 5))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_written(most):
    story = Story()
    before = known_ids()

    told(story, most=most)

    assert known_ids() == before


def paused(story, *, until=None):
    """Let the clocks of a case stand still; give why they do."""
    with_end = {"until": until} if until else {}
    pause = Pause.objects.create(
        id=new_id(story.now),
        marketplace=story.order.marketplace,
        reason="Flood",
        began_at=story.now,
        began_by="olga",
        **with_end,
    )
    pauses.sweep(lambda: story.now)
    case = story.case
    loading.load([case], Changes(at=story.now))
    assert pauses.standing(case).since == pause.began_at
    return case


def test_where_nobody_knows_how_long_the_clocks_stand_still_nothing_is_foreseen():
    story = Story()
    case = paused(story)

    future = forecast.forecast(case, still=pauses.standing(case))

    assert (future.events, future.ends, future.until) == ([], "waits", story.now)
    assert (future.still.until, future.still.alone) == (None, True)


def test_after_a_pause_the_clocks_are_foreseen_to_go_on_with_what_was_left():
    story = Story()
    story.now += timedelta(hours=10)
    until = story.now + timedelta(days=6)
    case = paused(story, until=until)
    begun, known = case.sequence, known_ids()

    future = forecast.forecast(case, still=pauses.standing(case))
    story.now = until
    pauses.sweep(lambda: story.now)
    story.pass_days(0, seconds=(future.until - story.now).total_seconds())

    events = Event.objects.filter(case=story.id, sequence__gt=begun).order_by("sequence")
    assert events[0].name == "resume"
    assert [alike(e, known) for e in future.events] == [alike(e, known) for e in events]


def test_where_two_pauses_meet_the_later_end_is_told_and_nothing_behind_it():
    story = Story()
    case = paused(story, until=story.now + timedelta(days=2))
    last = story.now + timedelta(days=9)
    Pause.objects.create(
        id=new_id(story.now),
        marketplace=story.order.marketplace,
        region=story.order.region or "CN",
        reason="Flood",
        began_at=story.now,
        began_by="olga",
        until=last,
    )
    case.facts.order.region = "CN"

    future = forecast.forecast(case, still=pauses.standing(case))

    assert (future.still.until, future.still.alone, future.events) == (last, False, [])
