"""Kdniao (快递鸟): the answer to a query, or each of the `Data` of what it pushes."""

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

STATE = {  # of the parcel: what the newest line means if its words do not say
    "1": "accepted",
    "3": "delivered",
    "4": "exception",
}
PUSHED = 50  # parcels in one push


class Trace(serializers.Serializer):
    AcceptTime = LocalMoment()
    AcceptStation = Words(required=True)
    Location = Words()


class Answer(serializers.Serializer):
    LogisticCode = Number()
    ShipperCode = Ref()
    State = Words(max_length=4)
    Traces = lines(Trace)


class Push(serializers.Serializer):
    Data = lines(Answer, most=PUSHED)


class Kdniao:
    """Traces in words, the oldest line first, in local time."""

    name = "kdniao"

    def read(self, body: Any, zone: str) -> list[Scan]:
        """:raises CarrierError: it found nothing, or refused the query"""
        if isinstance(body, dict) and isinstance(body.get("Data"), list):
            told = read(Push, body, zone)["Data"]
        else:
            if isinstance(body, dict) and body.get("Success") is False:
                raise CarrierError(body.get("Reason"))
            told = [read(Answer, body, zone)]
        return [found for parcel in told for found in _scans(parcel)]


def _scans(parcel):
    newest = max((line["AcceptTime"] for line in parcel["Traces"]), default=None)
    for line in parcel["Traces"]:
        otherwise = STATE.get(parcel.get("State") or "") if line["AcceptTime"] == newest else None
        said = meaning(line["AcceptStation"] or "", otherwise or "in_transit")
        yield scan(
            carrier=parcel["ShipperCode"],
            tracking_no=parcel["LogisticCode"],
            code=said.code,
            happened_at=line["AcceptTime"],
            place=line.get("Location") or "",
            how=said.how,
            signed_by=said.signed_by,
        )
