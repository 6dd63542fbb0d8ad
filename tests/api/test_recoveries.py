"""What others owe: listed for the marketplace, told by webhook, and settled by its word."""

import json

import pytest

from cases.models import Event, Recovery
from mediation import letters
from tests import world
from tests.api.callers import order, service, yuan
from tests.mediation.story import market
from tests.mediation.test_advances import GUARANTEE, ruled, story_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed():
    """A seller who owes the platform what it has paid first."""
    story = ruled(GUARANTEE)
    story.gateway("refund_settled")
    story.pass_days(8)
    return Recovery.objects.get()


def test_a_recovery_is_in_the_list_and_in_the_webhook_of_its_event(owed):
    [row] = service(owed.marketplace).get("recoveries", debtor="seller").json()["results"]

    event = Event.objects.get(pk=owed.event_id)
    told = json.loads(letters._announcement(event).body)
    assert told["type"] == "case.finalize"
    assert told["recoveries"] == [
        {"id": str(owed.pk), "debtor": "seller", "creditor": "platform", "amount": yuan("60.00")}
    ]
    assert (row["id"], row["amount"], row["state"]) == (str(owed.pk), yuan("60.00"), "open")
    assert (row["order"], row["refund"]) == (owed.case.order.ref, str(owed.refund_id))
    assert service(owed.marketplace).get("recoveries", state="paid").json()["results"] == []


def test_the_marketplace_tells_once_what_became_of_it(owed):
    shop = service(owed.marketplace)
    path = f"recoveries/{owed.pk}/result"

    answers = [shop.post(path, {"state": "paid", "reference": "R-7"}) for _ in range(2)]
    other = shop.post(path, {"state": "refused"})

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json()["reference"] == "R-7"
    assert (other.status_code, other.json()["code"]) == (409, "NOT_NOW")
    owed.refresh_from_db()
    assert (owed.state, owed.settled_at is None) == ("paid", False)
    assert Event.objects.filter(case=owed.case, name="recovery_settled").count() == 1


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_for_any_number(n, django_assert_num_queries):
    found = market(money={})
    for _ in range(n):
        world.recovery(world.open_case(order(found)))
    shop = service(found)

    with django_assert_num_queries(2):  # marketplace, rows
        assert len(shop.get("recoveries").json()["results"]) == n


def test_what_a_carrier_owes_names_the_parcel():
    story = story_with({}, remedy="return_refund")
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_lost")
    story.mediator("claim")
    story.mediator("rule", remedy="refund_only", fault={"carrier": 100})
    story.pass_days(8)

    [row] = service(story.order.marketplace).get("recoveries").json()["results"]
    assert (row["debtor"], row["creditor"], row["carrier"]) == ("carrier", "seller", "sf")
    assert row["amount"] == yuan("100.00")
