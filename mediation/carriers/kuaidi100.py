"""Kuaidi100 (快递100): the answer to a query, or the `lastResult` of what it pushes."""

from typing import Any

from rest_framework import serializers

from cases.fields import Ref
from mediation.carriers.chinese import meaning
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

OK = "200"
STATE = {  # of the parcel: what the newest line means if its words do not say
    "2": "exception",
    "3": "delivered",
    "4": "returned",
    "5": "out_for_delivery",
    "6": "returning",
    "14": "refused",
}


class Line(serializers.Serializer):
    time = LocalMoment()
    context = Words(required=True)  # type: ignore[assignment]
    areaName = Words()  # noqa: N815 -- theirs


class Answer(serializers.Serializer):
    nu = Number()
    com = Ref()
    state = Words(required=False, max_length=4)
    data = lines(Line)


class Kuaidi100:
    """A trace in words, the newest line first, in local time."""

    name = "kuaidi100"

    def read(self, body: Any, zone: str) -> list[Scan]:
        """:raises CarrierError: it found nothing, or refused the query"""
        if isinstance(body, dict) and isinstance(body.get("lastResult"), dict):
            body = body["lastResult"]
        if isinstance(body, dict) and (
            body.get("result") is False or str(body.get("status", OK)) != OK
        ):
            raise CarrierError(body.get("returnCode") or body.get("status"))
        told = read(Answer, body, zone)
        newest = max((line["time"] for line in told["data"]), default=None)
        return [_scan(told, line, is_newest=line["time"] == newest) for line in told["data"]]


def _scan(told, line, *, is_newest):
    otherwise = STATE.get(told.get("state") or "") if is_newest else None
    said = meaning(line["context"] or "", otherwise or "in_transit")
    return scan(
        carrier=told["com"],
        tracking_no=told["nu"],
        code=said.code,
        happened_at=line["time"],
        place=line.get("areaName") or "",
        how=said.how,
        signed_by=said.signed_by,
    )
