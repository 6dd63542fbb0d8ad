"""Shifts, what they do to disputes, giving several at once, moving one in the docket."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Docket, Event, Statement
from cases.refusals import BadTerms, NotNow, Refused, StaleVersion
from mediation import docket, roster
from mediation.messages import Draft
from mediation.models import Mediator
from mediation.steps import Wish, database_clock, take
from mediation.tasks import return_leases
from tests import world
from tests.desk.staff import disputes, hire
from tests.world import at, day

pytestmark = pytest.mark.django_db

NOW = at(day(3, hours=1))


def holders(cases):
    return [Docket.objects.get(case=case).holder for case in cases]


def message(case, by, when):
    draft = Draft(audience="all", text="One moment, please.")
    take([Wish(case_id=case.pk, step="", by=by.actor, message=draft)], clock=at(when))


# Shifts


@pytest.mark.parametrize("by", ["mia", "sol"])
def test_who_goes_off_shift_gives_back_what_was_not_begun(by):
    cases = disputes(3)
    people = {"mia": hire("mia"), "sol": hire("sol", "supervisor")}
    mia = people["mia"]
    for case in cases:
        docket.claim(mia, case.pk, clock=NOW)
    message(cases[0], mia, day(3, hours=1, minutes=1))
    rank = cases[1].docket.rank_at

    count = roster.leave(mia, by=people[by], clock=at(day(3, hours=1, minutes=5)))

    assert count == 2
    assert holders(cases) == [mia.person, "", ""]
    back = Docket.objects.get(case=cases[1])
    assert (back.waiting, back.rank_at) == (True, rank)
    assert Event.objects.filter(case=cases[1]).latest("sequence").role == people[by].role


def test_what_somebody_else_had_begun_is_untouched_in_new_hands():
    [case] = disputes(1)
    mia, max_ = hire("mia"), hire("max")
    docket.claim(mia, case.pk, clock=NOW)
    message(case, mia, day(3, hours=1, minutes=1))
    docket.return_expired(clock=at(day(3, hours=2)))
    docket.claim(max_, case.pk, clock=at(day(3, hours=2)))

    assert roster.leave(max_, by=max_, clock=at(day(3, hours=2))) == 1


def test_off_shift_nothing_is_claimed_or_assigned():
    [case] = disputes(1)
    mia = hire("mia", on_shift=False)

    answers = [
        docket.claim_next(mia, clock=NOW),
        docket.claim(mia, case.pk, clock=NOW),
        docket.assign(hire("sol", "supervisor"), case.pk, mia, clock=NOW),
    ]

    assert [type(answer) for answer in answers] == [docket.OffShift] * 3
    roster.come(mia)
    assert docket.claim_next(mia, clock=NOW).case.pk == case.pk


def test_the_page_of_a_mediator_on_and_off_shift(client):
    mia = hire("mia")
    disputes(1, now=database_clock())
    client.force_login(mia.user)
    page = reverse("admin:cases_docket_changelist")
    assert b"Claim next" in client.get(page).content
    client.post(reverse("admin:claim_next"), follow=True)

    answer = client.post(reverse("admin:own_shift"), {"on_shift": "no"}, follow=True)

    assert [str(told) for told in answer.context["messages"]] == [
        "Mia is off shift; 1 dispute went back to the docket."
    ]
    assert b"Claim next" not in answer.content
    client.post(reverse("admin:own_shift"), {"on_shift": "yes"})
    assert Mediator.objects.get(pk=mia.pk).on_shift
    assert client.post(reverse("admin:own_shift"), {"on_shift": "maybe"}).status_code == 404


def test_a_supervisor_sees_the_roster_and_sends_somebody_off_shift(client):
    mia, sol = hire("mia", capacity=3), hire("sol", "supervisor")
    for case in disputes(2, now=database_clock()):
        docket.claim(mia, case.pk)
    client.force_login(sol.user)
    page = reverse("admin:roster")
    [shown] = client.get(page).context["people"]
    assert (shown.held, shown.unbegun, shown.capacity) == (2, 2, 3)

    client.post(reverse("admin:shift", args=[mia.pk]), {"on_shift": "no"})

    [shown] = client.get(page).context["people"]
    assert (shown.held, shown.unbegun, shown.on_shift) == (0, 0, False)
    assert client.post(reverse("admin:shift", args=[sol.pk]), {"on_shift": "no"}).status_code == 404


def test_a_supervisor_looks_after_those_who_work_nowhere_else(client):
    here, there = world.marketplace("here"), world.marketplace("there")
    hire("all")
    hire("both", marketplaces=[here, there])
    mine = hire("mine", marketplaces=[here])
    client.force_login(hire("sol", "supervisor", marketplaces=[here]).user)

    assert client.get(reverse("admin:roster")).context["people"] == [mine]


@pytest.mark.parametrize("people", [1, 4])
def test_the_roster_costs_the_same_statements_for_any_staff(
    people, client, django_assert_num_queries
):
    for number in range(people):
        hire(f"m{number}")
    client.force_login(hire("ada", "auditor").user)

    with django_assert_num_queries(7):  # session, log-in, second factor, role; people, held, begun
        client.get(reverse("admin:roster"))


# Several at once


def test_a_supervisor_gives_several_disputes_and_hears_which_were_not_given(client):
    cases = disputes(3, now=database_clock())
    mia = hire("mia")
    client.force_login(hire("sol", "supervisor").user)
    world.do(
        cases[2],
        "bid",
        world.actor(cases[2], "buyer"),
        when=database_clock(),
        amount=5_000,
    )
    versions = [case.version for case in cases[:2]] + [cases[2].version - 1]
    chosen = [f"{case.pk}~{version}" for case, version in zip(cases, versions, strict=True)]

    answer = client.post(
        reverse("admin:assign_many"), {"chosen": chosen, "mediator": mia.pk}, follow=True
    )

    assert [str(told) for told in answer.context["messages"]] == [
        "The case has moved on.",
        "2 disputes for Mia.",
    ]
    assert holders(cases) == [mia.person, mia.person, ""]


def test_disputes_are_given_to_another_and_the_lease_of_the_first_is_over():
    cases = disputes(2)
    mia, max_ = hire("mia"), hire("max")
    for case in cases:
        docket.claim(mia, case.pk, clock=NOW)

    chosen = [(case.pk, case.version) for case in cases]
    answers = roster.assign_all(hire("sol", "supervisor"), chosen, max_, clock=NOW)

    assert [answer.event.name for answer in answers] == ["assign", "assign"]
    assert holders(cases) == [max_.person] * 2


def test_disputes_elsewhere_and_stale_ones_are_not_given():
    [here] = disputes(1)
    supervisor = hire("sol", "supervisor", marketplaces=[world.marketplace("other")])

    [stranger] = roster.assign_all(supervisor, [(here.pk, here.version)], hire("mia"), clock=NOW)
    [stale] = roster.assign_all(
        hire("sia", "supervisor"), [(here.pk, here.version - 1)], hire("max"), clock=NOW
    )

    assert isinstance(stranger, Refused)
    assert isinstance(stale, StaleVersion)
    assert holders([here]) == [""]


@pytest.mark.parametrize(
    "sent", [{}, {"chosen": "x"}, {"mediator": "x"}, {"chosen": ["x~1"], "mediator": "x"}]
)
def test_nothing_ticked_gives_nothing(sent, client):
    client.force_login(hire("sol", "supervisor").user)

    answer = client.post(reverse("admin:assign_many"), sent, follow=True)

    assert [str(told) for told in answer.context["messages"]] == [
        "Tick disputes and choose a mediator."
    ]


# Triage


def moved(case, **changes):
    entry = Docket.objects.get(case=case)
    place = {"hours": 0, "skill": entry.skill, "language": entry.language, "statement": "So."}
    by = hire(f"sol{Mediator.objects.count()}", "supervisor").actor
    return world.do(case, "triage", by, when=day(3, hours=1), **place | changes)


@pytest.mark.requirement("T06")
def test_a_supervisor_ranks_a_dispute_ahead_and_says_why():
    later, earlier = disputes(2)
    Docket.objects.filter(case=earlier).update(rank_at=day(4))
    rank = Docket.objects.get(case=later).rank_at

    event = moved(later, hours=240, statement="A child was hurt.").event

    entry = Docket.objects.get(case=later)
    assert (entry.rank_at, entry.terms["supervisor"]) == (rank - timedelta(hours=240), 240)
    assert docket.claim_next(hire("mia"), clock=NOW).case.pk == later.pk
    assert (event.name, event.role) == ("triage", "supervisor")
    assert Statement.objects.get(event_id=event.id).text == "A child was hurt."
    assert '"hours":240' in event.payload
    assert "A child was hurt." not in event.payload


def test_hours_replace_those_of_before_and_none_leave_no_trace_in_the_rank():
    [case] = disputes(1)
    first = Docket.objects.get(case=case)
    moved(case, hours=24)
    moved(case, hours=-12)
    assert Docket.objects.get(case=case).rank_at == first.rank_at + timedelta(hours=12)

    moved(case, hours=0)

    now = Docket.objects.get(case=case)
    assert (now.rank_at, now.terms) == (first.rank_at, first.terms)


def test_a_dispute_is_moved_to_another_lane():
    [case] = disputes(1)

    moved(case, skill="counterfeit", language="zh-hans")

    assert docket.claim_next(hire("mia", skills=["quality"]), clock=NOW) is None
    expert = hire("max", skills=["counterfeit"], languages=["zh-hans"])
    assert docket.claim_next(expert, clock=NOW).case.pk == case.pk


@pytest.mark.parametrize("change", [{}, {"hours": 721}, {"skill": "bad luck"}, {"language": ""}])
def test_a_place_that_is_none_is_refused(change):
    [case] = disputes(1)
    before = Docket.objects.filter(case=case).values().get()

    assert isinstance(moved(case, **change), BadTerms)
    assert Docket.objects.filter(case=case).values().get() == before


# Nobody is left


def appeal_without_judges(market=None):
    [case] = disputes(1, market, now=database_clock())
    Docket.objects.filter(case=case).update(senior=True)
    return case


def test_an_appeal_that_no_senior_may_hear_is_the_supervisors_at_once():
    case = appeal_without_judges()
    sue, sky = hire("sue", "senior"), hire("sky", "senior")
    hire("mia")
    Docket.objects.filter(case=case).update(excluded=[sue.person])
    return_leases()
    assert not Docket.objects.get(case=case).supervisor

    Docket.objects.filter(case=case).update(excluded=[sue.person, sky.person])
    return_leases()
    return_leases()

    assert Docket.objects.get(case=case).supervisor
    assert Event.objects.filter(case=case, name="call_supervisor").count() == 1
    third = hire("sam", "senior")
    given = docket.assign(hire("sol", "supervisor"), case.pk, third)
    assert given.event.name == "assign"
    assert not Docket.objects.get(case=case).supervisor


@pytest.mark.parametrize("lost", ["elsewhere", "gone"])
def test_seniors_who_work_elsewhere_or_have_left_are_nobody(lost):
    case = appeal_without_judges()
    other = [world.marketplace("other")]
    sue = hire("sue", "senior", marketplaces=other if lost == "elsewhere" else ())
    if lost == "gone":
        sue.user.is_active = False
        sue.user.save()

    assert roster.call_supervisor() == 1
    assert roster.call_supervisor() == 0
    assert Docket.objects.get(case=case).supervisor


def test_the_supervisor_is_called_once():
    case = appeal_without_judges()
    roster.call_supervisor()

    assert isinstance(world.do(case, "call_supervisor", "clock", when=database_clock()), NotNow)
