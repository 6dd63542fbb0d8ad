"""`manage.py sandbox`: what a stranger begins with."""

import json

import pytest
from django.core.management import CommandError, call_command

from cases.models import Marketplace, TestClock
from mediation.steps import database_clock
from tests import world
from tests.api.callers import Caller
from tests.world import day

pytestmark = pytest.mark.django_db


def told(capsys, *arguments, **options):
    call_command("sandbox", *arguments, **options)
    return json.loads(capsys.readouterr().out)


def test_it_makes_a_sandbox_and_tokens_that_work(capsys):
    before = database_clock()

    found = told(capsys)

    market = Marketplace.objects.get(slug="sandbox")
    assert market.is_sandbox
    assert before <= TestClock.objects.get(marketplace=market).at <= database_clock()
    shop = Caller(market, "service")
    shop.client.credentials(HTTP_AUTHORIZATION=f"Bearer {found['service']}")
    assert shop.get("sandbox/clock").status_code == 200
    shop.client.credentials(HTTP_AUTHORIZATION=f"Bearer {found['buyer']}")
    assert shop.get("cases").json()["results"] == []


def test_it_finds_the_one_that_is_there(capsys):
    first = told(capsys, "mine", start="2026-03-02T08:00:00Z")
    again = told(capsys, "mine")

    assert (first["at"], first["at"]) == (again["at"], day(0).isoformat())
    assert Marketplace.objects.count() == 1


def test_another_policy_may_be_chosen(capsys):
    told(capsys, "quick", policy="douyin")

    assert Marketplace.objects.get().policy_name == "douyin"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"start": "yesterday"}, "--start is a moment"),
        ({"start": "2026-03-02T08:00:00"}, "--start is a moment"),
        ({"policy": "no_such"}, "There is no preset"),
    ],
)
def test_what_cannot_be_made_is_not_made(options, error):
    with pytest.raises(CommandError, match=error):
        call_command("sandbox", **options)

    assert Marketplace.objects.count() == 0


def test_a_policy_that_came_later_is_not_in_force_yet():
    world.policy("default", effective_from=day(0))

    with pytest.raises(CommandError, match="not in force yet"):
        call_command("sandbox", start="2026-01-02T08:00:00Z")


def test_a_live_marketplace_is_no_sandbox():
    world.marketplace("live")

    with pytest.raises(CommandError, match="live is a live marketplace"):
        call_command("sandbox", "live")
