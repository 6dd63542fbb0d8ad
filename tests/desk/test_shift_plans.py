"""Plans of shifts: who comes on and goes off by itself, and what a hand-made change does to it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from cases.models import Docket, Event
from mediation import docket, roster, shift_plans, shifts
from mediation.messages import Draft
from mediation.models import Deed, Mediator, Shift
from mediation.steps import Wish, take
from tests import world
from tests.desk.staff import disputes, hire
from tests.desk.wording import untranslated
from tests.world import at, day

PAGE, ADD = reverse("admin:shift_plan"), reverse("admin:add_shifts")
EVERY_DAY = range(7)
MONDAY, THURSDAY, SATURDAY = 0, 3, 5


def shift(weekday, starts, ends, time_zone="UTC", **more):
    hours = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return Shift(weekday=weekday, time_zone=time_zone, **hours, **more)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moments(shift, start, end):
    """Say whether a shift is seen to begin and end at two moments, and at no other."""
    second = timedelta(seconds=1)
    around = [start - second, start, end - second, end]
    assert [shifts.is_planned([shift], each) for each in around] == [False, True, True, False]
    assert [shifts.next_boundary([shift], each) for each in around[:3]] == [start, end, end]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-07T21:00", "2026-03-08T05:00"),
        ("2026-03-28T21:00", "2026-03-29T04:00"),  # in the night an hour is left out
        ("2026-10-24T20:00", "2026-10-25T05:00"),  # and comes twice
    ],
)
def test_a_night_shift_goes_by_the_clocks_on_the_wall(start, end):
    moments(shift(SATURDAY, "22:00", "06:00", "Europe/Berlin"), utc(start), utc(end))


def test_a_shift_is_of_the_weekday_of_its_own_place():
    early = shift(MONDAY, "01:00", "05:00", "Asia/Shanghai")

    moments(early, utc("2026-03-01T17:00"), utc("2026-03-01T21:00"))  # Sunday in UTC


def test_a_shift_from_midnight_to_midnight_is_a_whole_day():
    moments(shift(MONDAY, "00:00", "00:00"), utc("2026-03-02T00:00"), utc("2026-03-03T00:00"))


def test_a_shift_starts_between_its_first_and_its_last_day():
    days = {"valid_from": date(2026, 3, 9), "valid_until": date(2026, 3, 16)}
    night = shift(MONDAY, "22:00", "06:00", **days)

    moments(night, utc("2026-03-09T22:00"), utc("2026-03-10T06:00"))
    moments(night, utc("2026-03-16T22:00"), utc("2026-03-17T06:00"))  # its end may be later
    assert shifts.next_boundary([night], utc("2026-01-01T00:00")) == utc("2026-03-09T22:00")
    assert shifts.next_boundary([night], utc("2026-03-17T06:00")) is None


# Carried out


@pytest.fixture
def sol(db):
    return hire("sol", "supervisor")


def plan(sol, who, starts, ends, *, weekdays=EVERY_DAY, when=None, **more):
    hours = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    hours |= {"time_zone": "UTC", "valid_from": None, "valid_until": None}
    shift_plans.add(sol, who, weekdays, hours=hours | more, at=when or day(0))


def sweep(moment):
    """Carry out what is due; say how much that was, and who is on shift then."""
    count = shift_plans.sweep(clock=at(moment))
    on_shift = Mediator.objects.filter(role="mediator", on_shift=True)
    return count, [str(each) for each in on_shift.order_by("user__username")]


@pytest.mark.requirement("T02")
def test_who_goes_off_by_plan_gives_back_what_was_not_begun(sol):
    begins, ends = day(THURSDAY, hours=1), day(THURSDAY, hours=1, minutes=20)
    cases, mia = disputes(3), hire("mia", on_shift=False)
    plan(sol, mia, "09:00", "09:20")
    assert sweep(begins) == (1, ["Mia"])
    for case in cases:
        docket.claim(mia, case.pk, clock=at(begins))
    wish = Wish(case_id=cases[0].pk, step="", by=mia.actor, message=Draft(audience="all", text="?"))
    take([wish], clock=at(begins + timedelta(minutes=1)))
    rank = cases[1].docket.rank_at
    assert sweep(ends - timedelta(seconds=1)) == (0, ["Mia"])

    assert sweep(ends) == (1, [])
    assert docket.return_expired(clock=at(ends)) == 2

    assert [Docket.objects.get(case=case).holder for case in cases] == [mia.person, "", ""]
    back = Docket.objects.get(case=cases[1])
    assert (back.waiting, back.rank_at) == (True, rank)
    last = Event.objects.filter(case=cases[1]).latest("sequence")
    assert (last.name, last.role) == ("release", "clock")
    before = [*Mediator.objects.values(), *Docket.objects.values()]
    assert (sweep(ends), docket.return_expired(clock=at(ends))) == ((0, []), 0)
    assert [*Mediator.objects.values(), *Docket.objects.values()] == before


def test_who_comes_or_goes_by_hand_stays_so_until_the_next_boundary(sol):
    mia = hire("mia")
    plan(sol, mia, "09:00", "17:00")
    assert sweep(day(0, hours=1)) == (1, ["Mia"])

    roster.leave(mia, by=mia, clock=at(day(0, hours=2)))
    assert sweep(day(0, hours=8)) == (0, [])
    assert sweep(day(0, hours=9)) == (1, [])
    roster.come(mia, clock=at(day(0, hours=12)))
    assert sweep(day(0, hours=24)) == (0, ["Mia"])
    assert sweep(day(1, hours=1)) == (1, ["Mia"])
    assert sweep(day(1, hours=9)) == (1, [])


def test_a_change_by_hand_after_a_boundary_is_not_undone_by_a_late_sweep(sol):
    mia = hire("mia")
    plan(sol, mia, "09:00", "17:00")
    sweep(day(0, hours=1))

    roster.come(mia, clock=at(day(0, hours=9, seconds=5)))

    assert sweep(day(0, hours=9, seconds=30)) == (0, ["Mia"])


def test_several_boundaries_that_nobody_saw_to_lead_to_what_holds_now(sol):
    plan(sol, hire("mia"), "09:00", "17:00")
    plan(sol, hire("max"), "17:00", "09:00")

    assert sweep(day(5, hours=2)) == (2, ["Mia"])
    assert sweep(day(9, hours=10)) == (2, ["Max"])


def test_a_plan_that_is_changed_speaks_at_once_only_where_it_changes_what_holds_now(sol):
    mia = hire("mia")
    plan(sol, mia, "06:00", "17:00")
    sweep(day(0))
    roster.leave(mia, by=sol, clock=at(day(0, hours=1)))

    plan(sol, mia, "18:00", "19:00", when=day(0, hours=2))
    assert sweep(day(0, hours=2)) == (0, [])
    roster.come(mia, clock=at(day(0, hours=3)))
    for planned in Shift.objects.exclude(starts=time(18)).select_related("mediator"):
        shift_plans.drop(sol, planned, at=day(0, hours=4))
    assert sweep(day(0, hours=4)) == (1, [])
    assert sweep(day(0, hours=10)) == (1, ["Mia"])

    for planned in Shift.objects.select_related("mediator"):
        shift_plans.drop(sol, planned, at=day(0, hours=10, minutes=30))
    assert sweep(day(1)) == (0, ["Mia"])  # without a plan by hand again
    assert Deed.objects.filter(act="drop_shift", person=sol.person).count() == 14


def test_a_plan_of_later_days_leaves_everybody_where_they_are_until_then(sol):
    plan(sol, hire("mia"), "09:00", "17:00", valid_from=date(2026, 3, 4))

    assert sweep(day(1, hours=12)) == (0, ["Mia"])
    assert sweep(day(2, hours=9)) == (1, [])


# At the desk


def asked(mia, **changed):
    return {
        "mediator": mia.pk,
        "weekdays": [0, 1],
        "starts": "22:00",
        "ends": "06:00",
        "time_zone": "Asia/Shanghai",
        "valid_from": "2026-03-02",
        **changed,
    }


def test_a_supervisor_writes_the_plan_and_all_others_see_it(sol, client):
    mia = hire("mia")
    client.force_login(sol.user)
    chinese = {"accept-language": "zh-CN"}
    for _again in range(2):  # the second time it changes nothing
        assert client.post(ADD, asked(mia), headers=chinese).status_code == 302
    first = Shift.objects.get(weekday=0)
    assert (first.mediator, first.starts, first.time_zone) == (mia, time(22), "Asia/Shanghai")
    shown = client.get(PAGE, headers=chinese).content.decode()
    assert ("星期一" in shown, "次日" in shown) == (True, True)
    assert untranslated(shown) == set()

    client.post(reverse("admin:drop_shift", args=[first.pk]))

    assert [row.weekday for row in Shift.objects.all()] == [1]
    for role in ("mediator", "auditor"):
        client.force_login(hire(f"a-{role}", role).user)
        page = client.get(PAGE).content.decode()
        assert ("Asia/Shanghai" in page, "Take out" in page) == (True, False)


def test_a_plan_that_is_none_is_told_and_changes_nothing(sol, client):
    mia = hire("mia")
    client.force_login(sol.user)
    wrong = [
        {"weekdays": []},
        {"weekdays": [7]},
        {"starts": "25:00"},
        {"time_zone": "Mars/Olympus"},
        {"valid_until": "2026-03-01"},
        {"mediator": "nobody"},
    ]

    assert {client.post(ADD, asked(mia, **each)).status_code for each in wrong} == {422}
    assert Shift.objects.count() == 0


def test_nobody_is_planned_by_a_supervisor_of_other_marketplaces(sol, client):
    mia = hire("mia")
    plan(sol, mia, "09:00", "17:00", weekdays=[MONDAY])
    here = [world.marketplace("here")]
    client.force_login(hire("sia", "supervisor", marketplaces=here).user)
    drop = reverse("admin:drop_shift", args=[Shift.objects.get().pk])

    assert [client.post(ADD, asked(mia)).status_code, client.post(drop).status_code] == [422, 404]
    assert Shift.objects.count() == 1
    assert client.get(PAGE).context["people"] == []


@pytest.mark.parametrize("people", [1, 4])
def test_the_plan_costs_the_same_statements_for_any_staff(
    people, sol, client, django_assert_num_queries
):
    for number in range(people):
        plan(sol, hire(f"m{number}"), "09:00", "17:00", weekdays=[MONDAY])
    client.force_login(hire("ada", "auditor").user)

    with django_assert_num_queries(6):  # session, log-in, second factor, role; people, shifts
        client.get(PAGE)
