"""The broker rings, and holds nobody up: not when it is down, not when it says nothing."""

import socket
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from celery.contrib.testing.worker import start_worker
from django.conf import settings

from config import addresses
from config.celery import app
from mediation import bell, steps, tasks
from mediation.bell import Bell
from mediation.models import Effect
from notifications.models import Contact, Letter
from tests import world
from tests.workers import broker, until

TASK = "mediation.tasks.run_effects"
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def at_address():
    """Point the application to another broker, for one test."""
    before = app.conf.broker_url

    def point(url):
        app.conf.update(broker_url=addresses.broker(url))

    yield point
    app.conf.update(broker_url=before)
    bell.bell.silent_until = 0


@pytest.fixture
def queue():
    """What waits for the workers on effects."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("effects")
        yield lambda: client.llen("effects")
        client.delete("effects")


def timed(call):
    started = time.monotonic()
    return call(), time.monotonic() - started


def test_a_ring_is_one_message_per_call(queue):
    assert Bell().ring(TASK, [[["a"]], [["b", "c"]]]) is True
    assert queue() == 2

    assert Bell().ring(TASK) is True
    assert queue() == 3


def test_a_dead_broker_is_noticed_at_once(at_address):
    at_address(DEAD)

    rang, seconds = timed(lambda: Bell().ring(TASK))

    assert rang is False
    assert seconds < 1


def test_a_broker_that_says_nothing_costs_two_short_waits_and_then_none(at_address):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at_address(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        own = Bell()

        rang, first = timed(lambda: own.ring(TASK))
        again, next_ones = timed(lambda: [own.ring(TASK) for _ in range(100)])

    assert (rang, set(again)) == (False, {False})
    assert 2 * bell.PATIENCE <= first < 4 * bell.PATIENCE
    assert next_ones < 0.1


def test_it_rings_again_once_the_broker_is_back(at_address, queue):
    own = Bell()
    at_address(DEAD)
    own.ring(TASK)
    at_address(settings.REDIS_URL)
    assert own.ring(TASK) is False  # it is left alone for five seconds

    own.silent_until = time.monotonic()

    assert own.ring(TASK) is True
    assert queue() == 1


def test_a_connection_from_before_the_broker_s_restart_is_made_anew():
    with broker() as own:
        assert bell.ring(TASK) is True
        own.stop()
        own.start()

        assert bell.ring(TASK) is True


# From a step to a letter, with real workers


@pytest.mark.django_db(transaction=True)
def test_a_step_rings_and_the_letters_go_out():
    moment = steps.database_clock()
    bought = world.order(world.marketplace(), delivered=moment - timedelta(days=1))
    Contact.objects.create(
        recipient_id=bought.buyer_id,
        marketplace_id=bought.marketplace_id,
        channel="email",
        address="bea@example.com",
    )
    with broker(), working("effects", "letters"):
        world.open_case(bought, when=moment)
        until(lambda: Letter.objects.filter(outcome=Letter.Outcome.SENT).exists(), seconds=20)

    assert Letter.objects.get().template == "open.buyer"
    assert Effect.objects.filter(done_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_was_not_rung_for_is_found_by_the_sweep(at_address):
    moment = steps.database_clock()
    at_address(DEAD)
    world.open_case(world.order(world.marketplace(), delivered=moment), when=moment)
    assert Effect.objects.filter(done_at=None).count() == 1

    tasks.run_effects()  # as beat asks for, every 30 seconds

    assert Effect.objects.filter(done_at=None).count() == 0


def working(*queues):
    """A worker in a thread of this process."""
    app.amqp.queues.select(settings.QUEUES)
    return start_worker(app, perform_ping_check=False, pool="solo", queues=list(queues))


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_ran_out_returns_the_dispute():
    moment = steps.database_clock()
    bought = world.order(world.marketplace(), delivered=moment - timedelta(days=9))
    case = world.open_case(bought, when=moment - timedelta(days=3))
    steps.lapse(clock=lambda: moment - timedelta(hours=1))
    mediator = steps.Actor(role="mediator", person="max")
    inputs = {"lease": uuid4(), "until": moment}
    claim = steps.Wish(case_id=case.pk, step="claim", by=mediator, inputs=inputs)
    steps.take([claim], clock=lambda: moment - timedelta(minutes=30))
    assert world.case(case.pk).dispute.state == "in_review"

    tasks.return_leases()

    assert world.case(case.pk).dispute.state == "queued"
