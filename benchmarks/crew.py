"""Processes that do the same job at the same time, each with Django and a connection of its own."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import perf_counter
from typing import NamedTuple

import django


class Stint(NamedTuple):
    """What one process did, and from when to when; one stop watch serves all processes."""

    done: int
    start: float
    end: float


class Crew:
    """Processes that wait for a database and the name of a job (`JOBS`)."""

    def __init__(self, size: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for _ in range(size):
            mine, theirs = spawn.Pipe()
            self.pipes.append(mine)
            self.processes.append(spawn.Process(target=work, args=[theirs], daemon=True))
        for process in self.processes:
            process.start()

    def rate(self, job: str, database: str, *, processes: int = 1) -> float:
        """Let some of them drain what is due; give the cases per second of all together."""
        pipes = self.pipes[:processes]
        for pipe in pipes:
            pipe.send((job, database))
        for pipe in pipes:
            pipe.recv()  # connected
        for pipe in pipes:
            pipe.send(None)  # go
        stints: list[Stint] = [pipe.recv() for pipe in pipes]
        took = max(stint.end for stint in stints) - min(stint.start for stint in stints)
        return sum(stint.done for stint in stints) / took

    def dismiss(self) -> None:
        for process in self.processes:
            process.terminate()
            process.join()


def jobs() -> dict[str, Callable[[], int]]:
    """Name the jobs: each does a batch and tells how many cases it has moved."""
    from benchmarks.sql_limit import lapse_in_sql  # noqa: PLC0415 -- after django.setup()
    from mediation.steps import lapse  # noqa: PLC0415 -- the same

    return {"lapse": lapse, "sql": lapse_in_sql}


def work(pipe: Connection) -> None:
    """Be a process of a crew."""
    django.setup()
    from benchmarks.databases import use  # noqa: PLC0415 -- after django.setup()
    from mediation.wake import collect_seldom  # noqa: PLC0415 -- the same

    known = jobs()
    collect_seldom()  # as the worker that wakes clocks
    while True:
        job, database = pipe.recv()
        use(database)
        pipe.send("connected")
        pipe.recv()
        pipe.send(_drain(known[job]))


def _drain(job):
    start, done = perf_counter(), 0
    while moved := job():
        done += moved
    return Stint(done, start, perf_counter())
