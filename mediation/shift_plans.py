"""Plans of shifts: who comes and goes by itself, and who has said so.

A plan speaks at its boundaries alone, the starts and ends of its shifts: who came or went by hand
stays so until the next one. `Mediator.plan_due_at` is that moment; carrying it out sets the next.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from cases.ids import new_id
from mediation import roster, shifts
from mediation.models import Mediator, Shift
from mediation.oversight import deeds
from mediation.steps import database_clock


def sweep(*, clock: Callable[[], datetime] = database_clock, limit: int = 100) -> int:
    """Let those come on and go off shift whose plan says so by now.

    What somebody who goes off has not begun is free for others: its lease ends.

    :returns: how many boundaries were carried out; 0: none is due
    """
    at = clock()
    due = Mediator.objects.filter(plan_due_at__lte=at).order_by("plan_due_at", "pk")
    return sum(_turn(mediator, at) for mediator in due.prefetch_related("shifts")[:limit])


def _turn(mediator, at):
    plan = list(mediator.shifts.all())
    comes = shifts.is_planned(plan, at)
    # Who has gone by hand since, or was planned anew, is left alone.
    same = Mediator.objects.filter(pk=mediator.pk, plan_due_at=mediator.plan_due_at)
    if not same.update(on_shift=comes):
        return 0
    if not comes:
        roster.end_leases(mediator, at)
    # Last: a sweep that is interrupted is done again by the next one.
    return same.update(plan_due_at=shifts.next_boundary(plan, at))


@transaction.atomic
def add(
    by: Mediator,
    mediator: Mediator,
    weekdays: Collection[int],
    *,
    hours: Mapping[str, Any],
    at: datetime,
) -> None:
    """Plan a shift on each of some weekdays; one that is there already stays.

    :param weekdays: Monday is 0
    :param hours: starts, ends, time_zone, valid_from, valid_until, as of a Shift
    """
    row, before = _locked(mediator)
    made = [
        Shift(id=new_id(at), mediator=mediator, weekday=weekday, **hours) for weekday in weekdays
    ]
    Shift.objects.bulk_create(made, ignore_conflicts=True)
    _replan(row, before, at)
    told: dict[str, Any] = {name: str(value) for name, value in hours.items() if value is not None}
    days = sorted(weekdays)
    deeds.note(by, "plan_shifts", at=at, mediator=mediator.person, weekdays=days, **told)


@transaction.atomic
def drop(by: Mediator, shift: Shift, *, at: datetime) -> None:
    """Take a shift out of the plan of its mediator, who comes and goes by hand without any."""
    row, before = _locked(shift.mediator)
    Shift.objects.filter(pk=shift.pk).delete()
    _replan(row, before, at)
    told = {"mediator": row.person, "weekday": shift.weekday, "shift": shift.pk}
    deeds.note(by, "drop_shift", at=at, **told)


def _locked(mediator):
    row = Mediator.objects.select_for_update().get(pk=mediator.pk)
    return row, list(row.shifts.all())


def _replan(row, before, at):
    """Let a plan speak at once where it changes what holds now, or else at its next boundary."""
    after = list(row.shifts.all())
    due = shifts.next_boundary(after, at)
    is_due = row.plan_due_at is None or row.plan_due_at <= at
    changes = is_due or shifts.is_planned(before, at) != shifts.is_planned(after, at)
    if due is not None and changes and shifts.is_begun(after, at):
        due = at
    Mediator.objects.filter(pk=row.pk).update(plan_due_at=due)
