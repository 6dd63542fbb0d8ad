"""Where a lapse of many cases spends its time: SQL by statement, Python by function."""

import cProfile
import pstats
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection

from benchmarks import databases, fill
from benchmarks.report import say
from mediation.steps import lapse

BATCH = 500
BATCHES = 6
FUNCTIONS = 45  # lines of Python's table


@dataclass
class Statements:
    """An execute wrapper of Django that adds up the time that each statement takes."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def __call__(self, execute: Callable, sql: str, params: Any, many: Any, context: Any) -> Any:
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            name = title(sql)
            self.seconds[name] += perf_counter() - start
            self.times[name] += 1


def title(sql: str) -> str:
    """Shorten a statement to its verb and table."""
    found = re.search(r'(INSERT INTO|UPDATE|DELETE FROM|FROM) "(\w+)"', sql)
    verb = sql.split(" ", 1)[0]
    lock = " FOR UPDATE" if "FOR UPDATE" in sql else ""
    return f"{verb} {found[2]}{lock}" if found else sql[:50]


def profile() -> None:
    """Fill, warm up, measure without and then with Python's profiler, and print both."""
    databases.create(databases.SMALL)
    start = datetime.now(UTC) - timedelta(hours=1)
    fill.fill(BATCH * (3 * BATCHES + 1), first_due=start, step=timedelta(milliseconds=10))
    fill.vacuum()
    lapse(limit=BATCH)
    bare = _timed()
    statements = Statements()
    with connection.execute_wrapper(statements):
        timed = _timed()
    with cProfile.Profile() as profiler:
        _timed()
    say(f"{BATCH * BATCHES / bare:,.0f} cases/s; {bare / BATCHES * 1e3:.0f} ms per {BATCH}")
    say(f"\nSQL as Python waits for it, ms per {BATCH} cases; COMMIT is not among it")
    for name, seconds in sorted(statements.seconds.items(), key=lambda item: -item[1]):
        say(f"{seconds / BATCHES * 1e3:8.2f}  {statements.times[name] / BATCHES:4.1f}x  {name}")
    total = sum(statements.seconds.values())
    say(f"{total / BATCHES * 1e3:8.2f}  together, of {timed / BATCHES * 1e3:.2f}")
    say(f"\nPython, {BATCHES} x {BATCH} cases, slowed down by the profiler")
    stats = pstats.Stats(profiler).strip_dirs()
    stats.sort_stats("tottime").print_stats(FUNCTIONS)
    stats.sort_stats("cumulative").print_stats(FUNCTIONS)


def _timed():
    start = perf_counter()
    for _ in range(BATCHES):
        lapse(limit=BATCH)
    return perf_counter() - start
