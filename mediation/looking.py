"""A case as it stands at this moment, with the facts that the writer would see. Nothing is written.

What has run out by now is shown as run out, even if no worker has come to it yet.
"""

from collections.abc import Callable
from datetime import datetime

from cases.actors import Actor
from cases.compiled import Blank, Compiled
from cases.models import Case, Marketplace, TestClock
from mediation import expiry, loading
from mediation.changes import Changes
from mediation.steps import database_clock, last_gap

TRIES = 5  # each is lost only to a step that was committed meanwhile
UNCHANGED = Compiled(Case.everywhere.filter(pk=Blank("id"), sequence=Blank("sequence")).only("pk"))


def look(find: Callable[[], Case], actor: Actor) -> Case:
    """Read a case with its facts for an actor.

    :param find: reads it, if the actor may see it; what it raises comes through
    :returns: the case; its `version` is the stored one, which is what If-Match quotes
    """
    for left in reversed(range(TRIES)):
        case = find()
        seen = case.sequence
        try:
            _stand(case)
        except Exception:
            if not left or _is_unchanged(case.pk, seen):
                raise
        else:
            if _is_unchanged(case.pk, seen):
                break
    case.facts.begin(actor)
    return case


def clock_of(owner: Case | Marketplace) -> Callable[[], datetime]:
    """Find the clock that a case lives by: the database's, or a test clock that stands."""
    if owner.clock_id is None:
        return database_clock
    clock_id = owner.clock_id
    return lambda: TestClock.objects.get(pk=clock_id).at


def _stand(case):
    clock = clock_of(case)
    version, changes = case.version, Changes(at=clock())
    loading.load([case], changes)
    expiry.run_out(case, changes, last_gap(changes.at, clock))
    case.version = version


def _is_unchanged(case_id, sequence):
    """Whether what was read belongs together: no step came between the statements."""
    return UNCHANGED.first(id=case_id, sequence=sequence) is not None
