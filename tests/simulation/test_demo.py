"""The demo: set up again and again, played through by its people and its clocks."""

import io
from datetime import timedelta

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from rich.console import Console

from cases.models import Case, Marketplace, Order, Party, Refund
from cases.roles import Role
from mediation import steps
from mediation.management.commands.watch import look
from mediation.simulation import demo
from mediation.simulation.feed import Feed
from mediation.simulation.stage import STORIES, Stage
from notifications.models import Contact, Letter
from tests import world
from tests.checkout import until
from tests.sizes import size
from tests.world import at, day

pytestmark = pytest.mark.django_db
PATIENCE = size(60, 600)  # seconds: any transaction on the server holds the feed back


def play(stage, start, seconds):
    """Let the people act and the clocks run, second by second."""
    for second in range(seconds):
        moment = start + timedelta(seconds=second)
        steps.lapse(clock=at(moment))
        assert stage.act(moment, clock=at(moment)) == []
        for refund in Refund.objects.filter(state="pending"):
            case = world.case(refund.case_id)
            world.do(case, "refund_settled", Role.GATEWAY, when=moment, refund=refund.id)


def test_setting_up_again_changes_nothing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    call_command("demo", stdout=io.StringIO())
    before = [list(model.objects.values()) for model in (Marketplace, Contact)]
    orders = Order.everywhere.count()
    call_command("demo", stdout=io.StringIO())

    assert [list(model.objects.values()) for model in (Marketplace, Contact)] == before
    assert Order.everywhere.count() == orders == demo.STOCK


def test_each_party_is_reached_by_mail_and_short_message_and_the_sides_read_other_languages():
    market = demo.marketplace(day(0))
    [bought] = demo.buy(market, 1, at=day(0))

    found = {
        party.role: sorted(
            Contact.objects.filter(recipient_id=party.id).values_list("channel", "locale")
        )
        for party in Party.everywhere.filter(id__in=[bought.buyer_id, bought.seller_id])
    }
    assert found == {
        "buyer": [("email", "zh-hans"), ("sms", "zh-hans")],
        "seller": [("email", "en"), ("sms", "en")],
    }


def test_within_two_minutes_silence_escalates_a_return_is_refunded_and_a_seller_answers():
    stage = Stage(demo.marketplace(day(0)), day(0))
    play(stage, day(0), 120)

    cases = {case.reason: case for case in Case.everywhere.all()}
    silent = cases["counterfeit"]
    assert (silent.dispute.state, silent.docket.terms["harm"]) == ("queued", 24)
    assert silent.events.get(name="escalate").role == "clock"
    returned = cases["quality"]
    assert returned.events.get(name="accept_return").role == "clock"
    assert returned.refunds.get().state == "succeeded"
    answered = cases["seven_day_no_reason"]
    assert answered.events.get(name="approve").role == "seller"
    assert stage.parts == []
    assert {reason: case.state for reason, case in cases.items()} == {
        "counterfeit": "in_mediation",
        "quality": "completed",
        "seven_day_no_reason": "completed",
        "not_as_described": "awaiting_return",
        "late": "completed",
        "wrong_item": "completed",
    }


def test_a_refused_cue_is_told():
    market = demo.marketplace(day(0))
    stage = Stage(market, day(0), STORIES[:1])
    [part] = stage.parts
    stage.parts.append(part._replace(case_id=world.uuid4()))

    assert stage.act(part.at, clock=at(part.at))[0].code == "QUANTITY_TAKEN"


@pytest.mark.django_db(transaction=True)
def test_a_line_is_told_for_each_event_and_its_letters_once_with_addresses_masked():
    told = io.StringIO()
    console = Console(file=told, width=200, soft_wrap=True)
    market = demo.marketplace(day(0))
    feed = Feed()
    stage = Stage(market, day(0), STORIES[:1])
    moment = stage.parts[0].at

    def until_told(lines):
        until(
            lambda: look(feed, None, console) or told.getvalue().count("\n") >= lines,
            seconds=PATIENCE,
        )

    stage.act(moment, clock=at(moment))
    until_told(1)
    lapsed = moment + timedelta(seconds=30)
    steps.lapse(clock=at(lapsed))
    event = Case.everywhere.get().events.get(name="escalate")
    for contact in Contact.objects.all():
        Letter.objects.create(
            case_id=event.case_id,
            event_id=event.id,
            recipient_id=contact.recipient_id,
            marketplace_id=market.id,
            channel=contact.channel,
            template="escalate.buyer.clock",
            locale="en",
            outcome="sent",
            due_at=lapsed,
            done_at=lapsed,
        )
    until_told(3)

    case = Case.everywhere.get()
    lines = [line.split("  ", 2) for line in told.getvalue().splitlines()]
    assert [number for _, number, _ in lines] == [case.number] * 3
    assert lines[0][0] == f"{moment.astimezone():%H:%M:%S}"
    first, second, third = (what for _, _, what in lines)
    assert first.startswith("buyer: open (Counterfeit, Return and refund, ")
    assert first.endswith(" CNY) → awaiting seller; seller has 30 s")
    assert second.startswith("seller silent for 30 s → in mediation; queued, rank ")
    assert "\N{MINUS SIGN}24 h counterfeit" in second
    assert third.startswith("letters about escalate: buyer ")
    assert "***@buyers.example" in third
    assert "+12 *** 0" in third
    assert case.buyer.ref + "@" not in third


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_not_skipped():
    market = demo.marketplace(day(0))
    stage = Stage(market, day(0), STORIES[:1])
    feed = Feed()
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute("SELECT pg_current_xact_id()")  # an older transaction that may still write
        stage.act(stage.parts[0].at, clock=at(day(1)))

        assert feed.look() == []

    names = []
    until(lambda: names.extend(t.name for t in feed.look()) or names, seconds=PATIENCE)
    assert names == ["open"]


@pytest.mark.django_db(transaction=True)
def test_what_a_test_clock_moves_is_not_told():
    market = world.marketplace(clock_id=world.uuid4())
    feed = Feed()
    world.open_case(world.order(market))

    assert feed.look() == []
