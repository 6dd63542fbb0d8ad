"""The figures over HTTP: the same as at the desk, for a marketplace's own service alone."""

import csv

import pytest
from django.urls import reverse

from mediation.reports.figures import FIGURES
from tests import world
from tests.api.callers import service
from tests.api.problems import problem
from tests.desk.staff import hire, let_in
from tests.mediation.test_figures import Office

pytestmark = pytest.mark.django_db

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def office():
    return Office()


def figures(answer):
    assert answer.status_code == 200, answer.content
    return {figure["name"]: figure for figure in answer.json()["figures"]}


def lines(answer):
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(text.splitlines()))


def test_all_figures_are_told_with_their_units(office):
    answer = service(office.market).get("reports", **MARCH)

    found = figures(answer)
    assert list(found) == list(FIGURES)
    told = answer.json()
    assert (told["first"], told["last"]) == (MARCH["from"], MARCH["to"])
    assert found["time_to_ruling"]["columns"][2] == {"name": "p50", "unit": "hours"}
    whole = {"week": None, "rulings": 2, "p50": 17.5, "p90": 27.5}
    assert found["time_to_ruling"]["rows"][0] == whole
    assert found["outcomes"]["rows"] == [
        {"reason": "no_longer_wanted", "outcome": "open", "cases": 3}
    ]


def test_figures_are_narrowed_to_a_reason_and_a_region(office):
    api, narrowed = service(office.market), {"reason": "quality", "region": "CN-SC"}

    told = api.get("reports", **narrowed, **MARCH).json()
    whole = figures(api.get("reports", reason="no_longer_wanted", **MARCH))

    assert {name: told[name] for name in narrowed} == narrowed
    assert [f["rows"] for f in told["figures"] if f["name"] == "outcomes"] == [[]]
    assert lines(api.get("reports/outcomes.csv", **narrowed, **MARCH))[1:] == []
    assert len(whole["outcomes"]["rows"]) == 1


def test_one_figure_is_told_alone_and_mediators_are_numbered_and_not_named(office):
    found = figures(service(office.market).get("reports", figure="workload", **MARCH))

    assert list(found) == ["workload"]
    assert [row["mediator"] for row in found["workload"]["rows"]] == ["1"]


def test_the_csv_holds_the_same_as_the_json_and_the_desk(office, client):
    api = service(office.market)
    sol = hire("sol", "supervisor").user
    client.force_login(sol)
    let_in(client, sol)
    found = figures(api.get("reports", **MARCH))

    for name, figure in found.items():
        told = lines(api.get(f"reports/{name}.csv", **MARCH))
        desk = lines(client.get(reverse("admin:dashboard_csv", args=[name]), MARCH))
        rows = [["" if v is None else str(v) for v in row.values()] for row in figure["rows"]]
        assert told == [list(FIGURES[name].columns), *rows]
        if name == "workload":  # by name at the desk
            assert [row[1:] for row in desk] == [row[1:] for row in told]
            assert desk[1][0] == "Mia"
        else:
            assert desk == told


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "yesterday"},
        {"to": "2026-03-01T00:00:00Z"},
        {"figure": "salaries"},
        {"reason": "greed"},
        {"reason": ""},
        {"region": ""},
        {"region": "CN SC"},
        {"region": "\x00"},
        {"marketplace": "souk"},
    ],
)
def test_what_cannot_be_asked_is_refused(query):
    answer = service(world.marketplace()).get("reports", **query)

    assert problem(answer)[0] == 400


def test_an_unknown_figure_has_no_csv():
    assert service(world.marketplace()).get("reports/salaries.csv").status_code == 404
