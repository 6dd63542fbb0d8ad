"""Servers of the benchmark's own: durable as in production, in a place that is gone afterwards."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import say
from config.stack import postgres, valkey
from config.stack.place import Place, temporary_place
from config.stack.record import Record
from config.stack.servers import broker, database
from config.stack.supervisor import Supervisor

BASE = Path(__file__).resolve().parents[1]
SETTINGS = {"track_commit_timestamp": "on"}  # to tell when an event was committed
PATIENCE = 30  # seconds


class Servers:
    """PostgreSQL and Valkey, of which the latter can be made to die."""

    def __init__(self, place: Place, supervisor: Supervisor) -> None:
        self.place, self.supervisor = place, supervisor
        self.supervisor.start(database(place, SETTINGS), within=postgres.PATIENCE)
        self.start_broker()
        os.environ["DATABASE_URL"] = postgres.url(place)
        os.environ["REDIS_URL"] = valkey.url(place)

    def start_broker(self) -> None:
        self.broker = broker(self.place)
        self.supervisor.start(self.broker)

    def kill_broker(self) -> None:
        """End it without any warning. What it carried is gone."""
        self.broker.send(signal.SIGKILL)
        assert self.broker.process is not None  # noqa: S101 -- for the type checker
        self.broker.process.wait(PATIENCE)
        self.supervisor.programs.remove(self.broker)

    def point_to(self, name: str) -> None:
        """Name a database to the programs that are started from now on."""
        os.environ["DATABASE_URL"] = postgres.url(self.place, name)


@contextlib.contextmanager
def servers() -> Iterator[Servers]:
    with temporary_place() as place:
        logs, record = place.state / "log", Record(place.state)
        supervisor = Supervisor(base=BASE, logs=logs, record=record, say=say)
        try:
            yield Servers(place, supervisor)
        finally:
            supervisor.stop()


@contextlib.contextmanager
def running(
    argv: list[str],
    log: Path,
    env: dict[str, str] | None = None,
    *,
    inherits: tuple[int, ...] = (),
) -> Iterator[subprocess.Popen]:
    """A program, for as long as the block lasts; it is stopped softly, then with its children.

    :param env: besides our own
    :param inherits: file descriptors
    :raises RuntimeError: it has ended by itself; with the end of its log
    """
    with log.open("w") as output:
        process = subprocess.Popen(
            argv,
            cwd=BASE,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=inherits,
            start_new_session=True,
        )
    try:
        yield process
        if process.poll() is not None:
            raise RuntimeError(f"{' '.join(argv)} has ended:\n{log.read_text()[-2000:]}")
    finally:
        _stop(process)


def _stop(process):
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
