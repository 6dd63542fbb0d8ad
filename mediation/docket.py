"""The docket: which mediator takes which dispute. What moves, moves through the writer.

A claim is a lease in the docket row (`stepping.LEASE`); whoever works on a dispute renews it, and
one that ran out returns the dispute to its place. Rank is a moment, so there is nothing to refresh.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from cases.actors import CLOCK
from cases.models import Case, Docket
from cases.refusals import LimitReached, NotIndependent, NotNow, NotYourStep, Refused
from cases.roles import JUDGES, Role
from mediation.models import Mediator
from mediation.stepping import LEASE
from mediation.steps import StatementTimestamp, Wish, database_clock, take, take_next

MOST_TRIES = 50  # disputes at the head of the lanes that turn out to be impossible
AT_ONCE = 16  # how many heads of the lanes are looked at first: others lock some of them
# The lanes are found by hopping through their index, and the earliest of each are read from it:
# that takes as long for a rare skill as for a common one, and for a million as for a thousand.
HEADS = """
WITH RECURSIVE lane AS (
    (SELECT marketplace_id, language, skill, senior FROM cases_docket WHERE waiting
     ORDER BY marketplace_id, language, skill, senior LIMIT 1)
    UNION ALL
    SELECT further.* FROM lane AS l CROSS JOIN LATERAL (
        SELECT d.marketplace_id, d.language, d.skill, d.senior FROM cases_docket AS d
        WHERE d.waiting AND (d.marketplace_id, d.language, d.skill, d.senior)
            > (l.marketplace_id, l.language, l.skill, l.senior)
        ORDER BY d.marketplace_id, d.language, d.skill, d.senior LIMIT 1) AS further
)
SELECT head.case_id FROM lane AS l CROSS JOIN LATERAL (
    SELECT d.case_id, d.rank_at, d.id FROM cases_docket AS d
    WHERE d.waiting AND d.marketplace_id = l.marketplace_id AND d.language = l.language
        AND d.skill = l.skill AND d.senior = l.senior
        AND d.clock_id {whose}
        AND NOT d.excluded @> to_jsonb(%(person)s::text)
        AND d.case_id <> ALL(%(tried)s::uuid[])
    ORDER BY d.rank_at, d.id LIMIT %(most)s) AS head
WHERE (%(marketplaces)s::uuid[] IS NULL OR l.marketplace_id = ANY(%(marketplaces)s::uuid[]))
    AND (%(languages)s::text[] IS NULL OR l.language = ANY(%(languages)s::text[]))
    AND (%(skills)s::text[] IS NULL OR l.skill = ANY(%(skills)s::text[]))
    AND (%(senior)s OR NOT l.senior)
ORDER BY head.rank_at, head.id LIMIT %(most)s
"""


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
    tried: list[UUID] = []
    most = AT_ONCE
    for _attempt in range(MOST_TRIES):
        heads = _heads(mediator, clock_id, tried, most)
        answer = take_next(_free(mediator, heads), _claiming(mediator, tried), clock=clock)
        if answer is None and len(heads) == most:
            most *= 4  # others were faster, or a chargeback holds them: look further
        elif not isinstance(answer, Refused) or isinstance(answer, (AtCapacity, OffShift)):
            return answer
    return None


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


@transaction.atomic
def renew(
    mediator: Mediator,
    case_id: UUID,
    lease: UUID,
    *,
    clock: Callable[[], datetime] = database_clock,
) -> datetime | None:
    """Keep a dispute that its holder is reading. No event: nothing has happened in the case.

    :returns: until when the lease goes now; None: it has ended, or is somebody else's
    """
    if _locked(Case.everywhere.filter(mediator.sees(), pk=case_id)).first() is None:
        return None
    at = clock()
    mine = Docket.objects.filter(
        case=case_id, holder=mediator.person, lease=lease, lease_until__gt=at
    )
    return at + LEASE if mine.update(lease_until=at + LEASE) else None


def check_capacity(mediator: Mediator, held: QuerySet[Any], of: str) -> None:
    """See that a mediator may take one more, under a lock: the same person may have clicked twice.

    :param held: what it holds; counted after the lock
    :param of: what that is: "disputes" or "complaints"
    :raises OffShift: it is not at work
    :raises AtCapacity: it holds as many as it can look after
    """
    row = Mediator.objects.select_for_update().get(pk=mediator.pk)
    if not row.on_shift:
        raise OffShift("You are off shift.")
    if held.count() >= row.capacity:
        raise AtCapacity(f"You hold as many {of} as you can look after.")


class AtCapacity(LimitReached):
    """The mediator holds as many as it can look after."""


class OffShift(NotNow):
    """The mediator is not at work."""


def _heads(mediator, clock_id, tried, most):
    """Name the earliest disputes of the mediator's lanes, in order; none of them is locked yet."""
    markets = None if mediator.everywhere else mediator.marketplaces.values_list("pk", flat=True)
    wanted = {
        "clock_id": clock_id,
        "person": mediator.person,
        "tried": tried,
        "most": most,
        "marketplaces": None if markets is None else list(markets),
        "languages": mediator.languages or None,
        "skills": mediator.skills or None,
        "senior": mediator.role == Role.SENIOR,
    }
    with connection.cursor() as cursor:
        # In words that the planner can count: of IS NOT DISTINCT FROM it expects no row, and sorts.
        whose = "IS NULL" if clock_id is None else "= %(clock_id)s::uuid"
        cursor.execute(HEADS.format(whose=whose), wanted)
        return [case_id for (case_id,) in cursor.fetchall()]


def _free(mediator, heads):
    """Find the first that nobody has locked, and lock it."""
    waiting = Case.everywhere.filter(
        lanes(mediator), pk__in=heads, held=False, docket__waiting=True
    )
    first = waiting.order_by("docket__rank_at", "docket__id")
    return first.select_for_update(of=("self",), skip_locked=True)


def _locked(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by("pk").select_for_update(of=("self",))


def _claiming(mediator, tried, version=None):
    def wish_for(case, at):
        held = Docket.objects.filter(holder=mediator.person, lease_until__gt=at)
        check_capacity(mediator, held, "disputes")
        tried.append(case.pk)
        inputs = {"lease": uuid4(), "until": at + LEASE}
        return Wish(
            case_id=case.pk, step="claim", by=mediator.actor, inputs=inputs, version=version
        )

    return wish_for


def _check_assignee(to, case):
    if to.role not in JUDGES or not to.user.is_active:
        raise NotYourStep("Disputes are given to mediators.")
    if not to.on_shift:
        raise OffShift("This mediator is off shift.")
    if case.docket.senior and to.role != Role.SENIOR:
        raise NotIndependent("An appeal is decided by a senior mediator.")
