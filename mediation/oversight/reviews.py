"""Blind second reviews: rulings drawn by chance, decided anew by who has not seen them.

They measure how far two mediators agree, and change no case: nothing here goes through the writer.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast, Concat

from cases.ids import first_id, new_id
from cases.models import Ruling
from cases.refusals import BadTerms
from cases.roles import JUDGES
from cases.rulings import BEARERS
from mediation.models import BlindReview, Calibration, Mediator
from mediation.oversight import deeds

LAST_DAYS = 30  # rulings that may be drawn
MOST = 100  # in one go
GIVEN = ("live", "replaced", "final")  # rulings that were told to both sides
WHOLE = 100  # percent


@transaction.atomic
def draw(by: Mediator, number: int, *, at: datetime) -> list[BlindReview]:
    """Draw first rulings of the last days by chance, from those that were not drawn before.

    :param number: at most MOST; there may be fewer
    """
    since = first_id(at - timedelta(days=LAST_DAYS))
    chance = MD5(Concat(Cast("pk", TextField()), Value(new_id(at).hex)))
    rulings = (
        Ruling.objects.filter(by.sees("case__marketplace"), case__clock_id=None)
        .filter(pk__gte=since, state__in=GIVEN, instance=1)
        .exclude(pk__in=BlindReview.objects.values("ruling"))
        .exclude(case__in=Calibration.objects.values("case"))
        .select_related("case__docket")
        .order_by(chance)
    )
    chosen = list(rulings[: min(number, MOST)])
    excluded = deciders(ruling.case_id for ruling in chosen)
    made = BlindReview.objects.bulk_create(
        [
            BlindReview(
                id=new_id(at),
                case_id=ruling.case_id,
                ruling=ruling,
                marketplace_id=ruling.case.marketplace_id,
                drawn_at=at,
                drawn_by=by.person,
                ruled_by=ruling.ruled_by,
                excluded=sorted(excluded[ruling.case_id] | set(ruling.case.docket.excluded)),
            )
            for ruling in chosen
        ]
    )
    if made:
        deeds.note(by, "draw_reviews", at=at, count=len(made), reviews=[row.pk for row in made])
    return made


def deciders(cases: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Name everybody who has ruled or approved in some cases, by case: one query."""
    found: dict[UUID, set[str]] = {case_id: set() for case_id in cases}
    for case_id, *people in Ruling.objects.filter(case__in=found).values_list(
        "case_id", "ruled_by", "approved_by"
    ):
        found[case_id] |= set(people) - {""}
    return found


def open_to(me: Mediator) -> QuerySet[BlindReview]:
    """Keep the reviews that somebody may take up: nobody has, and it did not decide the case."""
    waiting = BlindReview.objects.filter(me.sees(), reviewer="", reviewed_at=None)
    waiting = waiting.exclude(excluded__contains=[me.person])
    return waiting.filter(case__language__in=me.languages) if me.languages else waiting


def taken_by(me: Mediator) -> QuerySet[BlindReview]:
    """Keep what somebody has taken up and not written yet, calibration cases as well."""
    return BlindReview.objects.filter(me.sees(), reviewer=me.person, reviewed_at=None)


@transaction.atomic
def take_next(me: Mediator, *, at: datetime) -> BlindReview | None:
    """Take up the review that was drawn first, or go on with the own one; None: there is none."""
    if me.role not in JUDGES:
        return None
    begun = taken_by(me).filter(calibration=None)
    if (mine := begun.order_by("taken_at").first()) is not None:
        return mine
    row = (
        open_to(me)
        .order_by("drawn_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if row is not None:
        row.reviewer, row.taken_at = me.person, at
        row.save(update_fields=["reviewer", "taken_at"])
    return row


def give_back(review: BlindReview, me: Mediator) -> bool:
    """Leave a review to others. False: it is not one's own any more, or is written."""
    mine = taken_by(me).filter(pk=review.pk)
    if review.calibration_id is not None:
        return bool(mine.delete()[0])  # it is offered to this very person, now or later
    return bool(mine.update(reviewer="", taken_at=None))


def write(
    review: BlindReview,
    me: Mediator,
    *,
    remedy: str,
    amount: int,
    fault: Mapping[str, int],
    reasons: str,
    at: datetime,
) -> bool:
    """Decide anew. Once written it stays.

    :param amount: in all, minor units of the case's currency
    :param fault: bearer → percent, 100 in all
    :returns: False: the review is not one's own any more, or is written
    :raises BadTerms: the shares of fault do not add up
    """
    check_fault(fault)
    told = {"remedy": remedy, "amount": amount, "fault": dict(fault), "reasons": reasons}
    return bool(taken_by(me).filter(pk=review.pk).update(reviewed_at=at, **told))


def check_fault(fault: Mapping[str, int]) -> None:
    """See that fault is shared out.

    :raises BadTerms: the shares do not add up
    """
    if fault.keys() - set(BEARERS) or sum(fault.values()) != WHOLE or min(fault.values()) < 0:
        raise BadTerms("The shares of fault sum to 100.")
