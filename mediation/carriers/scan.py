"""What all adapters share: a scan, and how moments and numbers are read."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from rest_framework import serializers

from cases.fields import Moment

CODES = (
    "accepted",
    "in_transit",
    "out_for_delivery",
    "at_pickup_point",  # waits there for whom it is for: not yet delivered
    "delivered",
    "refused",  # the recipient would not take it
    "intercepted",  # the sender called it back
    "returning",
    "returned",  # back with its sender
    "lost",
    "stuck",
    "exception",
)
HOW = ("hand", "pickup_point")  # a delivery was handed over
MOST = 500  # scans in one body
TRACKING_NO = r"^[A-Za-z0-9-]{4,60}$"


class CarrierError(Exception):
    """The body is an error of the carrier's own: it tells of no parcel."""

    def __init__(self, code: Any) -> None:
        """:param code: the carrier's, as it came"""
        self.code = str(code or "")[:50]
        super().__init__(self.code)


class Adapter(Protocol):
    """Reads the bodies of one sender."""

    name: str

    def read(self, body: Any, zone: str) -> list["Scan"]:
        """Read a body, as parsed from JSON.

        :param zone: of moments that do not say how far they are from UTC
        :returns: scans in any order, one or more of each parcel
        :raises CarrierError: it is an error of the carrier's
        :raises ValidationError: it has another shape
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One message of a carrier, by the sender's own id of it."""

    source_id: str
    carrier: str
    tracking_no: str
    code: str
    happened_at: datetime
    place: str = ""
    how: str = ""
    signed_by: str = ""


def derived(*, carrier: str, tracking_no: str, code: str, happened_at: datetime) -> str:
    """Make the id of a scan whose sender has none: the same scan has the same id."""
    told = f"{carrier}\n{tracking_no.upper()}\n{happened_at.isoformat()}\n{code}"
    return f"derived-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def scan(*, source_id: str = "", place: str = "", signed_by: str = "", **told: Any) -> Scan:
    """Make a scan from what was read; words are cut to what is kept of them."""
    own = source_id or derived(**{k: v for k, v in told.items() if k != "how"})
    return Scan(source_id=own, place=place[:120], signed_by=signed_by[:100], **told)


class LocalMoment(Moment):
    """A moment; one that says no offset is local time where the marketplace is."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is not None:
            return value
        return value.replace(tzinfo=ZoneInfo(self.context["zone"])).astimezone(UTC)


class Number(serializers.RegexField):
    """A tracking number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(TRACKING_NO, **options)


class Words(serializers.CharField):
    """Words of a carrier: as long as they may be, and possibly none."""

    def __init__(self, **options: Any) -> None:
        given = {"required": False, "allow_null": True, "allow_blank": True, "max_length": 2000}
        super().__init__(**(given | options))


def lines(of: Any, *, most: int = MOST) -> Any:
    """Make a list of what is told one by one."""
    return of(many=True, max_length=most)


def read(shape: type[serializers.Serializer], body: Any, zone: str) -> dict[str, Any]:
    """Read a body of a shape; what else it has is left aside.

    :raises ValidationError: it has another shape
    """
    told = shape(data=body, context={"zone": zone})
    told.is_valid(raise_exception=True)
    return told.validated_data
