"""What carriers tell of parcels: recorded once each, and a step of the case where one is due."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Parcel, ParcelEvent
from cases.refusals import Refused
from mediation import stepping
from mediation.changes import Changes

RETURN = "return"
# (what the carrier says, whether it is the return) → the step that it means.
MEANS = {
    ("delivered", True): "return_delivered",
    ("lost", True): "return_lost",
    ("delivered", False): "replacement_delivered",
}


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One message of a carrier, by the sender's own id of it."""

    source_id: str
    carrier: str
    tracking_no: str
    code: str
    happened_at: datetime


class Kept(NamedTuple):
    """What has become of a message."""

    is_new: bool  # False: it was told before
    parcel: Parcel | None
    taken: Any = None  # stepping.Taken: the case moved


def is_known(marketplace_id: UUID, scan: Scan) -> bool:
    """Say whether the message was recorded before."""
    return ParcelEvent.objects.filter(
        marketplace_id=marketplace_id, source_id=scan.source_id
    ).exists()


def keep(case: Case, scan: Scan, by: Actor, changes: Changes) -> Kept:
    """Record a message about a parcel of a locked case, and move the case if that is possible now.

    :param case: with its facts
    """
    parcel = _parcel(case, scan)
    if is_known(case.marketplace_id, scan):
        return Kept(is_new=False, parcel=parcel)
    row = record(scan, case.marketplace_id, changes, parcel=parcel)
    step = MEANS.get((scan.code, parcel.kind == RETURN))
    if step is not None and case.facts.parcel(parcel.kind) is parcel:
        inputs = {"happened_at": scan.happened_at, "scan": row.id}
        try:
            taken = stepping.take(case, step, by, changes, inputs)
            return Kept(is_new=True, parcel=parcel, taken=taken)
        except Refused:
            pass  # in mediation, paid or ended: the message is shown, and moves nothing
    parcel.scans += 1
    changes.touch(parcel)
    return Kept(is_new=True, parcel=parcel)


def _parcel(case, scan):
    """Find the parcel: among the facts, so that a step changes the same object, or in the past."""
    same = {"carrier": scan.carrier, "tracking_no": scan.tracking_no}
    live = [p for p in case.facts.parcels if all(getattr(p, k) == v for k, v in same.items())]
    return live[-1] if live else Parcel.objects.filter(case=case, **same).latest("id")


def record(
    scan: Scan, marketplace_id: UUID, changes: Changes, *, parcel: Parcel | None = None
) -> ParcelEvent:
    """Hand the row of a message to the change set."""
    row = ParcelEvent(
        id=new_id(changes.at),
        marketplace_id=marketplace_id,
        parcel=parcel,
        source_id=scan.source_id,
        carrier=scan.carrier,
        tracking_no=scan.tracking_no,
        code=scan.code,
        happened_at=scan.happened_at,
        recorded_at=changes.at,
    )
    changes.added[ParcelEvent].append(row)
    return row


@transaction.atomic(durable=True)
def keep_unclaimed(scan: Scan, marketplace_id: UUID, at: datetime) -> Kept:
    """Record a message about a parcel that no case knows (yet)."""
    if is_known(marketplace_id, scan):
        return Kept(is_new=False, parcel=None)
    changes = Changes(at=at)
    record(scan, marketplace_id, changes)
    changes.flush()
    return Kept(is_new=True, parcel=None)
