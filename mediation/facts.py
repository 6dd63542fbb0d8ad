"""What a step may see of a case, and what it leaves; `loading` reads it.

Steps, conditions, `actions`, dry run and forecast read nothing else.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from cases import demands
from cases.actors import CLOCK, Actor
from cases.categories import Path
from cases.clocks import CLOCKS
from cases.conduct import by_clock
from cases.ids import new_id
from cases.models import (
    ApplicationItem,
    Case,
    Clock,
    Docket,
    EvidenceRequest,
    File,
    Order,
    OrderLine,
    Parcel,
    Payment,
)
from cases.parcels import OWED
from cases.policy import Policy
from cases.reasons import DELIVERED, REASONS, REFUSALS, SHIPPED, SLOTS, UNSHIPPED
from cases.refusals import BadTerms, EvidenceMissing
from cases.roles import Role
from cases.terms import SEND_BACK
from mediation.changes import MODELS, Changes

COMPENSATION_CAP = 3  # times the worth of the goods: the highest multiple any platform pays
SENT_BACK = OWED[SEND_BACK]
LIVE_PARCEL = ("sent", "delivered", "lost")
LIVE_RULING = ("draft", "live")


class Facts:
    """Everything a step may see of one case, and the way in which it tells what is new."""

    # The goods and the money; not there at all (AttributeError) where only light steps are taken.
    order: Order
    lines: dict[UUID, OrderLine]
    payments: list[Payment]  # in the order of their capture
    application: Any
    items: list[ApplicationItem]  # of that application

    def __init__(self, case: Case, policy: Policy, changes: Changes) -> None:
        self.case, self.policy, self.changes = case, policy, changes
        self.at: datetime = changes.at
        # What a case may not have is `Any`: the state or a condition has told that it is there.
        self.offer: Any = None
        self.parcels: list[Parcel] = []
        self.refund: Any = None  # that is on its way
        self.advance: Any = None  # a refund paid at a ruling that is not final yet
        self.guaranteed: tuple[int, int] = (0, 0)  # advanced by the platform: order, seller
        self.dispute: Any = None
        self.ruling: Any = None  # draft or live
        self.ruled_elsewhere = 0  # in other cases of the order, beside what its lines tell
        self.proposal: Any = None
        self.requests: list[EvidenceRequest] = []  # of the last round
        self.bids: dict[str, int] = {}  # side → minor units
        self.handed_in: dict[str, set[str]] = defaultdict(set)  # side → slots
        self.files: dict[UUID, File] = {}  # those that are named now
        self.clocks: list[Clock] = []
        self.decided: Any = None  # by the dispute: in this run, or while its advance is on its way
        self.fault: dict[str, int] = {}  # by the same ruling, in percent
        self.branch: dict[str, Any] | None = None  # the application of a case that splits off
        self.begin(CLOCK)

    def begin(
        self, actor: Actor, *, lease: UUID | None = None, fired: str = "", given: Iterable[str] = ()
    ) -> None:
        """Get ready for one step.

        :param given: evidence slots handed in with it
        :param fired: the clock whose end it is
        """
        self.actor, self.lease, self.fired, self.given = actor, lease, fired, frozenset(given)
        self.told: dict[str, Any] = {}
        self.lengths: dict[str, Any] = {}  # of clocks that this step sets itself
        self._event_id: UUID | None = None

    @property
    def event_id(self) -> UUID:
        """The id of the event that the step becomes: what it leaves may name it before."""
        if self._event_id is None:
            self._event_id = new_id(self.at)
        return self._event_id

    def wake(self, at: datetime) -> None:
        """Go on at another moment, as if everything had been read afresh."""
        self.at = at
        if self.case.state != "refunding":
            self.decided, self.fault = None, {}
        self.parcels = [parcel for parcel in self.parcels if parcel.state in LIVE_PARCEL]
        if self.refund is not None and self.refund.state != "pending":
            self.refund = None
        if self.offer is not None and self.offer.state != "open":
            self.offer = None
        if self.proposal is not None and self.proposal.state != "open":
            self.proposal = None
        if self.ruling is not None and self.ruling.state not in LIVE_RULING:
            self.ruling = None

    def hide_bids(self, side: str) -> None:
        """Leave sealed bids out but a side's own: asking what would happen must not tell them."""
        self.bids = {bidder: amount for bidder, amount in self.bids.items() if bidder == side}

    def forget(self) -> None:
        """Let go of everything: facts and rows name each other, and would wait for Python's gc."""
        self.__dict__.clear()

    # What follows from what is known

    @property
    def docket(self) -> Docket:
        """The dispute's place in the queue."""
        return self.dispute.docket

    @property
    def case_clocks(self) -> list[Clock]:
        """The clocks of the case itself, running or standing still."""
        return [clock for clock in self.clocks if CLOCKS[clock.name].of == "case"]

    @property
    def stage(self) -> str:
        """Where the goods are: unshipped, shipped or delivered."""
        order, at = self.order, self.at
        if order.delivered_at is not None and order.delivered_at <= at:
            return DELIVERED
        return SHIPPED if order.shipped_at is not None and order.shipped_at <= at else UNSHIPPED

    @property
    def compensation_cap(self) -> int:
        """The most that may be paid beside a refund, in minor units."""
        return COMPENSATION_CAP * sum(line.paid for line in self.lines.values())

    @property
    def goods_are_coming(self) -> bool:
        """Whether the buyer has sent the goods back: then nobody asks for them once more."""
        kinds = [parcel.kind for parcel in self.parcels if parcel.kind in {"return", SENT_BACK}]
        return kinds[-1:] == ["return"]

    @property
    def owed_parcel(self) -> Parcel | None:
        """The parcel that the seller owes by the remedy agreed on."""
        return self.parcel(OWED.get(self.case.remedy, ""))

    def parcel(self, kind: str) -> Parcel | None:
        """Find the parcel of a kind that is watched now."""
        return next((p for p in reversed(self.parcels) if p.kind == kind), None)

    def kinds(self, line_ids: Iterable[UUID] | None = None) -> set[str]:
        """Name the categories of some lines, or of those of the case, that the policy speaks of."""
        known = self.policy.categories
        if not known:
            return set()
        ids = [item.line_id for item in self.items] if line_ids is None else line_ids
        return {self.lines[i].category for i in ids if i in self.lines} & known.keys()

    def freight_payer(self, reason: str, kinds: Iterable[str] | None = None) -> str:
        """Say who pays for sending goods back when nobody has agreed on it.

        Goods of several kinds go back together: the buyer pays only if it would for each kind.
        """
        kinds = self.kinds() if kinds is None else kinds
        said = {self.policy.freight(reason, kind) for kind in kinds or ("",)}
        payers = {rule.value if rule else REASONS[reason].freight for rule in said}
        return "buyer" if payers == {"buyer"} else "seller"

    def window(
        self, reason: str, kinds: Iterable[str] | None = None
    ) -> tuple[datetime | None, Path]:
        """Tell until when a reason may be applied for, and by which rule; of several the first.

        :returns: None instead of a moment: its window has not begun
        """
        kinds = self.kinds() if kinds is None else kinds
        rules = [self.policy.window(reason, kind) for kind in sorted(kinds) or [""]]
        late = REASONS[reason].window_from == "promised"
        start = self.order.promised_at if late else self.order.delivered_at
        if start is None or start > self.at:
            return None, rules[0].path
        return min((self.policy.ends(rule.value, start), rule.path) for rule in rules)

    def window_closes_at(self, reason: str, kinds: Iterable[str] | None = None) -> datetime | None:
        """Tell until when a reason may be applied for; None: its window has not begun."""
        return self.window(reason, kinds)[0]

    def due(self, clock: str, *, variant: str = "") -> datetime:
        """Tell when a clock that starts now runs out."""
        return self.policy.due(clock, self.at, variant=variant, **self.about)

    def consequence(self, clock: str) -> str:
        """Name the step that follows when a clock runs out, for this case."""
        return by_clock(self.policy.consequence(clock, **self.about), self.case.restrictions)

    @property
    def about(self) -> dict[str, Any]:
        """What a policy looks at when it chooses a length or a consequence."""
        case = self.case
        about = {"reason": case.reason, "amount": case.amount, "currency": case.currency}
        if self.policy.asks_categories:
            about["categories"] = {item.line.category for item in self.items}
        return about

    def bonuses(self) -> dict[str, int]:
        """Name the hours by which this dispute is ranked ahead."""
        case = self.case
        return self.policy.rank_bonuses(
            reason=case.reason,
            amount=case.amount,
            currency=case.currency,
            repeat=case.mediation_rounds > 1,
        )

    @property
    def guarantee_left(self) -> int:
        """The most that the platform may pay first for this order now, in minor units."""
        limits = self.policy.guarantee(self.case.currency)
        return min(limit - used for limit, used in zip(limits, self.guaranteed, strict=True))

    def needs_approval(self, amount: int) -> bool:
        """Say whether a ruling of this amount needs a second mediator, cumulative per order."""
        given = sum(line.refunded + line.reserved for line in self.lines.values())
        mine = sum(item.agreed for item in self.items)
        return amount + given - mine + self.ruled_elsewhere > self.policy.approval_amount(
            self.case.currency
        )

    def demand_evidence(
        self, reason: str, *, during: str, kinds: Iterable[str] = (), detail: str = ""
    ) -> None:
        """See that the evidence is there which a reason, its detail and the kinds of goods demand.

        :raises BadTerms: the reason does not go with the step
        :raises EvidenceMissing: naming the slots
        """
        refusals = {key: row for key, row in REFUSALS.items() if during in row.steps}
        if reason not in (refusals or REASONS):
            raise BadTerms("This reason does not go with this step.")
        asked = [refusals[reason]] if refusals else demands.of(self.policy, reason, kinds, detail)
        brought = self.given | self.handed_in[self.actor.role]
        missing = demands.missing(asked, brought | self.proven)
        if missing:
            raise EvidenceMissing("Evidence is missing.", missing=list(missing))
        if self.shows_first and not brought - {"statement"}:
            raise EvidenceMissing(
                "You are restricted: something must be shown with each application.",
                missing=[slot for slot in SLOTS if slot != "statement"],
                restriction="evidence_first",
            )

    @property
    def shows_first(self) -> bool:
        """Whether it is a buyer who may not apply without evidence."""
        return self.actor.role == Role.BUYER and "evidence_first" in self.case.restrictions

    @property
    def proven(self) -> set[str]:
        """Name the slots that the carrier's own word fills: the goods were signed for."""
        is_signed = self.case.delivery not in {"", "at_pickup_point"}
        return {"carrier_proof", "tracking"} if is_signed else set()

    def seal(self, side: str) -> str:
        """Commit to what a side has handed in for the round, without telling it."""
        slots = "\n".join(sorted(self.handed_in[side]))
        return hashlib.sha256(f"{self.case.id}\n{side}\n{slots}".encode()).hexdigest()

    # What a step leaves

    def tell(self, **details: Any) -> None:
        """Add codes, ids, amounts or times to the event; never words, names or contacts."""
        self.told |= {key: value for key, value in details.items() if value is not None}

    def touch(self, row: Model) -> None:
        """Note that a row was changed."""
        self.changes.touch(row)

    def new(self, model: str, **values: Any) -> Any:
        """Hand a new row to the change set."""
        kind: Any = MODELS[model]
        row = kind.fresh(id=new_id(self.at), **values)
        self.changes.added[kind].append(row)
        return row

    def post(self, line: OrderLine | None, **counters: int) -> None:
        """Change the counters of a line, or of the order's freight, and keep the posting."""
        if line is not None:
            self.changes.count(line, **counters)
        else:
            self.changes.count(self.order, **{f"freight_{k}": v for k, v in counters.items()})
        self.new(
            "Posting",
            case_id=self.case.id,
            order_id=self.order.id,
            line_id=line.id if line is not None else None,
            event_id=self.event_id,
            **counters,
        )

    def branch_off(self, **application: Any) -> None:
        """Have a case of the same family opened, right after this step."""
        self.branch = {"case_id": new_id(self.at), **application}
        self.tell(split_into=self.branch["case_id"])

    def count(self, line: OrderLine, counter: str) -> None:
        """Count one more application or edit of a line."""
        self.changes.count(line, **{counter: 1})

    def give_back(self, payment: Payment, amount: int) -> None:
        """Note that a payment is given back by so much."""
        self.changes.count(payment, given_back=amount)

    def extend(self, clock: Clock, by: timedelta) -> None:
        """Give a running clock more time, and reminders to match."""
        if clock.due_at is None:
            return
        clock.due_at += by
        clock.extensions += 1
        moments = self.policy.reminders(clock.name, clock.started_at, clock.due_at)
        clock.next_at = next((at for at in moments if at > self.at), clock.due_at)
        self.touch(clock)

    def stop_clock(self, name: str, party: str) -> None:
        """End one side's clock; the others go on."""
        for clock in [c for c in self.clocks if (c.name, c.party) == (name, party)]:
            self.end_clock(clock)

    def end_clock(self, clock: Clock) -> None:
        """End a clock; its event tells of it."""
        self.clocks.remove(clock)
        if clock.is_new:
            self.changes.added[Clock].remove(clock)
        else:
            self.changes.ended.append(clock.id)
        self.told.setdefault("clocks_ended", []).append(clock)
