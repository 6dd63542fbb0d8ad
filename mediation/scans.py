"""What carriers tell of parcels: recorded once each, and a step of the case where one is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Upper

from cases import parcels
from cases.actors import Actor
from cases.ids import new_id
from cases.lifecycle import OPEN
from cases.models import Case, Parcel, ParcelEvent
from cases.refusals import Refused
from cases.roles import Role
from mediation import stepping, timekeeping
from mediation.carriers.names import same
from mediation.carriers.scan import Scan
from mediation.changes import Changes

RETURN = "return"
# (what the carrier says, whether it is the return) → the step that it means.
MEANS = {
    ("delivered", True): "return_delivered",
    ("lost", True): "return_lost",
    ("returned", True): "return_lost",
    ("delivered", False): "replacement_delivered",
    ("lost", False): "replacement_lost",
    ("returned", False): "replacement_lost",
}
# What both sides and the mediator should know even if it moves nothing; once for each parcel.
NOTED = {"delivered", "lost", "returned", "refused", "intercepted", "stuck"}
STANDSTILL = {"stuck", "exception"}  # no movement
# Reasons that the arrival of the order's own parcel speaks against, and what tells of it.
AWAITS_GOODS = {"not_received", "lost", "late", "no_tracking", "signed_not_received"}
ARRIVED = {"delivered", "at_pickup_point"}
SLACK = timedelta(hours=1)  # of carriers' clocks
SENT_BY = {"ship_return", "correct_tracking", "dispatch_replacement"}  # a number becomes known


class Kept(NamedTuple):
    """What has become of a message."""

    is_new: bool  # False: it was told before
    parcel: Parcel | None
    case_id: UUID | None = None
    taken: Any = None  # stepping.Taken: the case moved


def by_number(model: type[Model], marketplace_id: UUID, tracking_no: str) -> QuerySet[Any]:
    """Keep the rows of a tracking number, however it is written; carriers may differ."""
    numbered = model._default_manager.alias(number=Upper("tracking_no"))  # noqa: SLF001
    return numbered.filter(marketplace_id=marketplace_id, number=tracking_no.upper())


def known(marketplace_id: UUID, scans: Iterable[Scan]) -> set[str]:
    """Name the messages that were recorded before, by the sender's ids: one read for all."""
    ids = [scan.source_id for scan in scans]
    told = ParcelEvent.objects.filter(marketplace_id=marketplace_id, source_id__in=ids)
    return set(told.values_list("source_id", flat=True))


def keep(case: Case, scans: tuple[Scan, ...], by: Actor, changes: Changes) -> list[Kept]:
    """Record messages about one parcel, and move its locked case where that is possible now.

    :param case: with its facts
    :param scans: of one number, the earliest first
    """
    before = known(case.marketplace_id, scans)
    parcel = _parcel(case, scans[0])
    told = _told(parcel, case, scans[0])
    found = []
    for scan in scans:
        if scan.source_id in before:
            found.append(Kept(is_new=False, parcel=parcel, case_id=case.id))
            continue
        before.add(scan.source_id)
        row = record(scan, case.marketplace_id, changes, parcel=parcel)
        taken = _follow(case, row, parcel, by, changes, is_first=scan.code not in told)
        told.add(scan.code)
        found.append(Kept(is_new=True, parcel=parcel, case_id=case.id, taken=taken))
    return found


def _parcel(case, scan):
    """Find the parcel: among the facts, so that a step changes the same object, or in the past.

    None: it is the one in which the order itself was sent out.
    """
    live = [p for p in case.facts.parcels if p.tracking_no.upper() == scan.tracking_no.upper()]
    if live:
        return live[-1]
    past = by_number(Parcel, case.marketplace_id, scan.tracking_no)
    return past.filter(case=case).order_by("id").last()


def _told(parcel, case, scan):
    """Name the codes that carriers have told of a parcel before."""
    rows = by_number(ParcelEvent, case.marketplace_id, scan.tracking_no)
    rows = rows.filter(parcel=parcel) if parcel is not None else rows.none()
    return set(rows.values_list("code", flat=True))


def _follow(case, row, parcel, by, changes, *, is_first):
    """Do what a message means."""
    if parcel is None:
        return _goods(case, row, by, changes)
    row.too_old = _is_too_old(case, row)
    if row.too_old:
        return None
    is_live = case.facts.parcel(parcel.kind) is parcel
    step = MEANS.get((row.code, parcel.kind == RETURN)) if is_live else None
    if step is None or (taken := _try(case, step, row, by, changes)) is None:
        parcel.scans += 1
        changes.touch(parcel)
        taken = _note(case, row, parcel, by, changes) if is_first else None
    _moved(case, row, parcel, changes)
    return taken


