"""A replay on made-up orders: people act by script, clocks run out, every case ends."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from cases import models
from cases.models import Case, Clock, Event, OrderLine, Payment, RefundPart
from mediation.gateways import sandbox
from mediation.invariants import check
from mediation.models import Effect
from mediation.simulation import demo, made_up, stand, tables
from mediation.simulation.olist import Olist, moment
from mediation.simulation.replay import Replay
from mediation.simulation.shop import folded
from notifications.models import Letter
from tests.copies import count_rows, counting_rows
from tests.sizes import size
from tests.world import day

pytestmark = pytest.mark.django_db

ORDERS = size(40, 400)


@pytest.fixture
def market():
    return stand.marketplace(day(0), at=day(0))


def grievances(count, seed=1):
    bought = made_up.purchases(
        seed,
        count,
        until=day(0),
        prefix="R",
        buyers=demo.BUYERS,
        sellers=demo.SELLERS,
        currency="BRL",
    )
    return made_up.grievances(bought, seed, start=day(1))


def replayed(market, count=ORDERS, seed=1):
    run = Replay(market, grievances(count, seed), seed=seed)
    run.run(counting_rows())
    return run


def test_every_case_ends_nothing_is_left_running_and_the_money_balances(market):
    run = replayed(market)

    steps = run.script.steps
    assert Case.everywhere.count() == steps["open"] + steps["split"] > ORDERS // 2
    assert tables.still_running(market) == 0
    assert Clock.objects.count() == 0
    assert Effect.objects.due(run.now, clock_id=market.clock_id).count() == 0
    assert OrderLine.objects.exclude(reserved=0).count() == 0
    assert given_back() == refunded()
    count_rows()
    assert check(at=run.now) == {}


def given_back():
    return Payment.objects.aggregate(sum=Sum("given_back"))["sum"]


def refunded():
    parts = RefundPart.objects.exclude(refund__state__in=["void", "failed"])
    return parts.aggregate(sum=Sum("amount"))["sum"]


def test_a_replay_captures_its_letters_moves_its_clock_and_is_counted_from_the_timeline(market):
    run = replayed(market, 5)
    tally = tables.Tally.of(market)

    assert set(Letter.objects.values_list("outcome", flat=True)) <= {"captured", "unwanted"}
    assert Letter.objects.filter(outcome="captured", rendered="").count() == 0
    assert models.TestClock.objects.get().at == run.now > day(1)
    assert tally.steps["open"] == Case.everywhere.count()
    assert sum(tally.clocks.values()) == Event.objects.filter(clock__isnull=False).count()
    assert "steps: correct_tracking 0" in tally.rare()


def test_the_same_seed_tells_the_same_story_and_another_seed_another():
    stories = []
    for number, seed in enumerate([3, 3, 4]):
        market = stand.marketplace(day(0), at=day(0, seconds=number))
        sandbox.tell(market, "ok")  # retries are jittered
        Replay(market, grievances(4), seed=seed).run()
        events = Event.objects.filter(marketplace=market)
        rows = events.order_by("case__order__ref", "case__opened_at", "sequence")
        stories.append(list(rows.values_list("case__order__ref", "name", "role", "at")))

    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


# Orders are moved by whole weeks


def test_folding_moves_an_order_by_whole_weeks_and_changes_nothing_within():
    found = grievances(10)
    laid = folded(found, 2)

    assert max(g.at for g in laid) - min(g.at for g in laid) <= timedelta(weeks=2)
    was = {g.purchase.ref: g for g in found}
    for now in laid:
        before = was[now.purchase.ref]
        by = before.at - now.at
        assert by % timedelta(weeks=1) == timedelta()
        assert before.purchase.delivered_at - now.purchase.delivered_at == by


# The tables of the data set, with rows of our own


ORDER = {
    "order_id": "o1",
    "customer_id": "c1",
    "order_status": "delivered",
    "order_purchase_timestamp": "2018-01-01 10:00:00",
    "order_approved_at": "",
    "order_delivered_carrier_date": "2018-01-03 10:00:00",
    "order_delivered_customer_date": "2018-01-12 10:00:00",
    "order_estimated_delivery_date": "2018-01-10 00:00:00",
}
ITEM = {
    "order_id": "o1",
    "product_id": "p1",
    "seller_id": "s1",
    "price": "50.00",
    "freight_value": "7.5",
}
PAYMENT = {
    "order_id": "o1",
    "payment_sequential": "1",
    "payment_type": "boleto",
    "payment_value": "57.50",
}
REVIEW = {
    "order_id": "o1",
    "review_score": "1",
    "review_comment_title": "",
    "review_comment_message": "Veio quebrado",
    "review_answer_timestamp": "2018-01-14 10:00:00",
}


def olist(folder, *, orders=(ORDER,), items=(ITEM,), payments=(PAYMENT,), reviews=()):
    customers = [{"customer_id": "c1", "customer_unique_id": "bea"}]
    products = [{"product_id": "p1", "product_category_name_english": "toys"}]
    for name, rows in {
        "orders": orders,
        "order_items": items,
        "order_payments": payments,
        "order_reviews": reviews or [REVIEW | {"review_score": "5"}],
        "customers": customers,
        "products": products,
    }.items():
        with (folder / f"olist_{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return Olist(folder)


def told(found):
    return [(g.kind, g.reason) for g in found.grievances()]


def test_brazilian_wall_clocks_are_read_as_utc_summer_time_included():
    assert moment("2018-01-12 10:00:00") == datetime(2018, 1, 12, 12, tzinfo=UTC)
    assert moment("2018-07-12 10:00:00") == datetime(2018, 7, 12, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("delivered", "kinds"),
    [("2018-01-10 23:59:59", []), ("2018-01-11 00:00:00", [("LATE", "late")])],
)
def test_what_arrives_on_the_promised_day_is_not_late(tmp_path, delivered, kinds):
    order = ORDER | {"order_delivered_customer_date": delivered}

    assert told(olist(tmp_path, orders=[order])) == kinds


def test_a_late_parcel_is_complained_of_before_it_arrives(tmp_path):
    [grievance] = olist(tmp_path).grievances()

    assert grievance.purchase.promised_at <= grievance.at < grievance.purchase.delivered_at


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("canceled", ("REFUND_DUE", "out_of_stock")),
        ("processing", ("NOT_RECEIVED", "not_received")),
    ],
)
def test_what_was_never_delivered_is_not_received_or_due(tmp_path, status, expected):
    order = ORDER | {"order_status": status, "order_delivered_customer_date": ""}
    order |= {"order_delivered_carrier_date": ""}

    assert told(olist(tmp_path, orders=[order])) == [expected]


@pytest.mark.parametrize(
    ("words", "answered", "expected"),
    [
        ("Veio quebrado", "2018-01-14", ("COMPLAINT", "unusable")),
        ("Não recebi o produto", "2018-01-14", ("CONFLICT", "signed_not_received")),
        ("Não recebi o produto", "2018-01-11", ("CONFLICT", "not_received")),
        ("Veio quebrado", "2018-01-11", ("COMPLAINT", "not_received")),
        ("Horrível", "2018-01-14", ("COMPLAINT", "other")),
    ],
)
def test_words_and_the_place_of_the_parcel_make_the_reason(tmp_path, words, answered, expected):
    review = REVIEW | {
        "review_comment_message": words,
        "review_answer_timestamp": f"{answered} 10:00:00",
    }
    found = told(olist(tmp_path, reviews=[review]))

    assert sorted(found) == sorted([("LATE", "late"), expected])


def test_an_order_of_two_sellers_is_two_purchases_that_share_the_payments(tmp_path):
    other = ITEM | {"seller_id": "s2", "price": "10.00", "freight_value": "0.00"}
    payments = [PAYMENT | {"payment_value": "60.00"}]
    payments.append(PAYMENT | {"payment_sequential": "2", "payment_value": "7.50"})
    first, second = (
        g.purchase for g in olist(tmp_path, items=[ITEM, other], payments=payments).grievances()
    )

    assert [(p.seller, p.freight) for p in (first, second)] == [("s1", 750), ("s2", 0)]
    assert [[paid.amount for paid in p.payments] for p in (first, second)] == [[5750], [250, 750]]


def test_lines_are_scaled_to_what_was_paid_and_that_is_noted(tmp_path):
    found = olist(tmp_path, items=[ITEM, ITEM], payments=[PAYMENT])
    [grievance] = found.grievances()
    [goods] = grievance.purchase.goods

    assert (goods.quantity, goods.paid, grievance.purchase.freight) == (2, 5_000, 750)
    assert found.notes["orders scaled, as lines and payments differ"] == 1


def test_two_reviews_of_one_reason_are_one_case(tmp_path):
    found = olist(tmp_path, reviews=[REVIEW, REVIEW])

    assert told(found) == [("LATE", "late"), ("COMPLAINT", "unusable")]


def test_the_command_replays_a_folder_and_tells_what_happened(tmp_path):
    olist(tmp_path, reviews=[REVIEW])
    said = StringIO()
    call_command("replay", str(tmp_path), limit=1, stdout=said)

    assert "outcomes" in said.getvalue()
    assert "replacement_in_transit" in said.getvalue()
    assert Case.everywhere.get().reason == "late"


def test_a_folder_without_the_files_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"olist_orders.csv is missing"):
        call_command("replay", str(tmp_path))
