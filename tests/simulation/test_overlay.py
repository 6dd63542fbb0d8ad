"""Script B on made-up orders, texts and traces: carriers speak only through their adapters."""

import csv
import gzip
import json
from datetime import timedelta

import pytest

from cases.models import Case, Event, ParcelEvent
from mediation.invariants import check
from mediation.scans import AWAITS_GOODS
from mediation.simulation import demo, made_up, stand, tables
from mediation.simulation.overlay import Overlay, worded
from mediation.simulation.shop import Grievance
from mediation.simulation.texts import Texts
from mediation.simulation.traces import Samples
from tests.carriers import bodies
from tests.copies import count_rows, counting_rows
from tests.sizes import size
from tests.world import day

pytestmark = pytest.mark.django_db
ORDERS = size(12, 200)


@pytest.fixture
def folder(tmp_path):
    """Files of the same shapes as the data set, with rows of our own."""
    texts = [("1", "鞋子到现在没收到", "not_received"), ("2", "质量太差[PHONE]", "quality")]
    texts += [(str(number), f"不满意{number}", "") for number in range(3, 60)]
    with gzip.open(tmp_path / "zh_shopping_negative.csv.gz", "wt", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "review", "weak_reasons"), *texts])
    for name in ("zh_waimai_negative.csv", "zh_shopping_positive_control.csv"):
        with (tmp_path / name).open("w", encoding="utf-8") as file:
            csv.writer(file).writerows([("id", "review", "weak_reasons"), ("9", name, "")])
    lines = [
        ("2021-06-13 13:03:42", "【某公司】 已揽收"),
        ("2021-06-14 13:53:38", "快件已由某驿站代收，请及时取件"),
        ("2021-06-14 17:31:57", "已签收，签收人凭取货码签收。"),
    ]
    found = [
        ("kuaidi100", bodies.kuaidi100(*lines, state="3")),
        ("kuaidi100", bodies.kuaidi100(*lines[:1], state="0")),
        ("kdniao", bodies.kdniao(lines[0], lines[2], state="3")),
        ("easypost", bodies.easypost(("in_transit", "2025-03-02T08:00:00Z"))),
        ("easypost", bodies.easypost(("delivered", "2025-03-02T08:00:00Z"), signed_by="B. E.")),
        *((name, body) for name, errors in bodies.ERRORS.items() for body in errors),
        ("elsewhere", "<xml>an error</xml>"),
    ]
    with (tmp_path / "tracking_samples.jsonl").open("w", encoding="utf-8") as file:
        for source, raw in found:
            row = {"source": source, "raw": raw, "expected_normalised": None}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return tmp_path


def grievances():
    """Half complain of goods that then come, half of what came."""
    bought = made_up.purchases(
        1,
        ORDERS,
        until=day(0),
        prefix="R",
        buyers=demo.BUYERS,
        sellers=demo.SELLERS,
        currency="BRL",
    )
    for number, found in enumerate(made_up.grievances(bought, 1, start=day(1))):
        if number % 2:
            yield found
        else:
            late = found.purchase.moved(found.at - found.purchase.delivered_at + timedelta(days=1))
            yield Grievance(
                kind="LATE", purchase=late, at=found.at, reason="not_received", words="Where?"
            )


def run(folder, seed=1):
    market = stand.marketplace(day(0), at=day(0))
    told = worded(sorted(grievances(), key=lambda found: found.at), Texts(folder, seed))
    overlay = Overlay(market, told, Samples.read(folder), seed=seed)
    overlay.run(counting_rows())
    return overlay


def test_carriers_bodies_move_cases_and_all_that_they_send_counts_once(folder):
    overlay = run(folder)

    assert tables.still_running(overlay.market) == 0
    count_rows()
    assert check(at=overlay.now) == {}
    assert overlay.feed_again() == 0
    assert overlay.tally["scans, told before"] > 0
    assert ParcelEvent.objects.count() == overlay.tally["scans, new"]
    by_carriers = Event.objects.filter(role="carrier").count()
    told = sum(n for what, n in overlay.tally.items() if what.startswith("led to "))
    assert by_carriers >= told > 0


def test_goods_that_come_late_are_told_in_open_cases_about_them(folder):
    run(folder)

    told = Case.everywhere.exclude(delivery="")

    assert {"not_received"} <= set(told.values_list("reason", flat=True)) <= AWAITS_GOODS
    assert Event.objects.filter(name="parcel_news", case__in=told).count() >= told.count() > 0


def test_texts_are_drawn_once_and_masks_stay_masks(folder):
    texts = Texts(folder, 1)
    drawn = [texts.draw("quality") for _ in range(50)]

    assert len(set(drawn)) == 50
    assert [text for text in drawn if text.startswith("质量")] == ["质量太差[PHONE]"]


def test_samples_are_sorted_by_how_they_end(folder):
    samples = Samples.read(folder)

    assert [sample.adapter for sample in samples.delivered] == ["kuaidi100", "kdniao", "easypost"]
    assert [sample.adapter for sample in samples.under_way] == ["kuaidi100", "easypost"]
    assert len(samples.errors) == sum(map(len, bodies.ERRORS.values())) + 1
