"""Parcels as carriers tell of them: early, late, twice, refused, stuck; over the HTTP door."""

from datetime import timedelta

import pytest

from cases.models import Case, Clock, Event, Order, Parcel, ParcelEvent
from cases.models.parcel import Consignment
from mediation.carriers import ADAPTERS, Scan
from mediation.invariants import check
from mediation.steps import Wish, lapse, take
from tests import world
from tests.api import callers
from tests.api.callers import NOW, buyer, order, seller, service
from tests.api.problems import problem
from tests.api.test_orders import told
from tests.api.test_parcel_events import message, traced
from tests.carriers import bodies

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def agreed():
    """A return that was agreed to and is not on its way yet."""
    bought = order()
    return bought, seller(bought).step(callers.opened(bought), "approve").json()


def ship(bought, case, number="SF10001", carrier="sf"):
    answer = buyer(bought).step(case, "ship_return", carrier=carrier, tracking_no=number)
    assert answer.status_code == 200, answer.content
    return answer.json()


def events(case):
    found = Event.objects.filter(case=case["id"]).order_by("sequence")
    return list(found.values_list("name", flat=True))


# Bodies of carriers


def test_a_body_of_a_carrier_moves_the_case_once_however_often_it_comes(agreed):
    bought, case = agreed
    ship(bought, case, "YT1000000001", "yto")
    later = (NOW + HOUR).strftime("%F %T")  # without a zone: that of the policy, here UTC
    body = bodies.kuaidi100((later, "客户签收人: 已签收，凭取件码签收"))

    first = service(bought).post("parcel-events/kuaidi100", body).json()
    again = service(bought).post("parcel-events/kuaidi100", body).json()

    assert [row["step"] for row in first["scans"]] == ["return_delivered"]
    assert [row["recorded"] for row in again["scans"]] == [False]
    assert events(case).count("return_delivered") == 1
    assert (Parcel.objects.get().how, Parcel.objects.get().state) == ("pickup_point", "delivered")
    assert Clock.objects.filter(case=case["id"], name="inspection").count() == 1


def test_the_scans_of_one_body_are_followed_in_the_order_in_which_they_happened(agreed):
    bought, case = agreed
    ship(bought, case)
    body = traced("accepted", "in_transit", "delivered")
    body["events"] = [*reversed(body["events"]), body["events"][0]]

    answer = service(bought).post("parcel-events/generic", body).json()

    assert [row["step"] for row in answer["scans"]] == [None, None, "return_delivered"]
    assert Parcel.objects.get().scans == 3


@pytest.mark.parametrize(
    ("adapter", "body"), [(name, body) for name, found in bodies.ERRORS.items() for body in found]
)
def test_an_error_of_the_carriers_is_answered_and_changes_nothing(adapter, body, nothing_changes):
    shop = service(world.marketplace())
    nothing_changes()

    answer = shop.post(f"parcel-events/{adapter}", body)

    assert (answer.status_code, answer.json()["scans"]) == (200, [])
    assert answer.json()["error"]["code"] == "CARRIER_ERROR"


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("body", [{"nu": "1"}, {"tracking_code": 5}, {"Traces": "no"}, ["x"]])
def test_a_body_of_another_shape(adapter, body, nothing_changes):
    shop = service(world.marketplace())
    nothing_changes()

    assert problem(shop.post(f"parcel-events/{adapter}", body)) == (400, "INVALID")


def test_an_adapter_that_does_not_exist(nothing_changes):
    shop = service(world.marketplace())
    nothing_changes()

    assert problem(shop.post("parcel-events/pigeon", {})) == (404, "NOT_FOUND")


# Early, old, of another number


def test_what_came_before_the_number_was_known_counts_when_it_is(agreed):
    bought, case = agreed
    service(bought).post("parcel-events/generic", traced("accepted", "delivered"))

    shipped = ship(bought, case, "sf10001")

    assert shipped["state"] == "inspecting"
    assert events(case)[-2:] == ["ship_return", "return_delivered"]
    assert ParcelEvent.objects.filter(parcel=Parcel.objects.get()).count() == 2
    assert check() == {}


