"""The stories that each start of the demo plays: people act, clocks run, nothing is bypassed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Marketplace, Order
from cases.refusals import Refused
from cases.roles import PARTIES
from mediation import steps
from mediation.simulation import demo

Inputs = Mapping[str, Any] | Callable[[Case], dict[str, Any]]
NOTHING: dict[str, Any] = {}


class Cue(NamedTuple):
    """Somebody takes a step, so many seconds after the curtain rises."""

    second: int
    role: str
    step: str
    inputs: Inputs = NOTHING


@dataclass(frozen=True)
class Story:
    """One case: how the buyer opens it, and what people do then. Clocks do the rest."""

    opens: int  # at that second
    reason: str
    remedy: str
    words: str
    shows: tuple[str, ...] = ()  # evidence slots
    cues: tuple[Cue, ...] = ()

    @property
    def application(self) -> dict[str, Any]:
        """What the buyer fills in, but for the lines."""
        evidence = [{"slot": slot} for slot in self.shows]
        told = {"reason": self.reason, "remedy": self.remedy, "statement": self.words}
        return told | {"evidence": evidence}


def parcel(carrier: str) -> Inputs:
    """Name a parcel of a carrier by a number that is used once."""
    return lambda case: {"carrier": carrier, "tracking_no": f"{carrier}-{case.id.hex[-10:]}"}


def refund_of(percent: int) -> Inputs:
    """Offer a share of each line, with nothing sent back; quote the offer that it answers."""

    def terms(case: Case) -> dict[str, Any]:
        items = case.attempts.latest("number").items.all()
        amounts = {item.line_id: item.worth * percent // 100 for item in items}
        return {"remedy": "refund_only", "amounts": amounts, **the_offer(case)}

    return terms


def the_offer(case: Case) -> dict[str, Any]:
    """Quote the offer that stands, if one does."""
    found = case.offers.filter(state="open").values("id", "version").first()
    return {"offer": found["id"], "version": found["version"]} if found else {}


STORIES = (
    # The seller stays silent: the clock brings a mediator in.
    Story(1, "counterfeit", "return_refund", "The engraving is misspelt.", ("photo_goods",)),
    # The return is delivered and nobody looks at it: the clock refunds.
    Story(
        *(2, "quality", "return_refund", "The zip broke on the first day.", ("photo_goods",)),
        cues=(
            Cue(6, "seller", "approve"),
            Cue(12, "buyer", "ship_return", parcel("sf")),
            Cue(20, "carrier", "return_delivered"),
        ),
    ),
    # The seller answers in time.
    Story(
        *(4, "seven_day_no_reason", "return_refund", "七天无理由退货。", ("intact",)),
        cues=(
            Cue(24, "seller", "approve"),
            Cue(40, "buyer", "ship_return", parcel("zto")),
            Cue(52, "carrier", "return_delivered"),
            Cue(60, "seller", "accept_return"),
            Cue(75, "buyer", "rate", {"score": 5}),
        ),
    ),
    # Refused, and applied for again in the same case.
    Story(
        *(8, "not_as_described", "refund_only", "颜色与页面不符。", ("photo_goods",)),
        cues=(
            Cue(
                *(22, "seller", "refuse"),
                {"reason": "facts_differ", "statement": "The listing shows this very colour."},
            ),
            Cue(
                *(45, "buyer", "reapply"),
                {"remedy": "return_refund", "statement": "请看对比照片。"},
            ),
            Cue(58, "seller", "approve"),
        ),
    ),
    # They bargain.
    Story(
        *(14, "late", "refund_only", "It came a week after the party."),
        cues=(
            Cue(26, "seller", "offer", refund_of(20)),
            Cue(40, "buyer", "counter_offer", refund_of(50)),
            Cue(54, "seller", "accept_offer", the_offer),
        ),
    ),
    # An exchange, there and back.
    Story(
        *(18, "wrong_item", "exchange", "I ordered size 42 and got 40.", ("photo_goods",)),
        cues=(
            Cue(34, "seller", "approve"),
            Cue(48, "buyer", "ship_return", parcel("yto")),
            Cue(62, "carrier", "return_delivered"),
            Cue(74, "seller", "accept_return"),
            Cue(86, "seller", "dispatch_replacement", parcel("sf")),
            Cue(100, "carrier", "replacement_delivered"),
            Cue(112, "buyer", "confirm_replacement"),
        ),
    ),
)


class Part(NamedTuple):
    """One cue of one case on the stage; `number` keeps cues of one moment in order."""

    at: datetime
    number: int
    case_id: UUID
    order: Order
    story: Story
    cue: Cue


class Stage:
    """The stories on their way: `act` lets everybody act whose moment has come."""

    def __init__(
        self, market: Marketplace, at: datetime, stories: Iterable[Story] = STORIES
    ) -> None:
        stories = tuple(stories)
        numbers = count()
        self.parts = sorted(
            Part(at + timedelta(seconds=cue.second), next(numbers), case_id, order, story, cue)
            for story, order in zip(stories, demo.buy(market, len(stories), at=at), strict=True)
            for case_id in [new_id(at)]
            for cue in (Cue(story.opens, "buyer", "open"), *story.cues)
        )

    def act(
        self, at: datetime, *, clock: Callable[[], datetime] = steps.database_clock
    ) -> list[Refused]:
        """Take the steps whose moment has come; give the refusals."""
        answers = []
        while self.parts and self.parts[0].at <= at:
            answers += steps.take([_wish(self.parts.pop(0))], clock=clock)
        return [answer for answer in answers if isinstance(answer, Refused)]


def _wish(part):
    applies = part.cue.step in {"open", "reapply"}
    case = None if part.cue.step == "open" else Case.everywhere.get(pk=part.case_id)
    told = part.cue.inputs
    inputs = told(case) if callable(told) else told
    return steps.Wish(
        case_id=part.case_id,
        order_id=part.order.id if case is None else None,
        step=part.cue.step,
        by=_actor(part.order, part.cue.role),
        inputs={**(_application(part) if applies else {}), **inputs},
    )


def _application(part):
    lines = part.order.lines.order_by("ref")
    items = [{"line": line.id, "quantity": line.quantity, "amount": None} for line in lines]
    return part.story.application | {"items": items}


def _actor(order, role):
    party_id = getattr(order, f"{role}_id") if role in PARTIES else None
    return Actor(
        role=role,
        marketplace_id=order.marketplace_id,
        party_id=party_id,
        person=f"{role}-by-script",
    )
