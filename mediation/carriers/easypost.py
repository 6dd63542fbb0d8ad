"""EasyPost: trackers, by themselves or in a webhook event (docs.easypost.com, Tracker object)."""

from typing import Any

from rest_framework import serializers

from cases.fields import Ref
from mediation.carriers.scan import (
    CarrierError,
    LocalMoment,
    Number,
    Scan,
    Words,
    lines,
    read,
    scan,
)

CODE = {  # status of a tracking detail → ours
    "unknown": "in_transit",
    "pre_transit": "accepted",
    "in_transit": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "available_for_pickup": "at_pickup_point",
    "delivered": "delivered",
    "return_to_sender": "returning",
    "failure": "exception",
    "cancelled": "exception",
}


class Location(serializers.Serializer):
    city = Words()
    state = Words()
    country = Words()


class Detail(serializers.Serializer):
    status = serializers.ChoiceField(choices=list(CODE))
    datetime = LocalMoment()
    tracking_location = Location(required=False, allow_null=True)


class Tracker(serializers.Serializer):
    tracking_code = Number()
    carrier = Ref()
    signed_by = Words()
    tracking_details = lines(Detail)


class EasyPost:
    """A tracker with its whole history."""

    name = "easypost"

    def read(self, body: Any, zone: str) -> list[Scan]:
        """:raises CarrierError: the answer is an error, or the tracker of a number it refused"""
        if isinstance(body, dict) and body.get("object") == "Event":
            body = body.get("result")
        if isinstance(body, dict):
            _look_for_errors(body)
        told = read(Tracker, body, zone)
        return [_scan(told, detail) for detail in told["tracking_details"]]


def _look_for_errors(body):
    if "error" in body:
        error = body["error"]
        raise CarrierError(error.get("code") if isinstance(error, dict) else error)
    if body.get("status") == "error":
        raise CarrierError("tracker_error")


def _scan(told, detail):
    code, location = CODE[detail["status"]], detail.get("tracking_location") or {}
    delivered = code == "delivered"
    signed_by = told.get("signed_by") or ""
    return scan(
        carrier=told["carrier"],
        tracking_no=told["tracking_code"],
        code=code,
        happened_at=detail["datetime"],
        place=", ".join(filter(None, (location.get(k) for k in ("city", "state", "country")))),
        how="hand" if delivered and signed_by else "",
        signed_by=signed_by if delivered else "",
    )