def test_what_came_early_counts_for_a_corrected_number(agreed):
    bought, case = agreed
    service(bought).post("parcel-events/generic", traced("delivered", number="SF20002"))
    case = ship(bought, case, "SF20020")

    answer = buyer(bought).step(case, "correct_tracking", carrier="sf", tracking_no="SF20002")

    assert answer.json()["state"] == "inspecting"


def test_a_scan_from_before_the_agreement_tells_of_another_parcel(agreed):
    bought, case = agreed
    old = (NOW - timedelta(days=3)).isoformat()
    service(bought).post("parcel-events", message(happened_at=old))

    shipped = ship(bought, case)

    assert shipped["state"] == "return_in_transit"
    assert [row.too_old for row in ParcelEvent.objects.all()] == [True]
    assert Parcel.objects.get().scans == 0
    listed = seller(bought).get(f"cases/{case['id']}/parcels").json()["results"]
    assert [[scan["counts"] for scan in parcel["trace"]] for parcel in listed] == [[False]]


def test_one_number_serves_one_return_whatever_the_carrier_is_called(agreed):
    bought, case = agreed
    ship(bought, case)
    second = order(bought.marketplace)
    other = seller(second).step(callers.opened(second), "approve").json()

    answer = buyer(second).step(other, "ship_return", carrier="sf-express", tracking_no="sf10001")

    assert problem(answer) == (409, "TRACKING_TAKEN")


# Refused, sent back, lost, stuck


def test_a_refused_return_is_told_and_one_that_went_back_is_for_the_mediator(agreed):
    bought, case = agreed
    ship(bought, case)
    shop = service(bought)

    told = [
        row["step"]
        for row in shop.post(
            "parcel-events/generic", traced("in_transit", "refused", "refused", "returned")
        ).json()["scans"]
    ]

    assert told == [None, "parcel_news", None, "return_lost"]
    assert buyer(bought).case(case["id"])["state"] == "in_mediation"
    names = [
        e["name"] for e in seller(bought).get(f"cases/{case['id']}/timeline").json()["results"]
    ]
    assert names[-2:] == ["parcel_news", "return_lost"]


def replaced(remedy="reship"):
    bought = order(lines=1)
    evidence = [{"slot": "photo_goods"}, {"slot": "photo_parcel"}]
    case = callers.opened(bought, reason="damaged", remedy=remedy, evidence=evidence)
    case = seller(bought).step(case, "approve").json()
    return bought, case


@pytest.mark.parametrize("code", ["lost", "returned"])
def test_a_replacement_that_does_not_arrive_brings_the_mediator_in(code):
    bought, case = replaced()
    seller(bought).step(case, "dispatch_replacement", carrier="sf", tracking_no="SF10001")

    answer = service(bought).post("parcel-events/generic", traced("in_transit", code)).json()

    assert [row["step"] for row in answer["scans"]] == [None, "replacement_lost"]
    assert buyer(bought).case(case["id"])["state"] == "in_mediation"
    assert check() == {}


@pytest.mark.parametrize(
    ("remedy", "kind"), [("exchange", "replacement"), ("repair", "repaired"), ("reship", "reship")]
)
def test_each_kind_of_parcel_there_and_back(remedy, kind):
    bought, case = replaced(remedy)
    shop = service(bought)
    if remedy != "reship":
        ship(bought, case, "SF10001")
        shop.post("parcel-events/generic", traced("delivered", number="SF10001"))
        case = buyer(bought).case(case["id"])
        case = seller(bought).step(case, "accept_return").json()
    sent = seller(bought).step(case, "dispatch_replacement", carrier="yto", tracking_no="YT30003")

    body = bodies.kuaidi100(
        ((NOW + HOUR).strftime("%F %T"), "快件已由驿站代收，请及时取件"),
        ((NOW + 2 * HOUR).strftime("%F %T"), "本人签收"),
        number="YT30003",
    )
    answer = shop.post("parcel-events/kuaidi100", body).json()

    assert [parcel["kind"] for parcel in sent.json()["parcels"]][-1] == kind
    assert [row["step"] for row in answer["scans"]] == [None, "replacement_delivered"]
    case = buyer(bought).case(case["id"])
    assert buyer(bought).step(case, "confirm_replacement").json()["state"] == "completed"


