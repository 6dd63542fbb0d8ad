"""What follows an event outside: letters and webhooks, once; retries; the broker is not needed."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from cases.models import Clock
from mediation import effects, letters, notices
from mediation.models import Effect
from mediation.steps import lapse
from notifications import post_office
from notifications.attempts import MOST_ATTEMPTS
from notifications.models import Contact, Delivery, Letter, WebhookEndpoint
from tests import world
from tests.world import at, day

pytestmark = pytest.mark.django_db

STATEMENTS = 11  # claim and book in a savepoint (4), read (4), write (2), settle (1)


@pytest.fixture
def found():
    """A case just opened, with both sides within reach by both channels."""
    return world.open_case(reachable(world.order(world.marketplace())))


def reachable(bought):
    for party, name in ((bought.buyer, "bea"), (bought.seller, "sam")):
        for channel, address in (("email", f"{name}@example.com"), ("sms", "+8613800138000")):
            Contact.objects.create(
                recipient_id=party.pk,
                marketplace_id=bought.marketplace_id,
                channel=channel,
                address=address,
            )
    return bought


def endpoint(market):
    return WebhookEndpoint.objects.create(
        marketplace_id=market.pk, url="https://shop.example/", secret="whsec_x"
    )


def run(moment=None):
    return effects.run(clock=at(moment or day(0)))


def written(case):
    rows = Letter.objects.filter(case_id=case.pk).order_by("template", "channel")
    return list(rows.values_list("template", "channel"))


def test_both_sides_hear_of_an_application_by_mail_and_short_message(found):
    assert run() == 1

    assert written(found) == [
        ("open.buyer", "email"),
        ("open.buyer", "sms"),
        ("open.seller", "email"),
        ("open.seller", "sms"),
    ]
    letter = Letter.objects.get(template="open.seller", channel="email")
    assert letter.recipient_id == found.seller_id
    assert letter.params == {
        "case_no": found.number,
        "order_no": found.order.ref,
        "amount": {"minor": 10_000, "currency": "CNY"},
        "remedy": "return_refund",
        "reason": "no_longer_wanted",
        "ruling": "return_refund",
        "state": "awaiting_seller",
        "due": day(2).isoformat(),
        "hours_left": 48,
        "clock": str(Clock.objects.get().pk),
    }


def test_silence_is_told_to_both_sides_with_the_day_of_the_ruling(found):
    run()

    lapse(clock=at(day(2)))
    run(day(2))

    told = Letter.objects.filter(template__startswith="escalate", channel="email")
    assert {letter.template for letter in told} == {"escalate.buyer.clock", "escalate.seller.clock"}
    due = Clock.objects.get(name="ruling").due_at.isoformat()
    assert {letter.params["due"] for letter in told} == {due}


def test_running_effects_twice_changes_nothing(found):
    run()
    Effect.objects.update(done_at=None, due_at=day(0))  # as if nobody had noted the end

    run()

    assert len(written(found)) == 4


def test_what_is_claimed_is_left_alone_until_its_lease_is_over(found, monkeypatch):
    def dies(*args):
        raise SystemExit

    monkeypatch.setitem(effects.HANDLERS, "notify", dies)
    with pytest.raises(SystemExit):
        run()
    monkeypatch.undo()

    assert run() == 0
    assert run(day(0, minutes=10)) == 1
    assert Effect.objects.get().attempts == 2


def test_one_event_that_fails_holds_up_no_other(found, monkeypatch):
    other = world.open_case(world.order(found.marketplace))
    sound = letters._notes

    def sometimes(event, running):
        if event.case_id == found.pk:
            raise ValueError("broken")
        return sound(event, running)

    monkeypatch.setattr(letters, "_notes", sometimes)
    run()

    assert Effect.objects.get(case=other).done_at == day(0)
    failed = Effect.objects.get(case=found)
    assert (failed.done_at, failed.last_error) == (None, "builtins.ValueError")


def test_a_batch_that_fails_as_a_whole_is_tried_one_by_one(found, monkeypatch):
    other = world.open_case(world.order(found.marketplace))
    sound = letters.write

    def bad(batch, clock):
        if any(effect.case_id == found.pk for effect in batch):
            raise ValueError("broken")
        return sound(batch, clock)

    monkeypatch.setitem(effects.HANDLERS, "notify", bad)
    run()

    assert Effect.objects.get(case=other).done_at == day(0)
    assert Effect.objects.get(case=found).last_error == "builtins.ValueError"


def test_an_effect_that_never_succeeds_becomes_a_dead_letter(found, monkeypatch):
    def never(*args):
        raise ValueError("broken")

    monkeypatch.setitem(effects.HANDLERS, "notify", never)
    moment = day(0)
    while Effect.objects.filter(dead_at=None).exists():
        moment = max(moment + timedelta(minutes=1), Effect.objects.get().due_at)
        run(moment)

    effect = Effect.objects.get()
    assert effect.attempts == MOST_ATTEMPTS
    assert timedelta(hours=54) < effect.dead_at - day(0) < timedelta(hours=91)
    assert list(Effect.objects.dead()) == [effect]


def test_live_workers_leave_a_test_clock_s_effects_alone(found):
    clock_id = uuid4()
    Effect.objects.update(clock_id=clock_id)

    assert run(day(9)) == 0
    assert effects.run(clock=at(day(9)), clock_id=clock_id) == 1


def test_only_the_effects_that_were_rung_for_are_carried_out(found):
    other = world.open_case(world.order(found.marketplace))
    wanted = Effect.objects.get(case=other)

    assert effects.run(clock=at(day(0)), only=[wanted.pk]) == 1
    assert Effect.objects.get(done_at=None).case_id == found.pk


def test_a_reminder_is_not_sent_once_the_seller_has_answered(found):
    lapse(clock=at(day(1)))  # half of the time is over
    run(day(1))
    [letter, _] = Letter.objects.filter(template="remind.seller.seller_response")
    assert letters.still_wanted([letter]) == {letter.pk}

    world.do(found, "approve", "seller", when=day(1))

    assert letters.still_wanted([letter]) == set()


def test_a_reminder_goes_to_whom_the_case_waits_for(found):
    lapse(clock=at(day(1)))
    run(day(1))

    told = Letter.objects.filter(template__startswith="remind", channel="email")
    assert [(letter.template, letter.recipient_id) for letter in told] == [
        ("remind.seller.seller_response", found.seller_id)
    ]


def test_the_marketplace_hears_of_every_event_in_order(found):
    endpoint(found.marketplace)
    world.do(found, "approve", "seller", when=day(1))
    run(day(1))

    sent = [json.loads(body) for body in _bodies()]
    assert [(body["sequence"], body["type"], body["state"]) for body in sent] == [
        (1, "case.open", "awaiting_seller"),
        (2, "case.approve", "awaiting_return"),
    ]
    assert set(sent[0]) == {
        "id", "type", "case", "sequence", "role", "before", "state", "at"
    }  # fmt: skip


def _bodies():
    return Delivery.objects.order_by("sequence").values_list("body", flat=True)


@pytest.mark.parametrize("n", [1, 10, 100])
def test_the_letters_of_n_events_take_the_same_statements(n, django_assert_num_queries):
    market = world.marketplace()
    endpoint(market)
    for _ in range(n):
        world.open_case(reachable(world.order(market)))

    with django_assert_num_queries(STATEMENTS):
        run()

    assert Effect.objects.filter(done_at=None).count() == 0
    assert (Letter.objects.count(), Delivery.objects.count()) == (4 * n, n)


def test_letters_speak_the_language_of_the_reader(found, settings):
    settings.NOTIFICATIONS = {
        "KEEP_LETTERS": True,
        "SMS_PROVIDER": "notifications.channels.sms.memory.Memory",
    }
    Contact.objects.filter(recipient_id=found.buyer_id).update(locale="zh-hans")
    run()

    post_office.deliver(clock=at(day(0)), words=notices.words)

    buyer = Letter.objects.get(template="open.buyer", channel="email").rendered
    seller = Letter.objects.get(template="open.seller", channel="email").rendered
    assert ("退货退款" in buyer, "不想要了" in buyer) == (True, True)
    assert ("return and refund" in seller, "no longer wanted" in seller) == (True, True)
