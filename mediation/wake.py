"""Wakes clocks in time: a thread of the Celery workers on the queue `deadlines`.

It sleeps until the earliest clock is due and lets it run out, here, in this process: the broker is
not on the way from due to done. NOTIFY wakes it early for a clock that comes sooner than its next
look. Any number of workers may do the same at once: what one has locked, the others skip.
"""

import gc
import logging
import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from celery import bootsteps
from django.db import Error as DatabaseError
from django.db import connection, connections

from cases.reading import prepared
from mediation import steps
from mediation.changes import CHANNEL, WAKE_WINDOW
from mediation.complaints import writer as complaints

log = logging.getLogger(__name__)

QUEUE = "deadlines"
BETWEEN_TRIES = 1.0  # seconds, while the database does not answer
WHILE_LOCKED = 0.02  # seconds, while what is due is in the hands of another worker
GOODBYE = 30.0  # seconds that a run which has begun may take at a stop
NEW_OBJECTS = 20_000  # after which Python looks for garbage; its default is 700
# The seconds to the earliest clock of a case, and to that of a complaint; NULL: there is none.
FIRST = """
(SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM {table}
WHERE clock_id IS NULL AND next_at IS NOT NULL ORDER BY next_at LIMIT 1)
"""
NEXT = "SELECT {}, {}".format(
    *(FIRST.format(table=table) for table in ("cases_clock", "cases_complaint"))
)


class Waker(threading.Thread):
    """Lets clocks run out when they are due, until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="waker", daemon=True)
        self._stopped = threading.Event()
        self._hears_stop, self._says_stop = os.pipe()

    def run(self) -> None:
        collect_seldom()
        try:
            while not self._stopped.is_set():
                try:
                    with _listening() as listener:
                        self._watch(listener)
                except (DatabaseError, psycopg.Error) as error:
                    log.warning("clocks cannot be woken, trying again: %s", error)
                    self._stopped.wait(BETWEEN_TRIES)
                except Exception:
                    log.exception("clocks cannot be woken, trying again")
                    self._stopped.wait(BETWEEN_TRIES)
        finally:
            connection.close()
            os.close(self._hears_stop)

    def stop(self) -> None:
        """Let what has begun come to its end, and nothing else begin."""
        if not self._stopped.is_set():
            self._stopped.set()
            os.close(self._says_stop)
        if self.is_alive():
            self.join(GOODBYE)

    def _watch(self, listener: psycopg.Connection) -> None:
        in_vain, complaints_due = False, True
        while not self._stopped.is_set():
            worked = bool(steps.lapse())
            if complaints_due:
                worked = bool(complaints.lapse()) or worked
            of_cases, of_complaints = _until_next()
            pause, complaints_due = min(of_cases, of_complaints), of_complaints <= 0
            if pause <= 0 and (worked or not in_vain):  # more is due, or is in this very moment
                in_vain = not worked
                continue
            in_vain = False
            self._sleep(listener, max(pause, WHILE_LOCKED))

    def _sleep(self, listener: psycopg.Connection, seconds: float) -> None:
        heard = [listener.pgconn.socket, self._hears_stop]
        ready, _, _ = select.select(heard, [], [], min(seconds, WAKE_WINDOW.total_seconds()))
        if listener.pgconn.socket in ready:
            listener.pgconn.consume_input()  # raises when the connection is gone
            while listener.pgconn.notifies():
                pass


class Wake(bootsteps.StartStopStep):
    """Starts and stops the thread with the worker. A lost broker does not reach it."""

    requires = ("celery.worker.components:Pool",)  # which forks: threads come after

    def __init__(self, worker: Any, **_options: Any) -> None:
        super().__init__(worker)
        self.waker: Waker | None = None

    def include_if(self, worker: Any) -> bool:
        return QUEUE in worker.app.amqp.queues.consume_from

    def start(self, parent: Any) -> None:  # noqa: ARG002 -- Celery's signature
        self.waker = Waker()
        self.waker.start()

    def stop(self, parent: Any) -> None:  # noqa: ARG002 -- Celery's signature
        if self.waker is not None:
            self.waker.stop()

    terminate = stop


def collect_seldom() -> None:
    """Let Python look for garbage after many new objects, and never among what is loaded by now.

    A run makes thousands of objects, almost all of which are gone without being looked for.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


@contextmanager
def _listening() -> Iterator[psycopg.Connection]:
    """A connection of its own that hears NOTIFY; the thread's other one is made anew as well."""
    connection.close()
    own = connections.create_connection("default")
    options = {k: v for k, v in own.settings_dict["OPTIONS"].items() if k != "pool"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": options}
    try:
        with own.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        yield own.connection
    finally:
        own.close()


def _until_next() -> list[float]:
    """Tell how many seconds are left to the first clock of a case, and to that of a complaint.

    A long time when there is none.
    """
    with prepared() as cursor:
        cursor.execute(NEXT)
        found = cursor.fetchone()
    return [WAKE_WINDOW.total_seconds() if left is None else left for left in found]
