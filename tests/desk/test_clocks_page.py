"""Pauses, late clocks and cases that cannot move: who sees them, who may do something about it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, Clock, Pause
from mediation import parking, pauses
from mediation.models import Deed
from mediation.steps import database_clock, lapse
from tests import world
from tests.desk.situations import Scene
from tests.desk.staff import hire

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:clock_overview")
BEGIN = reverse("admin:begin_pause")
ROLES = ["mediator", "senior", "supervisor", "auditor", "ops"]
OFFICE, REPAIRS = {"supervisor", "auditor", "ops"}, {"supervisor", "ops"}


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(pauses.bell, "ring", lambda *_call: True)


@pytest.fixture
def scene():
    found = Scene()
    found.case = found.opened()
    return found


def holiday(scene, **more):
    return {"marketplace": scene.market.pk, "region": "", "reason": "Flood", **more}


def park(case):
    """Let a case's clock have failed three times."""
    later = database_clock() + timedelta(hours=2)
    Clock.objects.filter(case=case).update(parked=3, next_at=later)


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_the_page_and_who_acts_on_it(role, client, scene):
    client.force_login(scene.staff[role].user)
    park(scene.case)

    seen = client.get(PAGE)
    begun = client.post(BEGIN, holiday(scene))
    retried = client.post(reverse("admin:retry_parked", args=[scene.case.pk]))

    may = role in REPAIRS
    assert seen.status_code == (200 if role in OFFICE else 403)
    assert (begun.status_code, retried.status_code) == ((302, 302) if may else (403, 403))
    assert (Pause.objects.count(), Deed.objects.count()) == ((1, 2) if may else (0, 0))
    if role in OFFICE:
        assert (b"Pause a marketplace" in seen.content) == may


def test_a_pause_is_begun_and_lifted_and_both_are_noted(client, scene):
    sol = scene.staff["supervisor"]
    client.force_login(sol.user)

    client.post(BEGIN, holiday(scene, region="CN-SC", until="2099-03-09T08:00"))
    pause = Pause.objects.get()
    told = (pause.region, pause.began_by, pause.until.isoformat())
    assert told == ("CN-SC", sol.person, "2099-03-09T08:00:00+00:00")
    client.post(reverse("admin:lift_pause", args=[pause.pk]))
    client.post(reverse("admin:lift_pause", args=[pause.pk]))

    assert Pause.objects.get().ended_by == sol.person
    noted = Deed.objects.order_by("id").values_list("act", "person", "marketplace")
    assert list(noted) == [
        (act, sol.person, scene.market.pk) for act in ("begin_pause", "lift_pause")
    ]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"reason": ""}, 422),
        ({"until": "soon"}, 422),
        ({"until": "2001-01-01T08:00"}, 409),
        ({"marketplace": "00000000-0000-7000-8000-000000000000"}, 422),
        ({"region": "x" * 21}, 422),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused_and_what_was_typed_is_kept(
    wrong, status, client, scene
):
    client.force_login(scene.staff["ops"].user)

    answer = client.post(BEGIN, holiday(scene, **{"region": "CN-SC"} | wrong))

    assert (answer.status_code, Pause.objects.count(), Deed.objects.count()) == (status, 0, 0)
    assert wrong.get("region", "CN-SC").encode() in answer.content


def test_a_second_pause_of_the_same_is_refused(client, scene):
    client.force_login(scene.staff["ops"].user)
    client.post(BEGIN, holiday(scene))

    answer = client.post(BEGIN, holiday(scene))

    assert (answer.status_code, Pause.objects.count()) == (409, 1)
    assert b"Such a pause runs already." in answer.content


def test_the_page_counts_what_stands_still_is_late_or_cannot_move(client, scene):
    late, parked = scene.opened(), scene.opened()
    Clock.objects.filter(case=late).update(next_at=database_clock() - timedelta(minutes=5))
    park(parked)
    pauses.begin(scene.market, region="CN-SC", reason="Flood", by=scene.mia.person)
    client.force_login(scene.staff["auditor"].user)

    page = client.get(PAGE)

    [(pause, standing, by)] = page.context["pauses"]
    assert (pause.region, standing, by) == ("CN-SC", 0, "Mia")
    [row] = page.context["sorts"]
    counted = (row.name, row.running, row.still, row.late, row.parked)
    assert counted == ("seller_response", 3, 0, 1, 1)
    assert [clock.case_id for clock in page.context["late"]["rows"]] == [late.pk]
    assert [clock.case_id for clock in page.context["parked"]["rows"]] == [parked.pk]


def test_the_page_costs_the_same_statements_for_one_row_and_for_more(
    client, scene, django_assert_num_queries
):
    client.force_login(scene.staff["auditor"].user)
    park(scene.case)
    pauses.begin(scene.market, region="A", reason="Flood", by=scene.mia.person)

    with django_assert_num_queries(PAGE_STATEMENTS):
        client.get(PAGE)
    for region in "BC":
        park(scene.opened())
        pauses.begin(scene.market, region=region, reason="Flood", by=scene.mia.person)
    with django_assert_num_queries(PAGE_STATEMENTS):
        client.get(PAGE)


PAGE_STATEMENTS = 11


def test_nothing_of_other_marketplaces_is_seen_or_touched(client, scene):
    park(scene.case)
    pause = pauses.begin(scene.market, region="", reason="Flood", by="olga")
    stranger = hire("stranger", "ops", marketplaces=[world.marketplace("elsewhere")])
    client.force_login(stranger.user)

    page = client.get(PAGE)
    shown = [page.context[name] for name in ("pauses", "sorts")]
    begun = client.post(BEGIN, holiday(scene))
    lifted = client.post(reverse("admin:lift_pause", args=[pause.pk]))
    retried = client.post(reverse("admin:retry_parked", args=[scene.case.pk]))
    client.post(reverse("admin:retry_parked_all"))

    assert (shown, page.context["parked"]["rows"]) == ([[], []], [])
    statuses = [answer.status_code for answer in (begun, lifted, retried)]
    assert statuses == [422, 404, 404]
    assert (Pause.objects.filter(ended_at=None).count(), Deed.objects.count()) == (1, 0)
    assert Clock.objects.get(case=scene.case).next_at > database_clock()


def test_a_parked_case_that_was_mended_moves_when_it_is_tried_again(client, scene):
    [case] = [scene.queued()]
    Clock.objects.filter(case=case).update(parked=2)
    silent = scene.opened()
    Clock.objects.filter(case=silent).update(
        due_at=database_clock() - timedelta(minutes=1),
        next_at=database_clock() + timedelta(hours=6),
        parked=9,
    )
    client.force_login(scene.staff["ops"].user)
    assert lapse() == 0

    client.post(reverse("admin:retry_parked", args=[silent.pk]))
    while lapse():
        pass

    assert Case.everywhere.get(pk=silent.pk).state == "in_mediation"
    noted = Deed.objects.get()
    assert (noted.act, noted.details) == ("retry_parked", {"cases": [str(silent.pk)], "count": 1})


def test_trying_all_again_leaves_alone_what_is_not_parked(scene):
    other = scene.opened()
    park(scene.case)
    before = Clock.objects.get(case=other).next_at

    assert parking.retry(Case.everywhere.all()) == [scene.case.pk]

    assert Clock.objects.get(case=other).next_at == before
    assert Clock.objects.get(case=scene.case).next_at <= database_clock()
