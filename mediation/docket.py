"""The docket: which mediator takes which dispute. What moves, moves through the writer.

A claim is a lease in the docket row (`stepping.LEASE`); whoever works on a dispute renews it, and
one that ran out returns the dispute to its place. Rank is a moment, so there is nothing to refresh.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet

from cases.actors import CLOCK
from cases.models import Case, Docket
from cases.refusals import LimitReached, NotIndependent, NotYourStep, Refused
from cases.roles import JUDGES, Role
from mediation.models import Mediator
from mediation.stepping import LEASE
from mediation.steps import StatementTimestamp, Wish, database_clock, take, take_next

MOST_TRIES = 50  # disputes at the head of the lanes that turn out to be impossible


def lanes(mediator: Mediator) -> Q:
    """Keep the cases whose disputes may be given to a mediator, by lane and independence."""
    fit = mediator.sees() & ~Q(docket__excluded__contains=[mediator.person])
    if mediator.languages:
        fit &= Q(docket__language__in=mediator.languages)
    if mediator.skills:
        fit &= Q(docket__skill__in=mediator.skills)
    return fit if mediator.role == Role.SENIOR else fit & Q(docket__senior=False)


def claim_next(
    mediator: Mediator,
    *,
    clock: Callable[[], datetime] = database_clock,
    clock_id: UUID | None = None,
) -> Any:
    """Take the earliest dispute, by rank, of the mediator's lanes.

    :param clock_id: a test clock's disputes; None: those of the database's clock
    :returns: what was taken, the refusal (capacity is used up, not a mediator), or None: nothing
        is waiting that somebody else is not taking at this moment
    """
    if mediator.role not in JUDGES:
        return NotYourStep("Only mediators claim disputes.")
    waiting = Case.everywhere.filter(
        lanes(mediator), held=False, docket__waiting=True, docket__clock_id=clock_id
    ).order_by("docket__rank_at", "docket__id")
    tried: list[UUID] = []
    answer = None
    while len(tried) < MOST_TRIES:
        left = waiting.exclude(pk__in=tried) if tried else waiting
        answer = take_next(
            left.select_for_update(of=("self",), skip_locked=True),
            _claiming(mediator, tried),
            clock=clock,
        )
        if not isinstance(answer, Refused) or isinstance(answer, AtCapacity):
            return answer
    return answer


def claim(
    mediator: Mediator,
    case_id: UUID,
    *,
    version: int | None = None,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Take one dispute that was chosen by hand.

    :returns: what was taken, the refusal, or None: there is no such dispute in the lanes
    """
    if mediator.role not in JUDGES:
        return NotYourStep("Only mediators claim disputes.")
    chosen = Case.everywhere.filter(lanes(mediator), pk=case_id, docket__isnull=False)
    return take_next(_locked(chosen), _claiming(mediator, [], version), clock=clock)


def assign(
    supervisor: Mediator,
    case_id: UUID,
    to: Mediator,
    *,
    version: int | None = None,
    clock: Callable[[], datetime] = database_clock,
) -> Any:
    """Give a dispute to a mediator. Capacity and lanes are the supervisor's to weigh.

    :returns: what was taken, the refusal, or None: no such dispute where both of them work
    """
    chosen = Case.everywhere.filter(supervisor.sees(), pk=case_id, docket__isnull=False)

    def wish_for(case, at):
        _check_assignee(to, case)
        inputs = {"mediator": to.person, "lease": uuid4(), "until": at + LEASE}
        return Wish(
            case_id=case.pk, step="assign", by=supervisor.actor, inputs=inputs, version=version
        )

    return take_next(_locked(chosen.filter(to.sees())), wish_for, clock=clock)


def return_expired(
    *,
    clock: Callable[[], datetime] = database_clock,
    clock_id: UUID | None = None,
    limit: int = 500,
) -> int:
    """Give back the disputes whose lease has run out under review, up to `limit` of them.

    :returns: how many went back
    """
    moment = StatementTimestamp() if clock is database_clock else clock()
    expired = Docket.objects.filter(
        ~Q(holder=""), clock_id=clock_id, lease_until__lte=moment, case__dispute__state="in_review"
    )
    ids = expired.order_by("lease_until").values_list("case_id", flat=True)[:limit]
    wishes = [Wish(case_id=case_id, step="release", by=CLOCK) for case_id in ids]
    answers = take(wishes, clock=clock) if wishes else []
    return sum(not isinstance(answer, Refused) for answer in answers)


class AtCapacity(LimitReached):
    """The mediator holds as many disputes as it can look after."""


def _locked(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by("pk").select_for_update(of=("self",))


def _claiming(mediator, tried, version=None):
    def wish_for(case, at):
        _check_capacity(mediator, at)
        tried.append(case.pk)
        inputs = {"lease": uuid4(), "until": at + LEASE}
        return Wish(
            case_id=case.pk, step="claim", by=mediator.actor, inputs=inputs, version=version
        )

    return wish_for


def _check_capacity(mediator, at):
    """Look under a lock: the same person may have clicked twice."""
    row = Mediator.objects.select_for_update().get(pk=mediator.pk)
    held = Docket.objects.filter(holder=row.person, lease_until__gt=at).count()
    if held >= row.capacity:
        raise AtCapacity("You hold as many disputes as you can look after.")


def _check_assignee(to, case):
    if to.role not in JUDGES or not to.user.is_active:
        raise NotYourStep("Disputes are given to mediators.")
    if case.docket.senior and to.role != Role.SENIOR:
        raise NotIndependent("An appeal is decided by a senior mediator.")
