"""Contacts: told by the marketplace, kept out of every answer."""

import json

import pytest

from cases.models import Party
from notifications.models import Contact
from tests import world
from tests.api.callers import Caller, service
from tests.api.problems import pointers, problem
from tests.mediation.story import Story

pytestmark = pytest.mark.django_db

TOLD = {
    "language": "zh-hans",
    "time_zone": "Asia/Shanghai",
    "email": "bea@example.com",
    "sms": "+86 138 0013 8000",
    "quiet_from": "22:00",
    "quiet_until": "08:00",
}


@pytest.fixture
def market():
    market = world.marketplace()
    world.party(market, "buyer", "bea")
    return market


def kept():
    return list(Contact.objects.order_by("channel").values_list("channel", "address", "locale"))


def test_contacts_are_kept_and_shown_masked(market):
    answer = service(market).put("parties/buyer/bea/contacts", TOLD)

    assert answer.status_code == 200
    assert answer.json()["contacts"] == [
        {"channel": "email", "address": "b***@example.com"},
        {"channel": "sms", "address": "+86 *** 8000"},
    ]
    assert kept() == [("email", "bea@example.com", "zh-hans"), ("sms", "+8613800138000", "zh-hans")]


def test_what_is_left_out_is_forgotten(market):
    service(market).put("parties/buyer/bea/contacts", TOLD)

    service(market).put("parties/buyer/bea/contacts", {"language": "en", "email": "b@example.com"})

    assert kept() == [("email", "b@example.com", "en")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"sms": "12345"}, "/sms"),
        ({"email": "bea"}, "/email"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"language": "xx"}, "/language"),
        ({"fax": "1"}, "/fax"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_kept(market, change, pointer):
    answer = service(market).put("parties/buyer/bea/contacts", TOLD | change)

    assert answer.status_code == 400
    assert [where for where, _ in pointers(answer)] == [pointer]
    assert change.get("sms", "no number") not in json.dumps(answer.json())
    assert kept() == []


def test_only_the_marketplace_itself_tells_contacts(market):
    answer = Caller(market, "buyer", "bea").put("parties/buyer/bea/contacts", TOLD)

    assert problem(answer) == (403, "NOT_YOUR_ROLE")
    assert kept() == []


def test_a_party_of_another_marketplace_does_not_exist(market):
    other = world.marketplace("souk")

    answer = service(other).put("parties/buyer/bea/contacts", TOLD)

    assert problem(answer) == (404, "NOT_FOUND")


@pytest.mark.requirement("D03")
def test_the_address_for_returns_is_told_to_both_sides_while_goods_go_back(stand_at):
    story = Story()
    address = "Returns, Gate 4, 510000 Guangzhou, 广州市"
    shop, market = story.order.seller.ref, story.order.marketplace
    told = {"language": "en", "return_address": address}
    assert service(market).put(f"parties/seller/{shop}/contacts", told).status_code == 200
    sides = [Caller(market, role, getattr(story.order, role).ref) for role in ("buyer", "seller")]

    def shown():
        stand_at(story.now)
        return [side.case(story.id)["return_address"] for side in sides]

    before = shown()
    story.seller("approve")
    while_it_goes_back = shown()
    story.buyer("ship_return")
    story.carrier("return_delivered")

    assert (before, while_it_goes_back, shown()) == ([""] * 2, [address] * 2, [""] * 2)
    service(market).put(f"parties/seller/{shop}/contacts", {"language": "en"})
    assert Party.everywhere.get(role="seller", ref=shop).return_address == ""


def test_goods_are_not_sent_back_to_buyers(market):
    answer = service(market).put("parties/buyer/bea/contacts", TOLD | {"return_address": "Home"})

    assert answer.status_code == 400
    assert pointers(answer) == [("/return_address", "not_a_shop")]
    assert kept() == []
