"""Real Celery workers and beat for the tests, as programs of their own, and a broker to break."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

QUIET = ("--without-gossip", "--without-mingle", "--loglevel", "WARNING")


def environment(**more):
    """What a program of ours needs to work on the database and the broker of this test."""
    name = connection.settings_dict["NAME"]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {**os.environ, "DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, **more}


def until(condition, *, seconds=10.0):
    """Wait for something to become true.

    :raises AssertionError: it did not in time
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


@contextlib.contextmanager
def program(*arguments, log=None, **env):
    """Run `celery …` in a group of its own; nothing of it is left afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", *arguments],
        env=environment(**env),
        cwd=settings.BASE_DIR,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        kill(process)


def worker(queue, *, name="worker", processes=1, log=None, **env):
    """Run a worker of one queue."""
    options = ("--queues", queue, "--hostname", f"{name}@%h", "--concurrency", str(processes))
    return program("worker", *options, *QUIET, log=log, **env)


def kill(process):
    """`kill -9`, children too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