def _is_too_old(case, row):
    """What happened to a number before anybody agreed was another parcel under it."""
    agreed_at = case.facts.application.answered_at
    return agreed_at is not None and row.happened_at < agreed_at - SLACK


def _try(case, step, row, by, changes):
    """Take a step; None: not now, as in mediation, when paid or ended."""
    told = {"happened_at": row.happened_at, "scan": row.id, "code": row.code, "how": row.how}
    try:
        return stepping.take(case, step, by, changes, told)
    except Refused:
        return None


def _note(case, row, parcel, by, changes):
    if row.code not in NOTED or (row.code == "delivered" and parcel.delivered_at is not None):
        return None
    return _tell(case, parcel.kind, row, by, changes)


def _goods(case, row, by, changes):
    """The goods that somebody misses come after all: the case stays, both sides know."""
    is_news = row.code in ARRIVED and parcels.is_news(case, row.code, row.how)
    if case.reason not in AWAITS_GOODS or not is_news or case.state not in OPEN:
        return None
    case.delivery = parcels.delivery(row.code, row.how)
    return _tell(case, parcels.ORDER, row, by, changes)


def _tell(case, kind, row, by, changes):
    if case.state not in OPEN:
        return None
    told = {"kind": kind, "code": row.code, "scan": row.id, "how": row.how or None}
    return stepping.note(case, "parcel_news", by, changes, **told)


def _moved(case, row, parcel, changes):
    """A parcel that moves is not stuck."""
    later = parcel.moved_at is None or row.happened_at > parcel.moved_at
    if row.code not in STANDSTILL and later:
        parcel.moved_at = min(row.happened_at, case.facts.at)
        changes.touch(parcel)
        timekeeping.look_again(case.facts)


def catch_up(taken: Iterable[stepping.Taken], changes: Changes) -> None:
    """Numbers have just become known: follow what carriers have told of them before.

    One read for n cases; none if no number has become known.
    """
    sent = [t.case for t in taken if t.event.name in SENT_BY and t.case.facts.parcels]
    parcels_of = {case.facts.parcels[-1].tracking_no.upper(): case for case in sent}
    if not parcels_of:
        return
    early = ParcelEvent.objects.alias(number=Upper("tracking_no")).filter(
        marketplace__in={case.marketplace_id for case in sent},
        number__in=parcels_of,
        parcel=None,
    )
    told: set[tuple[UUID, str]] = set()
    for row in early.order_by("happened_at", "id"):
        case = parcels_of[row.tracking_no.upper()]
        parcel = next((p for p in case.facts.parcels if _is_of(row, p)), None)
        if parcel is not None:
            row.parcel_id = parcel.id
            changes.touch(row)
            by = Actor(role=str(Role.CARRIER), marketplace_id=case.marketplace_id)
            is_first = (parcel.id, row.code) not in told
            _follow(case, row, parcel, by, changes, is_first=is_first)
            told.add((parcel.id, row.code))


def _is_of(row, parcel):
    return (
        row.marketplace_id == parcel.marketplace_id
        and row.tracking_no.upper() == parcel.tracking_no.upper()
        and same(row.carrier, parcel.carrier)
    )


def record(
    scan: Scan, marketplace_id: UUID, changes: Changes, *, parcel: Parcel | None = None
) -> ParcelEvent:
    """Hand the row of a message to the change set; once, also if it is of several cases."""
    for row in changes.added[ParcelEvent]:
        if row.source_id == scan.source_id:
            return row
    row = ParcelEvent.fresh(
        id=new_id(changes.at),
        marketplace_id=marketplace_id,
        parcel_id=parcel.id if parcel is not None else None,
        recorded_at=changes.at,
        **vars(scan),
    )
    changes.added[ParcelEvent].append(row)
    return row


@transaction.atomic(durable=True)
def keep_unclaimed(scans: Iterable[Scan], marketplace_id: UUID, at: datetime) -> list[Kept]:
    """Record messages about a parcel that no case knows (yet)."""
    scans = tuple(scans)
    before = known(marketplace_id, scans)
    changes = Changes(at=at)
    found = []
    for scan in scans:
        found.append(Kept(is_new=scan.source_id not in before, parcel=None))
        if scan.source_id not in before:
            record(scan, marketplace_id, changes)
            before.add(scan.source_id)
    changes.flush()
    return found
