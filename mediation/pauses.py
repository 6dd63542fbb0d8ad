"""Pauses of a marketplace or a region: begun and lifted by our people, carried out case by case.

A pause is a row. Carrying it out is a sweep that may be repeated: it lifts the pauses whose time
is over, finds the cases that a pause concerns and that do not stand still yet, and those whose
pause is over. So nothing is forgotten after a crash. A case that is opened while a pause runs
stands still from its first moment on (`opening`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Marketplace, Pause
from cases.models.pause import concerning
from cases.refusals import NotNow
from mediation import bell, looking, stepping, steps
from mediation.changes import Changes

BATCH = 500
SWEEP = "mediation.tasks.sweep_pauses"
BY_ITSELF = "clock"  # who lifted a pause whose time was over


class PausedAlready(NotNow):
    """The marketplace or the region is paused."""

    code = "PAUSED_ALREADY"


class OverBefore(NotNow):
    """A pause would end before it begins."""

    code = "OVER_BEFORE"


@dataclass(frozen=True, kw_only=True)
class Standstill:
    """Why the clocks of a case do not run."""

    since: datetime
    until: datetime | None  # None: nobody knows
    alone: bool  # no other pause concerns the case


def begin(
    market: Marketplace, *, region: str, reason: str, by: str, until: datetime | None = None
) -> Pause:
    """Begin a pause; its cases follow.

    :param region: of orders; empty: all of them
    :param by: the pseudonym of who does it
    :param until: when it ends by itself; None: when somebody lifts it
    :raises PausedAlready: such a pause runs
    :raises OverBefore: `until` is not to come
    """
    at = looking.clock_of(market)()
    if until is not None and until <= at:
        raise OverBefore("A pause ends after it has begun.")
    told = {"marketplace": market, "region": region, "reason": reason, "until": until}
    try:
        with transaction.atomic():
            pause = Pause.objects.create(id=new_id(at), began_at=at, began_by=by, **told)
    except IntegrityError:
        raise PausedAlready("Such a pause runs already.") from None
    transaction.on_commit(lambda: bell.ring(SWEEP, [[]]), robust=True)
    return pause


def lift(pause: Pause, *, by: str) -> bool:
    """End a pause; its cases follow. False: it was over."""
    at = looking.clock_of(pause.marketplace)()
    ended = Pause.objects.filter(pk=pause.pk, ended_at=None).update(ended_at=at, ended_by=by)
    transaction.on_commit(lambda: bell.ring(SWEEP, [[]]), robust=True)
    return bool(ended)


def sweep(clock: Callable[[], datetime] | None = None) -> int:
    """Let cases stand still or go on as the pauses say; give how many did.

    :param clock: tells the moment; None: that of each marketplace
    """
    done = 0
    running = _still_running(clock)
    over = Pause.objects.exclude(ended_at=None).select_related("marketplace")
    held = Case.everywhere.filter(paused_by__isnull=False).values("paused_by").distinct()
    for pause in over.filter(pk__in=held):
        cases = Case.everywhere.filter(paused_by=pause.pk)
        done += _all(cases, _go(pause), clock or looking.clock_of(pause.marketplace))
    for pause in running:  # afterwards: two pauses may have concerned one case
        done += _all(_concerned(pause), _stop(pause), clock or looking.clock_of(pause.marketplace))
    return done


def standing(case: Case) -> Standstill | None:
    """Tell since when and until when the clocks of a case stand still; None: no pause runs.

    :param case: with its facts
    """
    rows = list(Pause.objects.filter(concerning(case.marketplace_id, case.facts.order.region)))
    if not rows:
        return None
    ends = [row.until for row in rows]
    return Standstill(
        since=min(row.began_at for row in rows),
        until=max(ends) if None not in ends else None,  # type: ignore[type-var]
        alone=len(rows) == 1,
    )


def _still_running(clock):
    """List the pauses that run, after having ended those whose time is over."""
    left = []
    for pause in Pause.objects.filter(ended_at=None).select_related("marketplace"):
        if pause.until is not None:
            at = (clock or looking.clock_of(pause.marketplace))()
            if pause.until <= at:
                Pause.objects.filter(pk=pause.pk, ended_at=None).update(
                    ended_at=at, ended_by=BY_ITSELF
                )
                continue
        left.append(pause)
    return left


def _all(
    cases: QuerySet[Case],
    act: Callable[[Case, Changes], object],
    clock: Callable[[], datetime],
) -> int:
    done = 0
    while count := steps.for_each(_locked(cases), act, clock=clock):
        done += count
    return done


def _locked(cases):
    """Those that somebody holds are left for the next sweep."""
    locked = cases.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    return locked[:BATCH]


def _concerned(pause: Pause) -> QuerySet[Case]:
    cases = Case.everywhere.filter(marketplace=pause.marketplace_id, paused_by=None)
    cases = cases.filter(pk__in=_with_clocks(pause.marketplace_id))
    return cases.filter(order__region=pause.region) if pause.region else cases


def _with_clocks(marketplace_id: UUID) -> Any:
    running = Case.everywhere.filter(marketplace=marketplace_id, clocks__isnull=False)
    return running.values("pk")


def _stop(pause):
    by = _person(pause, pause.began_by)
    return lambda case, changes: stepping.pause(case, pause.pk, by, changes)


def _go(pause):
    by = _person(pause, pause.ended_by)
    return lambda case, changes: stepping.resume(case, by, changes)


def _person(pause, person):
    return Actor(role="ops", marketplace_id=pause.marketplace_id, person=person)
