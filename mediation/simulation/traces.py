"""Real traces of parcels, moved in time and given a number: bodies as carriers send them.

The samples are read where they are and never copied. A trace is told in pieces, in any order,
some of them twice; between them come the error bodies of carriers.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from rest_framework.exceptions import ValidationError

from mediation.carriers import ADAPTERS, CarrierError

FILE = "tracking_samples.jsonl"
TWICE = 0.05  # the share of bodies that come twice
ERRORS = 0.05  # of error bodies between them
LATEST = timedelta(hours=36)  # how late a piece may come
KARRIO = {  # the status of a parcel in karrio's words → ours
    "delivered": "delivered",
    "out_for_delivery": "out_for_delivery",
    "ready_for_pickup": "at_pickup_point",
    "delivery_failed": "exception",
    "return_to_sender": "returning",
    "pending": "accepted",
}


class Shape(NamedTuple):
    """Where an adapter's body has what: the lines, their moment, number, carrier, state."""

    lines: str
    moment: str
    number: str
    carrier: str
    state: str
    zoned: bool


SHAPES = {
    "generic": Shape("events", "happened_at", "tracking_no", "carrier", "", zoned=True),
    "easypost": Shape(
        "tracking_details", "datetime", "tracking_code", "carrier", "status", zoned=True
    ),
    "kuaidi100": Shape("data", "time", "nu", "com", "state", zoned=False),
    "kdniao": Shape("Traces", "AcceptTime", "LogisticCode", "ShipperCode", "State", zoned=False),
}


class Body(NamedTuple):
    """What comes in, and through which adapter."""

    adapter: str
    body: Any


@dataclass
class Samples:
    """The traces by how they end, and the bodies that tell of no parcel."""

    delivered: list[Body] = field(default_factory=list)
    under_way: list[Body] = field(default_factory=list)
    errors: list[Body] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> "Samples":
        """:raises FileNotFoundError: the file is missing"""
        found = cls()
        with (folder / FILE).open(encoding="utf-8") as file:
            for line in file:
                found._sort_in(json.loads(line))
        return found

    def _sort_in(self, row):
        adapter = row["source"] if row["source"] in SHAPES else "generic"
        if adapter == "generic":
            self.errors.append(Body(adapter, row["raw"]))  # no shape of ours, or an error
            for body in _of_karrio(row):
                self._by_end(Body("generic", body))
        else:
            self._by_end(Body(adapter, row["raw"]))

    def _by_end(self, sample):
        try:
            scans = ADAPTERS[sample.adapter].read(sample.body, "UTC")
        except (CarrierError, ValidationError):
            self.errors.append(sample)
            return
        if scans:
            codes = {scan.code for scan in scans}
            (self.delivered if "delivered" in codes else self.under_way).append(sample)


def _of_karrio(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Put what karrio has made of a carrier's body in our own shape."""
    for told in (row.get("expected_normalised") or [[]])[0] or []:
        events = [event for event in told.get("events") or [] if event.get("timestamp")]
        events.sort(key=lambda event: event["timestamp"])
        if events:
            yield {
                "carrier": told["carrier_name"],
                "tracking_no": "SAMPLE0001",
                "events": [
                    {"code": "in_transit", "happened_at": event["timestamp"]}
                    for event in events[:-1]
                ]
                + [
                    {
                        "code": KARRIO.get(told.get("status") or "", "in_transit"),
                        "happened_at": events[-1]["timestamp"],
                    }
                ],
            }


class Post(NamedTuple):
    """A body, and when it comes in."""

    at: datetime
    body: Body


def posts(
    sample: Body, *, number: str, carrier: str, last: datetime, zone: str, chance: Random
) -> list[Post]:
    """Tell a sample of a parcel in pieces, in any order, some twice.

    :param last: when its last line shall have happened
    :param zone: of the moments that say none
    """
    shape = SHAPES[sample.adapter]
    lines = _moved(sample, last, zone)
    newest = max(lines, key=lambda line: line[shape.moment])
    pieces = _pieces(lines, chance)
    told = {**sample.body, shape.number: number, shape.carrier: carrier}
    found = []
    for piece in pieces:
        body = {**told, shape.lines: piece}
        if shape.state and newest not in piece:
            body[shape.state] = "in_transit" if shape.zoned else "0"
        post = Post(last + chance.random() * LATEST, Body(sample.adapter, body))
        found.append(post)
        if chance.random() < TWICE:
            found.append(Post(post.at + chance.random() * LATEST, post.body))
    return found


def _pieces(lines, chance):
    """Cut lines into one to three pieces, mixed."""
    mixed = chance.sample(lines, len(lines))
    size = -(-len(mixed) // chance.randint(1, 3))
    return [mixed[start : start + size] for start in range(0, len(mixed), size)]


def _moved(sample, last, zone):
    shape = SHAPES[sample.adapter]
    lines = sample.body[shape.lines]
    moments = [_moment(line[shape.moment]) for line in lines]
    by = last - max(moments)
    written = [_written(moment + by, zone, zoned=shape.zoned) for moment in moments]
    return [{**line, shape.moment: text} for line, text in zip(lines, written, strict=True)]


def _moment(text):
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))


def _written(moment, zone, *, zoned):
    if zoned:
        return moment.isoformat()
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
