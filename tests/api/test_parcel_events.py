"""What carriers tell: once each, a step where one is due, only written down where not."""

from datetime import timedelta

import pytest

from cases.models import Event, Parcel, ParcelEvent
from tests import world
from tests.api import callers
from tests.api.callers import NOW, buyer, order, seller, service
from tests.api.problems import pointers, problem

pytestmark = pytest.mark.django_db


def message(**more):
    return {
        "id": "scan-1",
        "carrier": "sf",
        "tracking_no": "SF10001",
        "code": "delivered",
        "happened_at": NOW.isoformat(),
        **more,
    }


def traced(*codes, number="SF10001", carrier="sf"):
    """A trace in our own shape, one event an hour, without ids and without zones."""
    at = NOW.replace(tzinfo=None, microsecond=0)
    events = [
        {"code": code, "happened_at": (at + timedelta(hours=n)).isoformat(sep=" ")}
        for n, code in enumerate(codes)
    ]
    return {"carrier": carrier, "tracking_no": number, "events": events}


@pytest.fixture
def sent():
    """A return that is on its way."""
    bought = order()
    case = callers.opened(bought)
    case = seller(bought).step(case, "approve").json()
    case = buyer(bought).step(case, "ship_return", carrier="sf", tracking_no="SF10001").json()
    return bought, case


def test_a_message_counts_once(sent):
    bought, case = sent
    shop = service(bought)

    first = shop.post("parcel-events", message())
    again = shop.post("parcel-events", message())

    assert (first.status_code, first.json()["step"]) == (201, "return_delivered")
    assert (again.status_code, again.json()["recorded"]) == (200, False)
    assert (ParcelEvent.objects.count(), Parcel.objects.get().scans) == (1, 1)
    assert Event.objects.filter(name="return_delivered").count() == 1
    assert first.json()["case"] == case["id"]


def test_a_scan_on_the_way_moves_nothing_and_is_no_news(sent):
    bought, case = sent

    answer = service(bought).post("parcel-events", message(code="in_transit"))

    assert (answer.status_code, answer.json()["step"]) == (201, None)
    seen = buyer(bought).case(case["id"])
    assert (seen["state"], seen["version"], seen["sequence"]) == ("return_in_transit", 3, 3)
    assert [parcel["scans"] for parcel in seen["parcels"]] == [1]
    refused = buyer(bought).step(seen, "correct_tracking", carrier="sf", tracking_no="SF2222")
    assert problem(refused) == (409, "LIMIT_REACHED")


def test_a_lost_return_brings_the_mediator_in_and_later_messages_are_kept(sent):
    bought, case = sent
    shop = service(bought)

    lost = shop.post("parcel-events", message(code="lost"))
    found = shop.post("parcel-events", message(id="scan-2"))

    assert (lost.json()["step"], lost.json()["state"]) == ("return_lost", "in_mediation")
    assert (found.status_code, found.json()["step"]) == (201, "parcel_news")
    assert buyer(bought).case(case["id"])["state"] == "in_mediation"
    assert sorted(ParcelEvent.objects.values_list("code", flat=True)) == ["delivered", "lost"]


def test_a_replacement_that_arrives_starts_the_buyers_time_once():
    bought = order(lines=1)
    case = callers.opened(
        bought,
        reason="missing_items",
        remedy="reship",
        evidence=[{"slot": "photo_contents"}],
    )
    sam = seller(bought)
    case = sam.step(case, "approve").json()
    sam.step(case, "dispatch_replacement", carrier="sf", tracking_no="SF10001")
    shop = service(bought)

    first = shop.post("parcel-events", message())
    second = shop.post("parcel-events", message(id="scan-2"))

    assert (first.json()["step"], second.json()["step"]) == ("replacement_delivered", None)
    assert Parcel.objects.get().scans == 2


def test_a_parcel_that_no_case_knows_is_written_down_once():
    market = world.marketplace()
    shop = service(market)

    answers = [shop.post("parcel-events", message()).status_code for _ in range(2)]

    assert answers == [201, 200]
    assert ParcelEvent.objects.get().parcel is None


def test_a_number_of_another_marketplace_is_unknown(sent):
    other = world.marketplace("souk")

    answer = service(other).post("parcel-events", message())

    assert (answer.status_code, answer.json()["case"]) == (201, None)
    assert Parcel.objects.get().scans == 0


def test_one_number_serves_one_return(sent, nothing_changes):
    bought, _ = sent
    second = order(bought.marketplace)
    case = seller(second).step(callers.opened(second), "approve").json()
    nothing_changes()

    answer = buyer(second).step(case, "ship_return", carrier="sf", tracking_no="SF10001")

    assert problem(answer) == (409, "TRACKING_TAKEN")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"code": "eaten"}, "/code"),
        ({"happened_at": "yesterday"}, "/happened_at"),
        ({"tracking_no": "S F"}, "/tracking_no"),
        ({"id": ""}, "/id"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_message_with_a_mistake(change, where, nothing_changes):
    market = world.marketplace()
    nothing_changes()

    answer = service(market).post("parcel-events", message(**change))

    assert problem(answer) == (400, "INVALID")
    assert [pointer for pointer, _ in pointers(answer)] == [where]
