"""Clocks run out in time: with and without a broker, after the database was away, until a stop."""

import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import connection

from cases.models import Case, ComplaintEvent, Event
from cases.models.policy import publish
from config import addresses
from config.celery import app
from mediation import bell, steps
from mediation.wake import Waker
from tests import complaint_world, world
from tests.workers import until, worker

pytestmark = pytest.mark.django_db(transaction=True)

LATE = 3  # seconds; without the thread it is 10 or never, on a quiet machine a few ms
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def waker():
    thread = Waker()
    thread.start()
    yield thread
    thread.stop()
    assert not thread.is_alive()


@pytest.fixture
def market():
    """A marketplace whose sellers have one second, without a reminder."""
    return with_seconds(world.marketplace(), 1)


def with_seconds(market, seconds):
    source = f"""
        name = "within_{seconds}"
        title = {{en = "Quick", zh = "快"}}
        inherits = "default"
        demo = true
        [clocks]
        seller_response = {{length = "{seconds}s", remind = []}}
        [complaints]
        hearing = "{seconds}s"
    """
    publish(source, effective_from=world.day(-365), at=world.day(-365))
    market.policy_name = f"within_{seconds}"
    market.save()
    return market


def opened(market):
    """A case that is opened at this moment, in real time."""
    moment = steps.database_clock()
    bought = world.order(market, delivered=moment - timedelta(days=1))
    return world.open_case(bought, when=moment)


def escalated(found):
    return Event.objects.filter(case=found, name="escalate").first()


def lag(found):
    event = escalated(found)
    return (event.at - event.due_at).total_seconds()


def test_a_clock_runs_out_when_it_is_due_and_not_before(market, waker):
    found = opened(market)
    assert escalated(found) is None

    until(lambda: escalated(found))

    assert 0 <= lag(found) < LATE


def test_a_clock_that_comes_soon_wakes_a_sleeper(market, waker):
    time.sleep(0.3)  # nothing is running: it sleeps for ten seconds

    found = opened(market)

    until(lambda: escalated(found), seconds=5)
    assert lag(found) < LATE


def test_the_clock_of_a_complaint_wakes_it_too(market, waker):
    time.sleep(0.3)
    found = opened(market)
    now = steps.database_clock()
    world.do(found, "refuse", "seller", when=now, reason="facts_differ", statement="No.")

    complaint_world.complain(found, when=steps.database_clock())  # no other clock is near

    until(lambda: ComplaintEvent.objects.filter(name="close_hearing").exists(), seconds=5)
    event = ComplaintEvent.objects.get(name="close_hearing")
    assert 0 <= (event.at - event.due_at).total_seconds() < LATE


def test_only_a_clock_that_comes_soon_is_announced(market):
    with psycopg.connect(**psycopg_params(), autocommit=True) as listener:
        listener.execute("LISTEN mediation_clocks")

        opened(with_seconds(market, 11))
        assert list(listener.notifies(timeout=0.2)) == []

        opened(with_seconds(market, 9))
        assert len(list(listener.notifies(timeout=0.2, stop_after=1))) == 1


def test_a_test_clock_s_clocks_are_left_alone(market, waker):
    sandbox = world.marketplace("sandbox", clock_id=world.uuid4())
    found = opened(with_seconds(sandbox, 1))
    live = opened(market)

    until(lambda: escalated(live))

    assert escalated(found) is None


def test_clocks_run_out_with_the_broker_dead(market, waker):
    with broker_at(DEAD):
        cases = [opened(market) for _ in range(5)]
        until(lambda: all(escalated(found) for found in cases))

        assert max(map(lag, cases)) < LATE


def test_the_thread_outlives_a_restart_of_the_database(market, waker):
    time.sleep(0.3)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert len(cursor.fetchall()) >= 2  # it held a connection to work with and one to listen

    found = opened(market)

    until(lambda: escalated(found), seconds=5)


def test_a_stop_lets_the_run_that_has_begun_come_to_its_end(market, monkeypatch):
    found = opened(market)
    sound = steps._claim

    def slowly(*args):
        claimed = sound(*args)
        time.sleep(0.5 if claimed else 0)
        return claimed

    monkeypatch.setattr(steps, "_claim", slowly)
    thread = Waker()
    thread.start()
    time.sleep(1.25)
    thread.stop()

    assert escalated(found) is not None
    assert thread.is_alive() is False


def test_two_of_them_let_each_clock_run_out_once(market):
    cases = [opened(market) for _ in range(30)]
    threads = [Waker(), Waker()]
    for thread in threads:
        thread.start()
    until(lambda: Case.everywhere.filter(state="in_mediation").count() == len(cases))
    for thread in threads:
        thread.stop()

    assert Event.objects.filter(name="escalate").count() == len(cases)


@pytest.mark.parametrize(("queue", "runs"), [("deadlines", True), ("letters", False)])
def test_the_workers_on_the_queue_of_deadlines_have_the_thread(market, queue, runs, monkeypatch):
    begun = []
    monkeypatch.setattr(Waker, "run", lambda _self: begun.append(queue))
    with start_worker(app, perform_ping_check=False, pool="solo", queues=[queue]):
        pass
    app.amqp.queues.select(settings.QUEUES)

    assert bool(begun) is runs


def test_a_worker_that_starts_while_the_broker_is_dead_sees_to_the_clocks(market):
    found = opened(market)
    with worker("deadlines", REDIS_URL=DEAD):
        until(lambda: escalated(found), seconds=30)


def psycopg_params():
    params = {**connection.get_connection_params()}
    return {name: params[name] for name in ("dbname", "user", "host", "port") if name in params}


@contextmanager
def broker_at(url):
    before = app.conf.broker_url
    app.conf.update(broker_url=addresses.broker(url))
    try:
        yield
    finally:
        app.conf.update(broker_url=before)
        bell.bell.silent_until = 0
