"""Liveness, readiness and metrics, with the broker there and with the broker gone."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from redis import Redis

from config.celery import Scheduler, app, canary
from mediation import metrics

GONE = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def redis():
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


def figures():
    text = Client().get("/metrics").content.decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_process_that_answers_lives():
    assert Client().get("/livez").json() == {"status": "ok"}


def test_ready_means_database_broker_and_migrations(redis):
    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok", "migrations": "ok"}


def test_without_its_broker_a_process_is_not_ready_and_says_why(settings):
    settings.REDIS_URL = GONE

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "broker": "failed", "migrations": "ok"}


def test_a_process_newer_than_its_database_is_not_ready(redis):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "broker": "ok", "migrations": "failed"}


def test_metrics_tell_what_waits_in_each_queue_and_what_workers_hold(redis):
    with app.connection_for_write() as publisher:
        for queue in ("letters", "letters", "deadlines"):
            canary.apply_async(queue=queue, connection=publisher)
    redis.hset("unacked", "a message", "held")

    found = figures()

    assert found["mediation_broker_up"] == 1
    assert found['mediation_queue_depth{queue="letters"}'] == 2
    assert found['mediation_queue_depth{queue="deadlines"}'] == 1
    assert found['mediation_queue_depth{queue="effects"}'] == 0
    assert found["mediation_queue_unacked"] == 1


def test_without_its_broker_the_metrics_still_come_and_say_so(settings):
    settings.REDIS_URL = GONE

    assert figures()["mediation_broker_up"] == 0


def test_a_heartbeat_ages(redis):
    seconds, _ = redis.time()
    redis.hset(metrics.HEARTBEATS, "letters", seconds - 90)

    [gauge] = metrics.heartbeat_ages()

    assert gauge.labels == {"name": "letters"}
    assert 90 <= gauge.value < 95


def test_beat_leaves_a_heartbeat_with_each_tick(redis, tmp_path):
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "beat"))
    scheduler.tick()
    scheduler.close()

    assert set(redis.hgetall(metrics.HEARTBEATS)) == {b"beat"}


def test_beat_outlives_its_broker(settings, tmp_path):
    settings.REDIS_URL = GONE
    scheduler = Scheduler(app, schedule_filename=str(tmp_path / "beat"))

    assert scheduler.tick() > 0

    scheduler.close()


def test_every_queue_gets_its_own_messages_only(redis):
    with app.connection_for_write() as publisher:
        canary.apply_async(queue="effects", connection=publisher)

    assert {name: redis.llen(name) for name in settings.QUEUES} == {
        "deadlines": 0,
        "effects": 1,
        "letters": 0,
    }


@pytest.mark.parametrize(
    ("task", "queue"), [("lapse", "deadlines"), ("run_effects", "effects"), ("deliver", "letters")]
)
def test_each_kind_of_work_has_its_queue(task, queue):
    route = app.amqp.router.route({}, f"mediation.tasks.{task}")

    assert route["queue"].name == queue


def test_a_canary_shows_that_the_worker_of_a_queue_takes_messages(redis):
    with app.connection_for_write() as publisher:
        canary.apply_async(queue="letters", connection=publisher)
        message = app.amqp.queues["letters"].bind(publisher.default_channel).get(no_ack=True)
    canary.push_request(delivery_info=message.delivery_info)
    try:
        canary.run()
    finally:
        canary.pop_request()

    assert set(redis.hgetall(metrics.HEARTBEATS)) == {b"letters"}


def test_times_are_utc():
    assert (settings.TIME_ZONE, settings.USE_TZ) == ("UTC", True)


def test_no_page_may_load_anything_from_another_host():
    policy = Client().get("/api/docs/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "http" not in policy
