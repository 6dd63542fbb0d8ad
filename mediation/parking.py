"""Parked cases: those whose clock could not run out. Somebody has mended them; try again now."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from cases.models import Case, Clock
from mediation import bell
from mediation.steps import database_clock

LAPSE = "mediation.tasks.lapse"
PARKED = {"parked__gt": 0, "due_at__isnull": False}
AT_ONCE = 500  # cases


@transaction.atomic
def retry(cases: QuerySet[Case], *, clock: Callable[[], datetime] = database_clock) -> list[UUID]:
    """Let the parked clocks of up to AT_ONCE cases be tried now, not when their back-off is over.

    They stay counted as parked until they have run: who fails again is put off for longer still.

    :returns: the cases, by their ids; one that has no parked clock is left alone
    """
    parked = Clock.objects.filter(**PARKED).values("case")
    locked = cases.filter(pk__in=parked).order_by("pk").select_for_update(of=("self",))
    ids = list(locked.values_list("pk", flat=True)[:AT_ONCE])
    if ids:
        Clock.objects.filter(case__in=ids, **PARKED).update(next_at=clock())
        transaction.on_commit(lambda: bell.ring(LAPSE, [[]]), robust=True)
    return ids
