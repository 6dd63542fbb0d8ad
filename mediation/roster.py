"""Who is at work, and what happens to the disputes of those who are not."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from cases.actors import CLOCK
from cases.models import Case, Docket, Event
from cases.refusals import NotYourStep, Refused
from cases.roles import JUDGES
from mediation import docket, shifts
from mediation.models import Mediator
from mediation.steps import Wish, database_clock, take

# Appeals that wait although no senior mediator is left who has not decided them.
STRANDED = """
SELECT d.case_id FROM cases_docket AS d
WHERE d.waiting AND d.senior AND NOT d.supervisor AND d.clock_id IS NULL AND NOT EXISTS (
    SELECT FROM mediation_mediator AS m JOIN auth_user AS u ON u.id = m.user_id
    WHERE m.role = 'senior' AND u.is_active AND NOT d.excluded @> to_jsonb(m.user_id::text)
        AND (m.everywhere OR EXISTS (
            SELECT FROM mediation_mediator_marketplaces AS w
            WHERE w.mediator_id = m.id AND w.marketplace_id = d.marketplace_id)))
LIMIT %s
"""


def leave(
    mediator: Mediator, *, by: Mediator, clock: Callable[[], datetime] = database_clock
) -> int:
    """Go off shift: what the mediator has not begun goes back to its place in the docket.

    What was begun stays; its lease runs out by itself if nobody works on it.

    :param by: the mediator itself, or a supervisor; a plan speaks again at its next boundary
    :returns: how many disputes went back
    """
    # A claim that is going on holds this row, and is seen by the next statement.
    _go(mediator, clock, on_shift=False)
    held = untouched().filter(by.sees(), holder=mediator.person, clock_id=None)
    wishes = [
        Wish(case_id=row.case_id, step="release", by=by.actor, lease=row.lease) for row in held
    ]
    answers = take(wishes, clock=clock) if wishes else []
    return sum(not isinstance(answer, Refused) for answer in answers)


def come(mediator: Mediator, *, clock: Callable[[], datetime] = database_clock) -> None:
    """Come on shift; a plan speaks again at its next boundary."""
    _go(mediator, clock, on_shift=True)


@transaction.atomic
def _go(mediator, clock, *, on_shift):
    row = Mediator.objects.select_for_update().get(pk=mediator.pk)
    row.on_shift, row.plan_due_at = on_shift, shifts.next_boundary(row.shifts.all(), clock())
    row.save(update_fields=["on_shift", "plan_due_at"])


@transaction.atomic
def end_leases(mediator: Mediator, at: datetime) -> int:
    """End the leases of what a mediator has not begun: the docket then takes it back.

    :returns: how many leases ended
    """
    held = Docket.objects.filter(holder=mediator.person, clock_id=None).values("case")
    cases = Case.everywhere.filter(pk__in=held).order_by("pk").select_for_update(of=("self",))
    list(cases.values_list("pk"))  # whoever is at work on one has finished before we look
    mine = untouched().filter(holder=mediator.person, clock_id=None, lease_until__gt=at)
    return mine.update(lease_until=at)


def untouched() -> QuerySet[Docket]:
    """Keep the disputes under review whose holder has done nothing but take them."""
    of_case = Event.objects.filter(case=OuterRef("case"))
    taken = of_case.filter(name__in=["claim", "assign"]).order_by("-sequence").values("sequence")
    done = of_case.filter(role__in=JUDGES, sequence__gt=Subquery(taken[:1]))
    return Docket.objects.filter(~Exists(done), ~Q(holder=""), case__dispute__state="in_review")


def assign_all(
    supervisor: Mediator,
    chosen: Iterable[tuple[UUID, int]],
    to: Mediator,
    *,
    clock: Callable[[], datetime] = database_clock,
) -> list[Any]:
    """Give several disputes to a mediator, each in a transaction of its own.

    :param chosen: case and the version that the supervisor has seen
    :returns: for each what was taken or the refusal, in this order
    """
    answers = [
        docket.assign(supervisor, case_id, to, version=version, clock=clock)
        for case_id, version in chosen
    ]
    stranger = NotYourStep("This dispute is not for this person.")
    return [stranger if answer is None else answer for answer in answers]


def call_supervisor(*, clock: Callable[[], datetime] = database_clock, limit: int = 500) -> int:
    """Put appeals that no senior mediator may decide into the supervisor's queue at once.

    :returns: how many they were
    """
    with connection.cursor() as cursor:
        cursor.execute(STRANDED, [limit])
        ids = [case_id for (case_id,) in cursor.fetchall()]
    wishes = [Wish(case_id=case_id, step="call_supervisor", by=CLOCK) for case_id in ids]
    answers = take(wishes, clock=clock) if wishes else []
    return sum(not isinstance(answer, Refused) for answer in answers)


def workload(rows: QuerySet[Mediator]) -> list[Mediator]:
    """Add to each mediator how many disputes it holds (`held`) and has not begun (`unbegun`)."""
    people = list(rows.select_related("user").order_by("user__username"))
    persons = [person.person for person in people]
    holding = Docket.objects.filter(holder__in=persons, clock_id=None).values_list("holder")
    held = dict(holding.annotate(Count("id")).order_by())
    fresh = untouched().filter(holder__in=persons, clock_id=None).values_list("holder")
    unbegun = dict(fresh.annotate(Count("id")).order_by())
    for person in people:
        person.held = held.get(person.person, 0)  # type: ignore[attr-defined]
        person.unbegun = unbegun.get(person.person, 0)  # type: ignore[attr-defined]
    return people
