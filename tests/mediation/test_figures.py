"""The figures: counted by hand for a few cases, then asked for."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import money
from cases.models import Appeal, Docket, Order, OrderLine, ParcelEvent
from cases.models.parcel import Consignment
from mediation import docket
from mediation.models import Heartbeat
from mediation.oversight import calibration, reviews
from mediation.reports import csv_text
from mediation.reports.asking import Answer, BadPeriod, Period, ask
from mediation.reports.figures import FIGURES, UNITS
from mediation.steps import Wish, lapse, take
from notifications.models import Receipt
from tests import world
from tests.desk.situations import RULING
from tests.desk.staff import calibrating, drawn, hire
from tests.notifications.make import letter
from tests.world import at, day

pytestmark = pytest.mark.django_db

MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
FRIDAY = date(2026, 3, 6)
MONDAY = date(2026, 3, 2)


class Office:
    """Three silent sellers of one shop: two disputes are ruled on, the third one waits.

    They come into mediation on Thursday at 08:00; Mia takes the first one up after 2 hours and
    rules after 5, the second one after 10 and after 30.
    """

    def __init__(self):
        self.market = world.marketplace()
        self.mia, self.sue = hire("mia"), hire("sue", "senior")
        shop = world.party(self.market, "seller", "shop")
        orders = [world.order(self.market, seller=shop) for _ in range(3)]
        self.cases = [world.open_case(bought, remedy="refund_only") for bought in orders]
        while lapse(clock=at(day(3))):
            pass
        self.first, self.second, self.third = self.cases
        self.rules(self.first, self.mia, 2, 5)
        self.rules(self.second, self.mia, 10, 30, amount=6_000)

    def rules(self, case, by, took, ruled, *, amount=0):
        """Take a dispute up and rule, so many hours after Thursday morning."""
        docket.claim(by, case.pk, clock=at(day(3, hours=took)))
        entry = Docket.objects.filter(case=case)
        entry.update(lease_until=day(30))  # they keep at it
        lease = entry.get().lease
        amounts = {case.order.lines.get().pk: amount} if amount else {}
        remedy = "refund_only" if amount else "none"
        told = {**RULING, "remedy": remedy, "amounts": amounts, "statement": "So it is."}
        wish = Wish(case_id=case.pk, step="rule", by=by.actor, inputs=told, lease=lease)
        [answer] = take([wish], clock=at(day(3, hours=ruled)))
        assert not isinstance(answer, Exception), answer

    def asks(self, name, *, market=None, when=None, period=MARCH, **narrowed):
        at = when or day(5)
        found = ask([(market or self.market).pk], period, at=at, only=[name], **narrowed)
        return found[name].rows

    def appealed(self):
        """The buyer appeals against the first ruling, and a senior decides otherwise."""
        world.do(self.first, "appeal", "buyer", when=day(4), statement="No.")
        self.rules(self.first, self.sue, 50, 52, amount=9_000)


def run_out(moment):
    """Let clocks run out that were seen to all the time."""
    Heartbeat.objects.all().delete()
    while lapse(clock=at(moment)):
        pass


@pytest.fixture
def office():
    return Office()


@pytest.mark.requirement("D19", "R14", "T17")
def test_the_docket_is_counted_by_age_and_by_rank(office):
    assert dict(office.asks("docket_age")) == {
        "under_4h": 0,
        "under_1d": 0,
        "under_3d": 1,
        "under_7d": 0,
        "over_7d": 0,
    }
    assert dict(office.asks("docket_rank"))["later"] == 1  # due on Thursday week, at 08:00
    assert dict(office.asks("docket_rank", when=day(9, hours=1)))["within_1d"] == 1
    assert dict(office.asks("docket_rank", when=day(11)))["passed"] == 1


def test_late_rulings_are_counted_by_state(office):
    assert office.asks("overdue") == []

    run_out(day(3, hours=5))
    assert office.asks("overdue") == [("queued", 0, 1)]  # nobody took it within 4 hours
    run_out(day(10, hours=1))

    assert office.asks("overdue") == [("queued", 1, 1)]


def test_rulings_are_counted_by_day(office):
    rows = office.asks("rulings")

    assert len(rows) == 31
    given = [row for row in rows if row[1:] != (0, 0)]
    assert given == [(date(2026, 3, 5), 1, 0), (FRIDAY, 1, 0)]


def test_time_is_measured_from_entering_mediation(office):
    assert office.asks("first_touch") == [(None, 2, 6.0, 9.2), (MONDAY, 2, 6.0, 9.2)]
    assert office.asks("time_to_ruling") == [(None, 2, 17.5, 27.5), (MONDAY, 2, 17.5, 27.5)]


def test_a_dispute_is_touched_first_once(office):
    docket.return_expired(clock=at(day(5)))
    for hours in (20, 22):
        docket.claim(office.mia, office.third.pk, clock=at(day(3, hours=hours)))
        docket.return_expired(clock=at(day(3, hours=hours + 1)))

    assert office.asks("first_touch")[0] == (None, 3, 10.0, 18.0)


def test_outcomes_are_of_the_cases_that_were_opened_in_the_period(office):
    assert office.asks("outcomes") == [("no_longer_wanted", "open", 3)]

    world.do(office.third, "withdraw", "buyer", when=day(5))
    rows = office.asks("outcomes")
    april = Period(first=date(2026, 4, 1), last=date(2026, 4, 2))

    assert rows == [("no_longer_wanted", "open", 2), ("no_longer_wanted", "withdrawn", 1)]
    assert office.asks("outcomes", period=april) == []


def test_refunds_are_told_by_reason_and_region_in_their_currency(office):
    world.do(office.third, "approve", "seller", when=day(4))
    refund = office.third.refunds.get()
    assert office.asks("refunds") == []  # not paid yet

    world.do(office.third, "refund_settled", "gateway", when=day(5), refund=refund.pk)

    paid = ("no_longer_wanted", "", "CNY", 1, money.show(refund.amount, "CNY"), "0.00")
    assert office.asks("refunds") == [paid]
    april = Period(first=date(2026, 4, 1), last=date(2026, 4, 2))
    assert office.asks("refunds", period=april) == []


def test_appeals_and_reversals(office):
    assert office.asks("appeals") == [(2, 0, 0, 0, 0.0, None)]
    office.appealed()

    assert Appeal.objects.count() == 1
    assert office.asks("appeals") == [(2, 1, 1, 1, 0.5, 1.0)]
    assert office.asks("time_to_ruling")[0][1] == 2  # the second instance is not counted here
    assert [row for row in office.asks("rulings") if row[2]] == [(date(2026, 3, 7), 0, 1)]


def test_a_ruling_that_repeats_the_first_one_reverses_nothing(office):
    world.do(office.second, "appeal", "seller", when=day(5), statement="No.")
    office.rules(office.second, office.sue, 60, 62, amount=6_000)

    assert office.asks("appeals") == [(2, 1, 1, 0, 0.5, 0.0)]


def test_what_nobody_was_told_counts_for_nothing(office):
    office.second.rulings.update(state="void")

    assert office.asks("appeals") == [(1, 0, 0, 0, 0.0, None)]
    assert office.asks("time_to_ruling")[0] == (None, 1, 5.0, 5.0)


def test_the_work_of_each_mediator(office):
    office.appealed()
    docket.claim(office.mia, office.third.pk, clock=at(day(5, hours=12)))

    rows = office.asks("workload", when=day(5, hours=12, minutes=5))

    mia, sue = office.mia.person, office.sue.person
    assert rows == [(mia, 1, 2, 0, 0, 0, 1), (sue, 0, 1, 0, 0, 0, 0)]
    assert office.asks("workload", when=day(6))[0][1] == 0  # the lease has run out


def test_how_far_blind_reviews_agree(office):
    max_, sol = hire("max"), hire("sol", "supervisor")
    first, second = office.first.rulings.get(), office.second.rulings.get()
    alike = {"remedy": "none", "amount": 0, "fault": {"seller": 60, "buyer": 40}}
    differs = {"remedy": "refund_only", "amount": 6_700, "fault": {"buyer": 100}}
    drawn(sol, first, reviewer=max_, at=day(6), **alike)
    drawn(sol, second, reviewer=max_, at=day(6), **differs)
    review = calibration.take(max_, calibrating(sol, first), at=day(6))
    told = {"remedy": "refund_only", "amount": 1, "fault": {"carrier": 100}, "reasons": "So."}
    assert reviews.write(review, max_, at=day(6), **told)  # counts for nothing here

    assert office.asks("agreement") == [(2, 1.0, 0.5, 0.5)]
    assert [row[5] for row in office.asks("workload") if row[0] == max_.person] == [2]


def test_a_seller_is_told_by_its_cases(office):
    market, shop = office.market, office.third.seller
    refused = world.open_case(world.order(market, seller=shop), remedy="refund_only")
    told = {"reason": "outside_window", "statement": "No."}
    world.do(refused, "refuse", "seller", when=day(0, hours=6), **told)

    rows = office.asks("sellers")

    assert rows == [("bazaar", "shop", 4, 0.25, 0.75, 0.75, 0.25, 6.0)]


def refunded(office):
    """The third case is approved and paid in full."""
    case = office.third
    world.do(case, "approve", "seller", when=day(4))
    world.do(case, "refund_settled", "gateway", when=day(5), refund=case.refunds.get().pk)


@pytest.mark.requirement("R10")
def test_sellers_whom_letters_do_not_reach_are_told_with_the_attempts(office):
    def wrote(outcome, attempts, *receipts):
        case, shop = office.first, office.first.seller_id
        sent = letter(case_id=case.pk, recipient_id=shop, outcome=outcome, attempts=attempts)
        for number, state in enumerate(receipts):
            Receipt.objects.create(
                letter=sent, provider_id=f"{sent.pk}-{number}", state=state, at=day(1)
            )

    wrote("sent", 1, Receipt.State.DELIVERED)
    wrote("sent", 3, Receipt.State.FAILED)
    wrote("failed", 12)
    wrote("sent", 1)  # on its way
    wrote("waiting", 0)
    wrote("unwanted", 1)

    assert office.asks("reach") == [("bazaar", "shop", 4, 17, 0.25, 0.5)]


@pytest.mark.requirement("M05", "T17")
def test_products_are_told_with_what_became_of_their_cases(office):
    OrderLine.objects.filter(order=office.first.order).update(sku="=mug")
    refunded(office)

    rows = office.asks("products")

    assert rows == [
        ("bazaar", "shop", "cup", "CNY", 2, 0.5, 1.0, 0.0, "100.00"),
        ("bazaar", "shop", "=mug", "CNY", 1, 0.0, 1.0, 0.0, "0.00"),
    ]


def test_a_case_counts_once_for_a_product_however_often_it_was_applied_for(office):
    bought = world.order(office.market, seller=office.third.seller, lines=2)
    case = world.open_case(bought, items=[piece(line) for line in bought.lines.all()])
    world.do(case, "refuse", "seller", when=day(1), reason="outside_window", statement="No.")
    again = {"items": [piece(line) for line in bought.lines.all()], "remedy": "return_refund"}
    world.do(
        case, "reapply", "buyer", when=day(2), reason="no_longer_wanted", statement="!", **again
    )

    assert [row[:5] for row in office.asks("products")] == [("bazaar", "shop", "cup", "CNY", 4)]


def piece(line):
    return {"line": line.pk, "quantity": 1, "amount": None}


def test_buyers_are_told_by_the_marketplaces_own_reference_alone(office):
    bea = office.third.buyer
    office.second.buyer = bea
    office.second.save(update_fields=["buyer"])
    refunded(office)

    rows = office.asks("buyers")

    assert rows == [
        ("bazaar", bea.ref, "CNY", 2, 0.5, 1.0, 0.0, "100.00"),
        ("bazaar", office.first.buyer.ref, "CNY", 1, 0.0, 1.0, 0.0, "0.00"),
    ]


def test_carriers_are_told_by_what_they_lost_brought_late_and_were_at_fault_for(office):
    def sent(case, carrier, number, **order):
        told = {"carrier": carrier, "tracking_no": number, "marketplace": office.market}
        Consignment.objects.create(order=case.order, **told, **ids())
        Order.everywhere.filter(pk=case.order_id).update(**order)

    sent(office.first, "SF-Express", "sf1", delivered_at=day(-1), promised_at=day(-2))
    sent(office.second, "sf", "SF2", delivered_at=None, promised_at=day(20))
    sent(office.third, "yto", "Y1", delivered_at=day(-3), promised_at=day(-2))
    for code, number in (("in_transit", "SF1"), ("lost", "SF2")):
        ParcelEvent.objects.create(
            marketplace=office.market,
            source_id=number,
            carrier="sf",
            tracking_no=number,
            code=code,
            happened_at=day(1),
            recorded_at=day(1),
            **ids(),
        )
    world.recovery(office.second)
    world.do(office.third, "approve", "seller", when=day(4))

    rows = office.asks("carriers")

    assert rows == [("bazaar", "sf", 2, 0.5, 0.5, 0.5), ("bazaar", "yto", 1, 0.0, 0.0, 0.0)]


def test_a_return_that_was_lost_counts_for_its_own_carrier(office):
    bought = world.order(office.market)
    case = world.open_case(bought, remedy="return_refund")
    world.do(case, "approve", "seller", when=day(0))
    world.do(case, "ship_return", "buyer", when=day(1), carrier="zhongtong", tracking_no="Z1")
    world.do(case, "return_lost", "carrier", when=day(2))

    assert office.asks("carriers") == [("bazaar", "zto", 1, 1.0, 0.0, 0.0)]


def ids():
    return {"id": uuid4()}


def test_each_figure_counts_the_cases_of_a_reason_or_a_region_alone(office):
    refunded(office)
    Order.everywhere.update(region="CN-SC")

    for name in FIGURES:
        same = office.asks(name, region="CN-SC", reason="no_longer_wanted")
        assert same == office.asks(name)
        for other in ({"region": "CN-GD"}, {"reason": "quality"}):
            rows = office.asks(name, **other)
            assert [v for row in rows for v in row if isinstance(v, int | float) and v] == []


def test_figures_of_another_marketplace_are_its_own(office):
    other = world.marketplace("souk")

    for name in FIGURES:
        rows = office.asks(name, market=other)
        assert [v for row in rows for v in row if isinstance(v, int | float) and v] == []
    assert ask([], MARCH, at=day(5), only=["outcomes"])["outcomes"].rows == []


def test_each_figure_is_one_statement_with_the_columns_it_names(office):
    with CaptureQueriesContext(connection) as asked:
        found = ask([office.market.pk], MARCH, at=day(5))

    assert len(asked) == len(FIGURES) == 16
    for answer in found.values():
        assert {len(row) for row in answer.rows} <= {len(answer.figure.columns)}
        assert set(answer.figure.columns.values()) <= set(UNITS)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-03-02", "2026-03-01"),
        ("2025-01-01", "2026-03-01"),
        ("1990-01-01", "1990-02-01"),
        ("9999-12-31", "9999-12-31"),
        ("yesterday", ""),
        ("2026-13-01", ""),
    ],
)
def test_a_period_that_is_none_is_refused(first, last):
    with pytest.raises(BadPeriod):
        Period.of(first, last, day(0))


def test_by_itself_the_period_is_the_last_thirty_days():
    period = Period.of("", "", day(0))

    assert (period.last, period.days) == (MONDAY, 30)
    assert period.until - period.since == timedelta(days=30)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\uff1d1"])
def test_what_a_spreadsheet_would_run_is_marked_as_text(text):
    figure = FIGURES["sellers"]
    row = ("bazaar", text, 3, -0.5, None, 0.25, 0.0, 1.5)

    written = csv_text.written(Answer(figure=figure, rows=[row]))

    header, line, _end = written.split("\r\n")
    assert header.removeprefix("\ufeff").split(",") == list(figure.columns)
    assert line == f"bazaar,'{text},3,-0.5,,0.25,0.0,1.5"
