"""Wakes workers through the broker, and never holds anybody up.

Whatever it rings for stands in the database: a sweep finds what was not rung. So it tries twice
and briefly, and after a failure it leaves the broker alone for a moment.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from celery import current_app
from kombu import Connection
from kombu.pools import producers

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds, for a connection as for an answer
PAUSE = 5.0  # seconds that a broker which did not answer is left alone
STALE = 30  # seconds after which a ring is worth nothing: the sweep has been there

OPTIONS = {
    "socket_connect_timeout": PATIENCE,
    "socket_timeout": PATIENCE,
    "max_retries": 0,  # of kombu, which would go on for ever
}


class Bell:
    """One per process. It is silent while the broker is known to be down."""

    def __init__(self) -> None:
        self.silent_until = 0.0  # of the process's own stop watch

    def ring(self, task: str, calls: Iterable[Sequence[Any]] = ((),)) -> bool:
        """Send one message per call of a task.

        :param calls: the arguments of each
        :returns: whether the broker has taken them; False is nothing to worry about
        """
        if time.monotonic() < self.silent_until:
            return False
        calls = list(calls)
        for last in (False, True):  # a connection may be left from before the broker's restart
            try:
                self._send(task, calls)
            except Exception as error:  # noqa: BLE001 -- whatever it is, nobody waits for it
                if last:
                    self.silent_until = time.monotonic() + PAUSE
                    log.warning("the broker does not take %s: %s", task, error)
            else:
                return True
        return False

    def _send(self, task, calls):
        with (
            producers[self._connection()].acquire(block=True, timeout=PATIENCE) as producer,
            producer.batch() if len(calls) > 1 else nullcontext(),
        ):
            for call in calls:
                current_app.send_task(
                    task,
                    args=call,
                    argsrepr="",  # else Celery writes all ids once more, and slowly
                    producer=producer,
                    retry=False,
                    expires=STALE,
                )

    def _connection(self) -> Connection:
        """Name the broker with our patience; kombu's pools know it by what it is made of."""
        connection = current_app.connection_for_write()
        connection.transport_options = {**(connection.transport_options or {}), **OPTIONS}
        return connection


bell = Bell()
ring = bell.ring
