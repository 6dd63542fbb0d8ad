"""Figures for monitoring, read when somebody asks; config/health.py publishes them."""

from typing import NamedTuple

from django.conf import settings
from redis import Redis

HEARTBEATS = "mediation:heartbeats"  # in Redis: who gave a sign of life, and when
BEAT = "beat"


class Gauge(NamedTuple):
    """One figure, in Prometheus' terms."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = {}


def gauges() -> list[Gauge]:
    """List the figures of the process.

    :raises redis.RedisError: the broker does not answer
    """
    return heartbeat_ages()


def leave_heartbeat(name: str) -> None:
    """Note that somebody lives: a queue when its worker ran a task, or `beat`.

    The time is that of Redis, so that the clocks of several hosts need not agree.
    """
    with broker() as redis:
        seconds, microseconds = redis.time()
        redis.hset(HEARTBEATS, name, f"{seconds}.{microseconds:06}")


def heartbeat_ages() -> list[Gauge]:
    """Tell for beat and each queue how many seconds ago it gave a sign of life; not if never."""
    with broker() as redis:
        seconds, microseconds = redis.time()
        seen = redis.hgetall(HEARTBEATS)
    now = seconds + microseconds / 1e6
    return [
        Gauge(
            "mediation_heartbeat_age_seconds",
            "Seconds since beat ticked, or since the worker of a queue ran a canary task.",
            round(now - float(at), 3),
            {"name": name.decode()},
        )
        for name, at in sorted(seen.items())
    ]


def broker() -> Redis:
    """Connect to Redis, for questions that must not hang: two seconds at most."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
