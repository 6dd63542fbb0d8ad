"""The docket as a page: order, tabs, lanes, pages, a constant number of statements."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, Dispute, Docket
from mediation import docket
from mediation.desk import queue
from mediation.steps import database_clock
from tests import world
from tests.copies import multiply
from tests.desk.staff import disputes, hire

pytestmark = pytest.mark.django_db

PAGE = 13  # statements, session, log-in and second factor included
ADDRESS = reverse("admin:cases_docket_changelist")


@pytest.fixture
def mia(client):
    found = hire("mia")
    client.force_login(found.user)
    return found


def shown(answer):
    return [entry.docket.case_id for entry in answer.context["entries"]]


def test_the_admin_begins_with_the_docket(client, mia):
    assert client.get("/admin/", follow=True).redirect_chain == [(ADDRESS, 302)]


def test_it_is_ordered_by_rank_with_what_the_rank_is_made_of(client, mia):
    now = database_clock()
    market = world.marketplace()
    [plain] = disputes(1, market, now=now)
    [harmful] = disputes(1, market, now=now)
    Docket.objects.filter(case=harmful).update(
        rank_at=plain.docket.rank_at - timedelta(hours=48), terms={"harm": 48}
    )

    answer = client.get(ADDRESS)

    assert shown(answer) == [harmful.pk, plain.pk]
    first = answer.context["entries"][0]
    assert first.ruling_due == plain.docket.rank_at
    assert "− 48 h harm" in answer.content.decode()


def test_tabs_tell_what_waits_what_is_mine_and_what_is_late(client, mia):
    now = database_clock()
    market = world.marketplace()
    free, mine, late = disputes(3, market, now=now)
    docket.claim(mia, mine.pk)
    Docket.objects.filter(case=late).update(supervisor=True)

    tabs = {name: client.get(ADDRESS, {"tab": name}) for name in queue.TABS}

    assert {name: set(shown(answer)) for name, answer in tabs.items()} == {
        "waiting": {free.pk, late.pk},
        "mine": {mine.pk},
        "held": {mine.pk},
        "approval": set(),
        "supervisor": {late.pk},
    }
    counts = {name: count for name, _label, count in tabs["mine"].context["tabs"]}
    assert counts == {"waiting": 2, "mine": 1, "held": 1, "approval": 0, "supervisor": 1}
    assert tabs["mine"].context["entries"][0].holder == "Mia"


def test_a_lane_is_kept(client, mia):
    now = database_clock()
    [here] = disputes(1, world.marketplace("here"), now=now)
    [there] = disputes(1, world.marketplace("there"), now=now)

    assert shown(client.get(ADDRESS, {"marketplace": "here"})) == [here.pk]
    assert shown(client.get(ADDRESS, {"marketplace": "there"})) == [there.pk]
    assert shown(client.get(ADDRESS, {"language": "zh"})) == []
    assert len(shown(client.get(ADDRESS, {"language": "en"}))) == 2
    assert shown(client.get(ADDRESS, {"skill": "quality"})) == []
    assert len(shown(client.get(ADDRESS, {"skill": "no_longer_wanted"}))) == 2


@pytest.mark.parametrize(
    "asked", [{"tab": "all"}, {"skill": "x"}, {"language": "x"}, {"after": "x"}, {"after": "x~y"}]
)
def test_what_the_page_does_not_know_is_not_found(asked, client, mia):
    assert client.get(ADDRESS, asked).status_code == 404


def test_disputes_of_other_marketplaces_are_not_shown(client):
    now = database_clock()
    here, there = world.marketplace("here"), world.marketplace("there")
    [mine] = disputes(1, here, now=now)
    disputes(1, there, now=now)
    client.force_login(hire("mia", marketplaces=[here]).user)

    answer = client.get(ADDRESS)

    assert shown(answer) == [mine.pk]
    assert [row.slug for row in answer.context["marketplaces"]] == ["here"]


def test_disputes_of_a_test_clock_are_not_in_the_live_docket(client, mia):
    [case] = disputes(1, now=database_clock())
    Docket.objects.filter(case=case).update(clock_id=case.pk)

    assert shown(client.get(ADDRESS)) == []
    assert docket.claim_next(mia) is None


def test_pages_follow_each_other_without_gap_or_double(client, mia, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 2)
    market = world.marketplace()
    cases = disputes(5, market, now=database_clock())
    same = cases[0].docket.rank_at
    Docket.objects.filter(case__in=cases[:3]).update(rank_at=same)  # a tie

    seen, after = [], ""
    while True:
        answer = client.get(ADDRESS, {"after": after})
        seen += shown(answer)
        after = answer.context["next"]
        if not after:
            break

    ordered = Docket.objects.order_by("rank_at", "id").values_list("case_id", flat=True)
    assert seen == list(ordered)


@pytest.mark.parametrize("rows", [1, 10])
def test_the_page_costs_the_same_statements_for_any_queue(
    rows, client, mia, django_assert_num_queries
):
    disputes(rows, now=database_clock())

    with django_assert_num_queries(PAGE):
        client.get(ADDRESS)


def test_ten_thousand_rows_cost_no_more_and_one_page_is_shown(
    client, mia, django_assert_num_queries
):
    [case] = disputes(1, now=database_clock())
    multiply(
        10_000,
        Case.everywhere.filter(pk=case.pk),
        Dispute.objects.filter(case=case),
        Docket.objects.filter(case=case),
    )

    with django_assert_num_queries(PAGE):
        answer = client.get(ADDRESS)

    assert len(shown(answer)) == queue.PAGE
    assert answer.context["tabs"][0][2] == 1000


@pytest.mark.parametrize("role", ["mediator", "senior", "supervisor", "auditor", "ops"])
def test_only_mediators_are_offered_the_next_one(role, client):
    client.force_login(hire("olga", role).user)

    answer = client.get(ADDRESS)

    assert (b"Claim next" in answer.content) == (role in {"mediator", "senior"})


def test_staff_without_a_role_see_nothing(client, django_user_model):
    user = django_user_model.objects.create_user("new", is_staff=True)
    client.force_login(user)

    assert client.get(ADDRESS).status_code == 403


def test_a_superuser_without_a_role_looks_on(client, django_user_model):
    [case] = disputes(1, now=database_clock())
    client.force_login(django_user_model.objects.create_superuser("root"))

    assert shown(client.get(ADDRESS)) == [case.pk]
    assert client.post(reverse("admin:claim_next")).status_code == 403
