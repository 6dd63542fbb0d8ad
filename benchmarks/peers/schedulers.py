"""Schedulers that people use for deadlines, doing the same job: each case by a task of its own.

A task is in the queue long before its time, so that only running it is measured. Each peer has
two processes and leaves the rows that `lapse` leaves; a test compares them.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import django

django.setup()  # before the models; both peers import this module by its name

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from huey import RedisHuey  # noqa: E402

from benchmarks import databases, fill  # noqa: E402
from benchmarks.servers import running  # noqa: E402
from cases.models import Case, Clock  # noqa: E402
from config import addresses  # noqa: E402
from config.celery import app  # noqa: E402
from mediation import expiry, loading, outbox  # noqa: E402
from mediation.changes import Changes  # noqa: E402
from mediation.steps import database_clock  # noqa: E402

PROCESSES = "2"
HASTE = timedelta(milliseconds=200)  # a clock is due before its task: no task comes too early
PATIENCE = 300  # seconds
LOOK = 0.2  # seconds between two looks at the database
QUEUE = "bench"

huey = RedisHuey(QUEUE, url=addresses.numbered(settings.REDIS_URL, 5), results=False)


def expire(case_id: str, *, clock: Callable[[], datetime] = database_clock) -> None:
    """Let one case's clock run out: what `lapse` does for many."""
    with transaction.atomic(durable=True):
        case = Case.everywhere.select_for_update(of=("self",)).get(pk=UUID(case_id))
        changes = Changes(at=clock())
        loading.load([case], changes, evidence=False, goods=expiry.needs_goods)
        expiry.run_out(case, changes)
        changes.flush()
        transaction.on_commit(lambda: outbox.ring(changes), robust=True)


by_celery = app.task(name="benchmarks.expire", acks_late=False)(expire)  # acknowledged in bulk
by_huey = huey.task(name="expire")(expire)


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A scheduler: how it is started, how it is given a task, how it is known to be up."""

    name: str
    argv: tuple[str, ...]
    schedule: Callable[[str, datetime], object]  # a case's id, aware UTC
    is_up: str  # a word of its log


PEERS = (
    Peer(
        name="celery",
        argv=(
            *(sys.executable, "-m", "celery", "-A", "config", "worker"),
            *(
                "--queues",
                QUEUE,
                "--include",
                "benchmarks.peers.schedulers",
                "--concurrency",
                PROCESSES,
            ),
            *("--prefetch-multiplier", "8", "--hostname", "bench@%h", "--loglevel", "INFO"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        schedule=lambda case_id, at: by_celery.apply_async((case_id,), eta=at, queue=QUEUE),
        is_up=" ready.",
    ),
    Peer(
        name="huey",
        argv=(
            *(sys.executable, "-m", "huey.bin.huey_consumer", "benchmarks.peers.schedulers.huey"),
            *("--worker-type", "process", "--workers", PROCESSES),
        ),
        schedule=lambda case_id, at: by_huey.schedule([case_id], eta=at),
        is_up="Huey consumer started",
    ),
)


def rate(peer: Peer, n: int, logs: Path) -> float:
    """Give the cases per second of a peer, from the moment that all are due to the last commit."""
    log = logs / f"{peer.name}.log"
    with running([*peer.argv], log) as process:
        _wait(lambda: peer.is_up in log.read_text() or process.poll() is not None)
        due_at = _schedule(peer, n)
        _wait(lambda: not Clock.objects.filter(due_at=due_at - HASTE).exists())
        lags = databases.lags(due_at - HASTE, due_at)
    return n / (max(lags) - HASTE.total_seconds())


def _schedule(peer, n):
    """Queue a task for each of n cases that are due at one moment, and give that moment.

    On a slow machine it has passed before the last one is queued: then again, with more time.
    """
    ahead = timedelta(seconds=2 + n / 300)
    while True:
        due_at = datetime.now(UTC) + ahead
        fill.fill(n, first_due=due_at - HASTE)
        cases = Clock.objects.filter(due_at=due_at - HASTE).values_list("case_id", flat=True)
        for case_id in cases:
            peer.schedule(str(case_id), due_at)
        if datetime.now(UTC) < due_at:
            return due_at
        _wait(lambda due_at=due_at: not Clock.objects.filter(due_at=due_at - HASTE).exists())
        ahead *= 2


def _wait(until):
    deadline = time.monotonic() + PATIENCE
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not done within {PATIENCE} s")
        time.sleep(LOOK)
