"""Real Celery workers and beat for the tests, as programs of their own, and a broker to break."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import connection

from config import addresses
from config.celery import app
from config.stack import valkey
from config.stack.place import temporary_place
from mediation import bell

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


class Broker:
    """A Valkey of its own, to be emptied and stopped."""

    def __init__(self, place):
        self.place, self.process = place, None
        self.start()

    @property
    def url(self):
        return valkey.url(self.place)

    def start(self):
        self.process = subprocess.Popen(
            valkey.command(self.place),
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.place.account.rights(),
        )
        until(lambda: valkey.is_ready(self.place))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def listeners(self):
        """Count the workers that have come up: each has a box for remote control."""
        with redis.Redis.from_url(self.url) as client:
            return client.scard("_kombu.binding.celery.pidbox")

    def forget_everything(self):
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextlib.contextmanager
def broker():
    """Run a broker, for the programs of a test and for the test itself."""
    with temporary_place() as place:
        own = Broker(place)
        before = app.conf.broker_url
        app.conf.update(broker_url=addresses.broker(own.url))
        try:
            yield own
        finally:
            app.conf.update(broker_url=before)
            bell.bell.silent_until = 0
            own.stop()
