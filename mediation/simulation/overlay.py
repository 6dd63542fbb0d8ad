"""Script B: real orders with unrelated real texts and traces laid over them.

Good for load and flow, useless for how well anybody decides. The carriers speak only through
their adapters: the order's parcel, and every parcel that is sent in a case.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from rest_framework.exceptions import ValidationError

from cases.ids import new_id
from cases.models import Event, Marketplace, ParcelEvent
from cases.models.parcel import Consignment
from cases.roles import Role
from mediation import parcel_events
from mediation.carriers import ADAPTERS, CarrierError
from mediation.simulation.replay import Replay
from mediation.simulation.shop import Grievance
from mediation.simulation.texts import Texts
from mediation.simulation.traces import ERRORS, Body, Post, Samples, posts

SENDS = {"ship_return", "dispatch_replacement"}
CARRIER = "yto"
# How the parcels of a case end, by weight; what is said of them at last.
ENDS = {"delivered": 70, "": 12, "lost": 6, "returned": 6, "refused": 6}
DAYS = (1, 6)  # until then


def worded(grievances: Iterable[Grievance], texts: Texts) -> list[Grievance]:
    """Give each grievance a real text that has nothing to do with it."""
    return [replace(grievance, words=texts.draw(grievance.reason)) for grievance in grievances]


class Overlay(Replay):
    """A replay whose carriers send bodies."""

    def __init__(
        self,
        market: Marketplace,
        grievances: Iterable[Grievance],
        samples: Samples,
        *,
        seed: int,
    ) -> None:
        super().__init__(market, grievances, seed=seed)
        self.script.mute = frozenset({str(Role.CARRIER)})
        self.samples, self.chance = samples, Random(f"{seed} carriers")  # noqa: S311 -- a story
        self.zone = parcel_events.zone_of(market)
        self.posts: list[tuple[datetime, int, Body]] = []
        self.sent: list[Body] = []
        self.tally: Counter[str] = Counter()
        self._send_out()

    # What is sent

    def _send_out(self):
        """Give every order that was shipped a parcel with a number, and tell its trace."""
        purchases = {g.purchase.ref: g.purchase for g in self.grievances}
        rows = []
        for number, (ref, purchase) in enumerate(sorted(purchases.items())):
            if purchase.shipped_at is None:
                continue
            row = Consignment(
                id=new_id(self.now),
                order=self.orders[ref],
                marketplace=self.market,
                carrier=CARRIER,
                tracking_no=f"OUT{number:09}",
            )
            rows.append(row)
            last = purchase.delivered_at or purchase.shipped_at + timedelta(days=2)
            kind = "delivered" if purchase.delivered_at else ""
            self._trace(row.tracking_no, CARRIER, kind, last)
        Consignment.objects.bulk_create(rows)

    def _trace(self, number, carrier, end, last):
        pool = self.samples.delivered if end == "delivered" else self.samples.under_way
        told = {"number": number, "carrier": carrier, "zone": self.zone, "chance": self.chance}
        found = posts(self.chance.choice(pool), last=last, **told)
        if end not in {"", "delivered"}:
            event = {"code": end, "happened_at": last.isoformat()}
            body = {"carrier": carrier, "tracking_no": number, "events": [event]}
            found.append(Post(last, Body("generic", body)))
        for post in found:
            self._post(post)
            if self.chance.random() < ERRORS:
                self._post(Post(post.at, self.chance.choice(self.samples.errors)))

    def _post(self, post):
        self.count += 1
        heapq.heappush(self.posts, (post.at, self.count, post.body))

    def _follow(self, case, clocks, step=""):
        super()._follow(case, clocks, step)
        if step in SENDS:
            parcel = case.facts.parcels[-1]
            [end] = self.chance.choices(list(ENDS), list(ENDS.values()))
            last = self.now + self.chance.uniform(*DAYS) * timedelta(days=1)
            self._trace(parcel.tracking_no, parcel.carrier, end, last)

    # What comes in

    def _next_moment(self):
        found = super()._next_moment()
        heads = [moment for moment in (found, self.posts and self.posts[0][0]) if moment]
        return min(heads, default=None)

    def _act(self):
        moved: set[UUID] = set()
        while self.posts and self.posts[0][0] <= self.now:
            body = heapq.heappop(self.posts)[2]
            self.sent.append(body)
            moved |= self.feed(body)
        self._look_again(moved)
        super()._act()

    def feed(self, sent: Body) -> set[UUID]:
        """Let a body come in, as the API lets it; give the cases that it has moved."""
        self.tally["bodies"] += 1
        try:
            scans = ADAPTERS[sent.adapter].read(sent.body, self.zone)
        except CarrierError:
            self.tally["errors of carriers, answered"] += 1
            return set()
        except ValidationError:
            self.tally["bodies of other shapes, refused"] += 1
            return set()
        told = parcel_events.tell(self.market, scans, "carriers", clock=self._clock)
        for _, kept in told:
            self.tally["scans, new" if kept.is_new else "scans, told before"] += 1
            if kept.taken is not None:
                self.tally[f"led to {kept.taken.event.name}"] += 1
        return {kept.taken.case.id for _, kept in told if kept.taken is not None}

    def feed_again(self) -> int:
        """Let everything come in once more; give how many scans or events are new: none."""
        rows = (ParcelEvent, Event)
        before = [model.objects.filter(marketplace=self.market).count() for model in rows]
        tally, self.tally = self.tally, Counter()
        for body in self.sent:
            self.feed(body)
        self.tally = tally
        after = [model.objects.filter(marketplace=self.market).count() for model in rows]
        return sum(after) - sum(before)