@pytest.mark.requirement("M04")
def test_a_parcel_that_does_not_move_is_told_each_three_days_until_it_moves(agreed):
    bought, case = agreed
    ship(bought, case)

    def days_later(days):
        return lapse(clock=lambda: NOW + timedelta(days=days, minutes=5))

    assert [days_later(2), days_later(3), days_later(4)] == [0, 1, 0]
    assert events(case)[-1] == "stuck"
    moves(case, NOW + timedelta(days=4, hours=1))
    assert [days_later(6), days_later(8)] == [0, 1]
    assert events(case).count("stuck") == 2


def moves(case, at):
    """Let the carrier tell at a moment that a parcel moves."""
    scan = Scan(
        source_id="moves", carrier="sf", tracking_no="SF10001", code="in_transit", happened_at=at
    )
    found = Case.everywhere.get(pk=case["id"])
    by = world.actor(found, "carrier")
    take([Wish(case_id=found.id, step="", by=by, scans=(scan,))], clock=lambda: at)


# The goods that somebody misses


def missing(reason="not_received"):
    """A case about goods that are still on their way."""
    bought = order(delivered=None)
    case = callers.opened(bought, reason=reason, remedy="refund_only")
    Consignment.objects.create(
        id=world.uuid4(),
        order=bought,
        marketplace=bought.marketplace,
        carrier="yto",
        tracking_no="YT1000000001",
    )
    return bought, case


def test_a_late_signature_is_told_in_an_open_case_and_the_seller_may_use_it():
    bought, case = missing()
    at = NOW.strftime("%F %T")
    body = bodies.kuaidi100((at, "已签收，签收人：张先生"))

    answer = service(bought).post("parcel-events/kuaidi100", body).json()
    service(bought).post("parcel-events/kuaidi100", body)

    assert [row["step"] for row in answer["scans"]] == ["parcel_news"]
    assert events(case) == ["open", "parcel_news"]
    seen = seller(bought).case(case["id"])
    assert (seen["state"], seen["version"], seen["delivery"]) == ("awaiting_seller", 1, "hand")
    [parcel] = buyer(bought).get(f"cases/{case['id']}/parcels").json()["results"]
    assert [scan["signed_by"] for scan in parcel["trace"]] == ["张先生"]
    said = {"reason": "delivered_to_buyer", "statement": "See the carrier."}
    assert seller(bought).step(seen, "refuse", **said).json()["state"] == "refused"


@pytest.mark.requirement("K07")
def test_goods_at_a_pick_up_point_prove_nothing_until_they_are_fetched():
    bought, case = missing()
    shop, at = service(bought), NOW.strftime("%F %T")

    shop.post("parcel-events/kuaidi100", bodies.kuaidi100((at, "快件已由驿站代收，请及时取件")))
    waits = seller(bought).case(case["id"])
    said = {"reason": "delivered_to_buyer", "statement": "See the carrier."}
    refused = seller(bought).step(waits, "refuse", **said)
    shop.post("parcel-events/kuaidi100", bodies.kuaidi100((at, "已签收，凭取件码签收")))

    assert waits["delivery"] == "at_pickup_point"
    assert problem(refused) == (422, "EVIDENCE_MISSING")
    assert seller(bought).case(case["id"])["delivery"] == "pickup_point"


@pytest.mark.parametrize(("reason", "news"), [("wrong_address", []), ("late", ["parcel_news"])])
def test_only_who_misses_the_goods_is_told_that_they_came(reason, news):
    bought, case = missing(reason)

    service(bought).post(
        "parcel-events/generic", traced("delivered", number="YT1000000001", carrier="yto")
    )

    assert events(case)[1:] == news
    assert ParcelEvent.objects.count() == 1


def test_an_order_tells_the_parcels_it_was_sent_out_in():
    shop = service(world.marketplace())
    parcels = [{"carrier": "sf", "tracking_no": "SF1111"}, {"carrier": "sf", "tracking_no": "SF2"}]

    short = shop.put("orders/o-1", told(parcels=parcels))
    parcels[1]["tracking_no"] = "SF2222"
    answers = [shop.put("orders/o-1", told(parcels=sent)) for sent in (parcels, parcels[:1])]

    assert problem(short) == (400, "INVALID")
    assert [answer.status_code for answer in answers] == [201, 200]
    assert list(Order.everywhere.get().consignments.values_list("tracking_no")) == [("SF1111",)]
