"""Figures for monitoring, read when somebody asks; config/health.py publishes them."""

from typing import NamedTuple

from django.conf import settings
from django.db import connection
from redis import Redis, RedisError

HEARTBEATS = "mediation:heartbeats"  # in Redis: who gave a sign of life, and when
BEAT = "beat"


class Gauge(NamedTuple):
    """One figure, in Prometheus' terms."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = {}


# Name → help, and the name of the label where there is one. Test clocks are nobody's business.
FIGURES = {
    "mediation_clock_lag_seconds": (
        "Seconds since the oldest clock fell due that nobody has seen to.",
        "",
    ),
    "mediation_clocks_overdue": ("Clocks that fell due more than 2 minutes ago.", "clock"),
    "mediation_clocks_parked": (
        "Clocks put off because their case or complaint cannot move: somebody must look.",
        "",
    ),
    "mediation_oldest_due_seconds": (
        "Seconds since the oldest row of a queue fell due that nobody has tried.",
        "queue",
    ),
    "mediation_dead_letters": (
        "Rows of a queue that were given up and that nobody has looked at.",
        "queue",
    ),
    "mediation_refunds_stuck": (
        "Refunds that were decided more than 15 minutes ago and are not paid.",
        "",
    ),
    "mediation_disputes_overdue": (
        "Disputes that nobody took or decided in time: the supervisor's queue.",
        "",
    ),
}
FIGURES_SQL = """
WITH due AS (
    SELECT 'effects' AS queue, min(due_at) AS since FROM mediation_effect
    WHERE done_at IS NULL AND dead_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'letters', min(due_at) FROM notifications_letter
    WHERE done_at IS NULL AND dead_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'webhooks', min(due_at) FROM notifications_delivery
    WHERE done_at IS NULL AND dead_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'thumbnails', min(due_at) FROM mediation_thumbnail
    WHERE done_at IS NULL AND dead_at IS NULL AND clock_id IS NULL
), dead AS (
    SELECT 'effects' AS queue, count(*) AS letters FROM mediation_effect
    WHERE dead_at IS NOT NULL AND discarded_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'letters', count(*) FROM notifications_letter
    WHERE dead_at IS NOT NULL AND discarded_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'webhooks', count(*) FROM notifications_delivery
    WHERE dead_at IS NOT NULL AND discarded_at IS NULL AND clock_id IS NULL
    UNION ALL
    SELECT 'thumbnails', count(*) FROM mediation_thumbnail
    WHERE dead_at IS NOT NULL AND discarded_at IS NULL AND clock_id IS NULL
)
SELECT 'mediation_clock_lag_seconds', '',
    coalesce(greatest(0, extract(epoch FROM statement_timestamp() - least(
        (SELECT min(next_at) FROM cases_clock WHERE clock_id IS NULL),
        (SELECT min(next_at) FROM cases_complaint WHERE clock_id IS NULL)))), 0)
UNION ALL
SELECT 'mediation_clocks_overdue', name, count(*) FROM cases_clock
WHERE clock_id IS NULL AND next_at < statement_timestamp() - interval '2 minutes' GROUP BY name
UNION ALL
SELECT 'mediation_clocks_overdue', 'complaint_' || clock, count(*) FROM cases_complaint
WHERE clock_id IS NULL AND next_at < statement_timestamp() - interval '2 minutes' GROUP BY clock
UNION ALL
SELECT 'mediation_clocks_parked', '', (
    SELECT count(*) FROM cases_clock WHERE parked > 0 AND clock_id IS NULL) + (
    SELECT count(*) FROM cases_complaint
    WHERE parked > 0 AND next_at IS NOT NULL AND clock_id IS NULL)
UNION ALL
SELECT 'mediation_oldest_due_seconds', queue,
    coalesce(greatest(0, extract(epoch FROM statement_timestamp() - since)), 0)
FROM due
UNION ALL
SELECT 'mediation_dead_letters', queue, letters FROM dead
UNION ALL
SELECT 'mediation_refunds_stuck', '', count(*)
FROM cases_refund AS refund JOIN cases_case AS held ON held.id = refund.case_id
WHERE refund.state = 'pending' AND held.clock_id IS NULL
    AND refund.decided_at < statement_timestamp() - interval '15 minutes'
UNION ALL
SELECT 'mediation_disputes_overdue', '', count(*) FROM cases_docket
WHERE supervisor AND clock_id IS NULL
"""


def gauges() -> list[Gauge]:
    """List the figures of the process, whether or not the broker answers.

    :raises django.db.DatabaseError: the database does not answer
    """
    try:
        ages = heartbeat_ages()
    except RedisError:
        ages = []
    return [*work(), *ages]


def work() -> list[Gauge]:
    """Tell what of the work is late, stuck or given up: one statement over partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_SQL)
        rows = cursor.fetchall()
    found = []
    for name, value_of_label, value in rows:
        text, label = FIGURES[name]
        found.append(Gauge(name, text, float(value), {label: value_of_label} if label else {}))
    return found


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
