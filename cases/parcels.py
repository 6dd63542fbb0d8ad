"""The parcels of a case: the return, and what the seller owes."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases.reasons import REMEDIES
from cases.terms import SEND_BACK

if TYPE_CHECKING:
    from cases.models import Case

ORDER = "order"  # the kind of a parcel in which the order itself was sent out
# How the order's own goods came, each telling more than the one before.
DELIVERIES = ("", "at_pickup_point", "signed", "pickup_point", "hand")
# Remedy → kind of the parcel that the seller owes.
OWED = {key: row.sends for key, row in REMEDIES.items() if row.sends} | {SEND_BACK: "sent_back"}


def send(case: "Case", kind: str, carrier: str, tracking_no: str) -> None:
    """A parcel is handed to a carrier."""
    parcel = case.facts.new(
        "Parcel",
        case_id=case.id,
        marketplace_id=case.marketplace_id,
        kind=kind,
        carrier=carrier,
        tracking_no=tracking_no,
        sent_at=case.facts.at,
        moved_at=case.facts.at,
        state="sent",
    )
    case.facts.parcels.append(parcel)
    case.facts.tell(parcel=parcel.id, kind=kind)


def correct(case: "Case", carrier: str, tracking_no: str) -> None:
    """Mend the number of the return."""
    parcel = case.facts.parcel("return")
    parcel.carrier, parcel.tracking_no = carrier, tracking_no
    parcel.corrections += 1
    case.facts.touch(parcel)
    case.facts.tell(parcel=parcel.id)


def delivered(case: "Case", kind: str, **scan: Any) -> None:
    """A parcel has arrived, by the carrier's word."""
    _scanned(case, kind, "delivered", **scan)


def lost(case: "Case", kind: str, **scan: Any) -> None:
    """A parcel will not arrive, by the carrier's word: it is lost, or back with its sender."""
    _scanned(case, kind, "lost", **scan)


def _scanned(
    case: "Case",
    kind: str,
    state: str,
    *,
    happened_at: datetime | None = None,
    scan: UUID | None = None,
    code: str = "",
    how: str = "",
) -> None:
    parcel = case.facts.parcel(kind)
    if parcel is None:  # the carrier was faster than the buyer's own word
        case.facts.tell(kind=kind)
        return
    parcel.state, parcel.scans = state, parcel.scans + 1
    if state == "delivered":
        parcel.delivered_at, parcel.how = happened_at or case.facts.at, how
    case.facts.touch(parcel)
    case.facts.tell(parcel=parcel.id, kind=kind, scan=scan, code=code or None, how=how or None)


def delivery(code: str, how: str) -> str:
    """Say how the goods of the order came: "at_pickup_point", "pickup_point", "hand", "signed"."""
    return code if code != "delivered" else how or "signed"


def is_news(case: "Case", code: str, how: str) -> bool:
    """Say whether it tells more of the order's own parcel than is known."""
    return DELIVERIES.index(delivery(code, how)) > DELIVERIES.index(case.delivery)


def end(case: "Case", kind: str) -> None:
    """A parcel needs no more watching."""
    parcel = case.facts.parcel(kind)
    if parcel is not None:
        parcel.state = "ended"
        case.facts.touch(parcel)
        case.facts.parcels.remove(parcel)


def end_all(case: "Case") -> None:
    """No parcel needs watching any more."""
    for parcel in tuple(case.facts.parcels):
        end(case, parcel.kind)
