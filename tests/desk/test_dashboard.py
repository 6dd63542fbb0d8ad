"""The dashboard: who sees it, what it shows, and how a chart is laid out."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from mediation.desk import charts, dashboard, drawings
from mediation.desk import oversight_words as said
from mediation.reports.figures import CODE, FIGURES, HOURS
from mediation.reports.sql_of_work import AGES, RANKS
from tests import world
from tests.desk.staff import hire
from tests.mediation.test_figures import Office

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:dashboard")
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
OFFICE = {"supervisor", "auditor", "ops"}


@pytest.fixture
def office():
    found = Office()
    found.sol = hire("sol", "supervisor")
    return found


@pytest.mark.parametrize("role", ["mediator", "senior", "supervisor", "auditor", "ops"])
def test_who_sees_the_dashboard(role, client):
    client.force_login(hire("somebody", role).user)

    answers = [
        client.get(PAGE, MARCH),
        client.get(reverse("admin:dashboard_csv", args=["sellers"]), MARCH),
    ]

    assert {a.status_code for a in answers} == {200 if role in OFFICE else 403}
    assert client.post(PAGE).status_code == 405


def test_the_key_figures_and_charts_are_those_of_the_report(client, office):
    office.appealed()
    client.force_login(office.sol.user)

    page = client.get(PAGE, MARCH)

    told = {name: value for name, value, _about in page.context["key_figures"]}
    assert told["First touch, median"] == "6 h"
    assert told["Ruling, median"] == "17.5 h"
    assert (told["Appealed"], told["Reversed on appeal"]) == ("50 %", "100 %")
    assert told["Blind reviews agree"] == "-"
    drawn = page.context["charts"]
    assert list(drawn) == list(drawings.DRAWN)
    days = [bar.title for bar in drawn["rulings"].bars]
    assert days == [
        "5 Mar: First instance 1",
        "6 Mar: First instance 1",
        "7 Mar: On appeal 1",
    ]
    workload, refunds, sellers, _reach, products, buyers, carriers = page.context["tables"]
    assert refunds["rows"] == []
    assert [[cell for cell, _unit in row] for row in workload["rows"]] == [
        ["Mia", "0", "2", "0", "0", "0", "1"],
        ["Sue", "0", "1", "0", "0", "0", "0"],
    ]
    assert [cell for cell, _unit in sellers["rows"][0]][:3] == ["bazaar", "shop", "3"]
    assert [cell for cell, _unit in products["rows"][0]] == [
        *("bazaar", "shop", "cup", "CNY", "3", "0 %", "100 %", "0 %", "0.00")
    ]
    assert (len(buyers["rows"]), carriers["rows"]) == (3, [])


def test_the_page_costs_the_same_statements_whatever_there_is_to_count(client, office):
    client.force_login(office.sol.user)

    def statements():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE, MARCH).status_code == 200
        return len(asked)

    before = statements()
    office.appealed()

    assert statements() == before == 16 + 7  # the figures; who looks, its markets, the names


def test_only_marketplaces_of_who_looks_are_counted(client, office):
    elsewhere = world.marketplace("elsewhere")
    client.force_login(hire("stranger", "supervisor", marketplaces=[elsewhere]).user)

    page = client.get(PAGE, MARCH)

    assert [market.slug for market in page.context["asked"].markets] == ["elsewhere"]
    assert [table["rows"] for table in page.context["tables"]] == [[]] * len(dashboard.TABLES)
    assert client.get(PAGE, {"marketplace": "bazaar"}).status_code == 404
    address = reverse("admin:dashboard_csv", args=["sellers"])
    assert b"shop" not in client.get(address, MARCH).content
    assert client.get(address, {"marketplace": "bazaar"}).status_code == 404


def test_the_page_and_its_downloads_keep_to_a_reason_and_a_region(client, office):
    client.force_login(office.sol.user)
    address = reverse("admin:dashboard_csv", args=["outcomes"])
    narrowed = MARCH | {"reason": "quality", "region": "CN-SC"}

    page = client.get(PAGE, narrowed)

    assert [table["rows"] for table in page.context["tables"][1:]] == [[]] * 6
    assert (
        f"{address}?marketplace=&amp;from=2026-03-01&amp;to=2026-03-31&amp;reason=quality&amp;region=CN-SC"
        in (page.content.decode())
    )
    assert client.get(address, narrowed).content.count(b"\r\n") == 1
    assert client.get(PAGE, MARCH | {"reason": "greed"}).status_code == 404


def test_a_period_that_makes_no_sense_is_told_and_the_usual_one_shown(client, office):
    client.force_login(office.sol.user)

    page = client.get(PAGE, {"from": "2026-03-09", "to": "2026-03-01"})

    assert page.context["asked"].period.days == 30
    assert b"This is no period" in page.content


def test_a_page_holds_its_charts_and_no_script_or_style_of_another_host(client, office):
    client.force_login(office.sol.user)

    text = client.get(PAGE, MARCH).content.decode()

    assert text.count('<svg class="drawing"') == 6  # nothing is overdue
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", text) == []


def test_every_code_of_a_figure_has_words_in_chinese():
    codes = re.findall(r"\(\d, '(\w+)'", AGES + RANKS)
    assert set(codes) == said.AGES.keys() | said.RANKS.keys()
    assert said.FIGURES.keys() == FIGURES.keys()
    shown = [name for name in dashboard.TABLES for name in FIGURES[name].columns]
    assert set(shown) <= said.COLUMNS.keys()
    assert {c for f in FIGURES.values() for c, unit in f.columns.items() if unit == CODE} == {
        *("age", "rank", "state", "reason", "outcome")
    }
    with override("zh-hans"):
        tables = (said.FIGURES, said.COLUMNS, said.AGES, said.RANKS, said.DEEDS, said.VERSIONS)
        words = [str(word) for table in tables for word in table.values()]
    assert [word for word in words if not re.search(r"[\u4e00-\u9fff]", word)] == []


# Charts


@pytest.mark.parametrize(
    ("highest", "top"),
    [
        (0, 4),
        (1, 4),
        (4, 4),
        (5, 8),
        (9, 10),
        (11, 20),
        (37, 40),
        (41, 80),
        (95, 100),
        (1234, 2000),
    ],
)
def test_a_scale_ends_at_a_round_number_above_all_values(highest, top):
    assert charts.scale(highest) == top


def test_columns_stand_on_each_other_and_within_the_frame():
    series = {"first": ("A", [3, 0, 1]), "fifth": ("B", [1, 0, 3])}

    chart = charts.columns("Both", ["x", "y", "z"], series)

    boxes = [(bar.tone, bar.y, bar.height, bar.title) for bar in chart.bars]
    assert boxes == [
        ("first", 58, 138, "x: A 3"),
        ("fifth", 12, 46, "x: B 1"),
        ("first", 150, 46, "z: A 1"),
        ("fifth", 12, 138, "z: B 3"),
    ]
    assert all(b.x >= charts.LEFT and b.x + b.width <= charts.RIGHT for b in chart.bars)
    assert [tick.text for tick in chart.ticks] == ["0", "1", "2", "3", "4"]
    assert chart.legend == [("first", "A"), ("fifth", "B")]


def test_a_line_leaves_out_what_is_not_known():
    chart = charts.lines("Time", ["x", "y", "z"], {"first": ("A", [8.0, None, 2.5])}, HOURS)

    [path] = chart.paths
    assert path.points == "142.0,12.0 534.0,138.5"
    assert [said for _x, _y, said in path.dots] == ["x: A 8 hours", "z: A 2.5 hours"]


def test_bars_share_the_width_and_name_their_sum():
    chart = charts.bars("Rows", ["x", "y"], {"first": ("A", [1, 2]), "fifth": ("B", [1, 2])})

    room = charts.WIDTH - charts.NAME - charts.NUMBER
    assert [bar.width for bar in chart.bars] == [room / 4, room / 4, room / 2, room / 2]
    assert [number.text for number in chart.numbers] == ["2", "4"]
    assert (chart.height, chart.lies) == (60, True)


@pytest.mark.parametrize(
    "chart",
    [
        charts.columns("None", [], {"first": ("A", [])}),
        charts.columns("Zero", ["x"], {"first": ("A", [0])}),
        charts.lines("None", [], {"first": ("A", [])}, HOURS),
        charts.bars("Zero", ["x"], {"first": ("A", [0])}),
    ],
)
def test_what_has_nothing_to_show_is_empty(chart):
    assert chart.is_empty


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), (0.25, "0.2 h"), (47.9, "47.9 h"), (60.0, "2.5 d")]
)
def test_hours_are_written_short(value, shown):
    assert dashboard.hours(value) == shown
