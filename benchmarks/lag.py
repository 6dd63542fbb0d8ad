"""How long after its end a clock's consequence is committed, by a worker as it runs in production.

The worker is that of `make up`: Celery with the wake bootstep, on the queue `deadlines`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import psutil

from benchmarks import databases, fill
from benchmarks.measuring import percentile
from benchmarks.servers import running
from config.stack import programs

START = 20  # seconds that the worker and the fill may take
PATIENCE = 60  # seconds after the last clock
MEGABYTE = 1_000_000
LOOK = 1.0  # seconds between two looks at the memory


@dataclass
class Memory:
    """The most memory that a program and its children have taken together, in bytes."""

    process: Popen
    most: int = 0

    def watch(self, stop: threading.Event) -> None:
        leader = psutil.Process(self.process.pid)
        while not stop.wait(LOOK):
            family = [leader, *leader.children(recursive=True)]
            self.most = max(self.most, sum(member.memory_info().rss for member in family))


@dataclass(frozen=True, kw_only=True)
class Lags:
    """Seconds from due to committed, and what the worker took for it."""

    seconds: list[float]
    worker_mb: float

    def percentile(self, percent: int) -> float:
        """Give the lag that so many percent of the clocks stay under or at."""
        return percentile(self.seconds, percent)


def measure(
    *, per_second: int, seconds: int, logs: Path, disturb: Callable[[], None] | None = None
) -> Lags:
    """Let clocks fall due evenly while a worker sees to them.

    :param disturb: done once the worker runs, before the first clock is due
    :raises TimeoutError: not all were committed `PATIENCE` seconds after the last was due
    :raises RuntimeError: the machine is too slow to fill in time
    """
    worker = programs.worker("deadlines")
    n = per_second * seconds
    databases.fresh()
    with running(worker.argv, logs / "lag.log", worker.env) as process:
        first = datetime.now(UTC) + timedelta(seconds=START)
        fill.fill(n, first_due=first, step=timedelta(seconds=1) / per_second)
        last = first + timedelta(seconds=seconds)
        if datetime.now(UTC) > first:
            raise RuntimeError(f"{n} cases could not be filled in within {START} s")
        memory, stop = Memory(process), threading.Event()
        watcher = threading.Thread(target=memory.watch, args=[stop], daemon=True)
        watcher.start()
        _sleep_until(first - timedelta(seconds=START / 4))
        if disturb is not None:
            disturb()
        _sleep_until(last)
        found = _all(n, first, last)
        stop.set()
        watcher.join()
    return Lags(seconds=found, worker_mb=memory.most / MEGABYTE)


def _all(n, first, last):
    while len(found := databases.lags(first, last)) < n:
        if datetime.now(UTC) > last + timedelta(seconds=PATIENCE):
            raise TimeoutError(f"of {n} clocks {len(found)} have run out")
        time.sleep(LOOK)
    return found


def _sleep_until(moment):
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
