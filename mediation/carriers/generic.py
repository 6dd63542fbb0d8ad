"""Our own shape: one parcel with its events, in our words."""

from typing import Any

from rest_framework import serializers

from cases.fields import Line, Ref, Strict
from mediation.carriers.scan import (
    CODES,
    HOW,
    CarrierError,
    LocalMoment,
    Number,
    Scan,
    lines,
    read,
    scan,
)

# What error bodies of many carriers have at their top.
ERRORS = (
    *("error", "errors", "Error", "Errors", "fault", "messages"),
    *("errorCode", "errorMessage", "returnCode", "returnMessage", "title", "detail"),
)


class EventIn(Strict):
    """One event; without an `id` it is known by number, moment and code."""

    id = Ref(required=False)
    code = serializers.ChoiceField(choices=list(CODES))
    happened_at = LocalMoment()
    place = Line(max_length=120, required=False)
    handed_over = serializers.ChoiceField(choices=list(HOW), required=False)
    signed_by = Line(max_length=100, required=False)


class ParcelIn(Strict):
    """One parcel."""

    carrier = Ref()
    tracking_no = Number()
    events = lines(EventIn)


class Generic:
    """Whoever can send our own shape."""

    name = "generic"

    def read(self, body: Any, zone: str) -> list[Scan]:
        """:raises CarrierError: an error in one of the usual shapes"""
        if isinstance(body, dict) and "events" not in body and "tracking_no" not in body:
            for key in ERRORS:
                if key in body:
                    raise CarrierError(_code(body[key], body))
        told = read(ParcelIn, body, zone)
        return [
            scan(
                source_id=event.get("id", ""),
                carrier=told["carrier"],
                tracking_no=told["tracking_no"],
                code=event["code"],
                happened_at=event["happened_at"],
                place=event.get("place", ""),
                how=event.get("handed_over", ""),
                signed_by=event.get("signed_by", ""),
            )
            for event in told["events"]
        ]


def _code(error, body):
    """Find the code in an error: in itself, in the first of several, or beside it."""
    if isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, dict):
        return next((error[k] for k in ("code", "errorCode", "Key", "name") if k in error), "")
    return error if isinstance(error, int) else body.get("status", "")
