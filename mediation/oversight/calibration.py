"""Calibration cases: finished cases that all mediators decide anew, against one expected ruling.

What a mediator decides is a blind review (oversight/reviews.py) that names the calibration case:
the same page, the same rules, and no case is moved by it. Afterwards each sees how far off it was.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from cases.ids import new_id
from cases.lifecycle import ENDED
from cases.models import Case, Ruling, Statement
from cases.roles import JUDGES
from cases.rulings import BEARERS
from mediation.models import BlindReview, Calibration, Mediator
from mediation.oversight import deeds, reviews

NEAR = 10  # percent of the larger amount, and percent of the fault: nearer counts as the same


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """How far a decision is from the expected one."""

    remedy: bool  # the same
    amount: int  # above the expected one, in minor units
    percent: int  # of the larger amount
    fault: int  # percent that others carry than expected

    @property
    def agrees(self) -> bool:
        """Say whether it counts as the same."""
        return self.remedy and self.percent <= NEAR and self.fault <= NEAR


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How one mediator decides calibration cases."""

    person: str
    cases: int
    agreed: int
    remedy: int  # so many with the same remedy
    percent: int  # that amounts are off by, on average
    fault: int  # percent that others carry than expected, on average


def final_ruling(case: Case) -> Ruling | None:
    """Find the ruling by which a finished case was decided at last; None: it has not been."""
    if case.state not in ENDED or case.clock_id is not None:
        return None
    return Ruling.objects.filter(case=case.pk, state="final").order_by("-instance").first()


def terms_of(ruling: Ruling) -> dict[str, Any]:
    """Tell what a ruling has decided, as `pick` takes it."""
    content = json.loads(ruling.content)
    said = Statement.objects.filter(pk=ruling.statement_id).first()
    return {
        "remedy": content["remedy"],
        "amount": ruling.amount,
        "fault": content["fault"],
        "reasons": said.text if said is not None else "",
    }


@transaction.atomic
def pick(
    by: Mediator,
    case: Case,
    *,
    remedy: str,
    amount: int,
    fault: Mapping[str, int],
    reasons: str,
    at: datetime,
) -> Calibration | None:
    """Let all mediators decide a finished case anew.

    :param amount: expected in all, minor units of the case's currency
    :param fault: bearer → percent, 100 in all
    :param reasons: what is told to whoever has decided
    :returns: None: it was picked before, or no final ruling has decided it
    :raises BadTerms: the shares of fault do not add up
    """
    reviews.check_fault(fault)
    given = Ruling.objects.filter(case=case.pk, state__in=reviews.GIVEN).order_by("instance", "pk")
    first = given.first()
    if first is None or final_ruling(case) is None:
        return None
    deciders = reviews.deciders([case.pk])[case.pk]
    row, is_new = Calibration.objects.get_or_create(
        case=case,
        defaults={
            "id": new_id(at),
            "ruling": first,
            "marketplace_id": case.marketplace_id,
            "picked_at": at,
            "picked_by": by.person,
            "excluded": sorted({by.person} | deciders | set(case.docket.excluded)),
            "remedy": remedy,
            "amount": amount,
            "fault": dict(fault),
            "reasons": reasons,
        },
    )
    if not is_new:
        return None
    deeds.note(by, "pick_calibration", at=at, marketplace=case.marketplace, calibration=row.pk)
    return row


@transaction.atomic
def close(by: Mediator, row: Calibration, *, at: datetime) -> bool:
    """Offer a calibration case no longer; what was begun may be written. False: it was closed."""
    if not Calibration.objects.filter(pk=row.pk, closed_at=None).update(closed_at=at):
        return False
    deeds.note(by, "close_calibration", at=at, marketplace=row.marketplace, calibration=row.pk)
    return True


def open_to(me: Mediator) -> QuerySet[Calibration]:
    """Keep the calibration cases that somebody may decide and has not decided, the oldest first."""
    if me.role not in JUDGES:
        return Calibration.objects.none()
    rows = Calibration.objects.filter(me.sees(), closed_at=None)
    rows = rows.exclude(excluded__contains=[me.person])
    done = BlindReview.objects.filter(reviewer=me.person, reviewed_at__isnull=False)
    rows = rows.exclude(pk__in=done.filter(calibration__isnull=False).values("calibration"))
    rows = rows.filter(case__language__in=me.languages) if me.languages else rows
    return rows.order_by("picked_at", "pk")


def take(me: Mediator, row: Calibration, *, at: datetime) -> BlindReview:
    """Begin to decide a calibration case that is open to somebody, or go on with it."""
    review, _is_new = BlindReview.objects.get_or_create(
        calibration=row,
        reviewer=me.person,
        defaults={
            "id": new_id(at),
            "case_id": row.case_id,
            "ruling_id": row.ruling_id,
            "marketplace_id": row.marketplace_id,
            "drawn_at": at,
            "drawn_by": row.picked_by,
            "ruled_by": row.ruling.ruled_by,
            "excluded": row.excluded,
            "taken_at": at,
        },
    )
    return review


def decided(rows: Iterable[Calibration]) -> QuerySet[BlindReview]:
    """Find all that was decided in some calibration cases, the oldest first."""
    found = BlindReview.objects.filter(calibration__in=rows, reviewed_at__isnull=False)
    return found.select_related("calibration", "case").order_by("reviewed_at", "pk")


def deviation(review: BlindReview) -> Deviation:
    """Compare what was decided in a calibration case with what is expected there."""
    row: Any = review.calibration
    off = (review.amount or 0) - row.amount
    larger = max(review.amount or 0, row.amount)
    return Deviation(
        remedy=review.remedy == row.remedy,
        amount=off,
        percent=round(abs(off) * 100 / larger) if larger else 0,
        fault=sum(max(review.fault.get(b, 0) - row.fault.get(b, 0), 0) for b in BEARERS),
    )


def agreement(found: Iterable[BlindReview]) -> list[Agreement]:
    """Tell of each mediator how it decides, whoever agrees least first."""
    by_person: dict[str, list[Deviation]] = {}
    for review in found:
        by_person.setdefault(review.reviewer, []).append(deviation(review))
    rows = [
        Agreement(
            person=person,
            cases=len(each),
            agreed=sum(one.agrees for one in each),
            remedy=sum(one.remedy for one in each),
            percent=round(sum(one.percent for one in each) / len(each)),
            fault=round(sum(one.fault for one in each) / len(each)),
        )
        for person, each in by_person.items()
    ]
    return sorted(rows, key=lambda row: (row.agreed / row.cases, row.person))
