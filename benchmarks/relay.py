"""How fast workers are told of what was committed: one message per 100 ids, or one per row."""

from datetime import UTC, datetime
from time import perf_counter
from types import SimpleNamespace

from cases.ids import new_id
from mediation import outbox, tasks
from mediation.changes import Changes
from mediation.models import Effect
from mediation.steps import CLOCKS_PER_RUN


def by_ring(n: int) -> float:
    """Tell of n effects, as many at a time as a full lapse run leaves; give the rows per second."""
    at = datetime.now(UTC)
    runs = [Changes(at=at) for _ in range(n // CLOCKS_PER_RUN)]
    for changes in runs:
        rows = [SimpleNamespace(id=new_id(at), clock_id=None) for _ in range(CLOCKS_PER_RUN)]
        changes.added[Effect].extend(rows)
    start = perf_counter()
    for changes in runs:
        outbox.ring(changes)
    return CLOCKS_PER_RUN * len(runs) / (perf_counter() - start)


def by_apply_async(n: int) -> float:
    """Tell of n effects, one by one; give the rows per second."""
    at = datetime.now(UTC)
    ids = [str(new_id(at)) for _ in range(n)]
    start = perf_counter()
    for effect_id in ids:
        tasks.run_effects.apply_async(args=([effect_id],))
    return n / (perf_counter() - start)
