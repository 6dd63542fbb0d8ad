"""Cases in memory, to walk through: made without a database, copied, moved by `stepping`.

A situation is a case with all that belongs to it. Time stands still: a clock runs out when the
walk wants it to, whatever its length, and windows, offers and leases never end by themselves.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from django.db.models import Model
from django.db.models.base import ModelState

from cases import extensions, policies
from cases.actions import STEPS, why_not
from cases.actors import Actor
from cases.lifecycle import ENDED
from cases.models import Case, Order, OrderLine, Payment
from cases.models.case import GENESIS
from cases.refusals import Refused
from cases.roles import JUDGES
from mediation import expiry, stepping
from mediation.changes import Changes
from mediation.facts import LIVE_PARCEL, Facts
from tests.world import POLICIES, day

AT = day(0)
PAID, FREIGHT = 100, 7  # minor units
LEASE = UUID(int=1)
NAMES = UUID(int=2)
WORDS = "As I said."

# As few as possible, so that all of them are used up somewhere.
FEWEST = {
    "applications": 2,
    "edits": 1,
    "offers_per_side": 1,
    "mediation_rounds": 2,
    "claims": 2,
    "evidence_rounds": 1,
    "proposals": 1,
    "rulings": 2,
}
APPROVAL_AMOUNT = 50  # above: a second mediator

ACTORS = tuple(
    Actor(role=role, person=person)
    for role, person in (
        ("buyer", "bea"),
        ("seller", "sam"),
        ("service", "shop"),
        ("carrier", "sf"),
        ("gateway", "bank"),
        ("mediator", "max"),
        ("senior", "sue"),
        ("senior", "sid"),
        ("senior", "sky"),
        ("supervisor", "ann"),
        ("supervisor", "bob"),
    )
)


def policy(name):
    """Give a preset with the fewest of everything that it limits."""
    bases = [] if name == "default" else [(POLICIES / "default.toml").read_text()]
    found = policies.parse((POLICIES / f"{name}.toml").read_text(), bases=bases)
    return replace(
        found,
        limits=replace(found.limits, **FEWEST),
        approval_amounts={"default": APPROVAL_AMOUNT},
        escalate_while_awaiting=True,
    )


def named(text):
    return uuid5(NAMES, text)


def new_case(rules):
    """Make a case in state `new` on an order of one line."""
    order = Order(
        id=named("order"), currency="CNY", freight=FREIGHT, shipped_at=AT - timedelta(days=3),
        delivered_at=AT - timedelta(days=1), promised_at=AT - timedelta(days=1),
    )  # fmt: skip
    line = OrderLine(id=named("line"), order=order, quantity=1, paid=PAID)
    payment = Payment(id=named("payment"), order=order, amount=PAID + FREIGHT, captured_at=AT)
    case = Case(id=named("case"), order_id=order.id, currency="CNY", head=GENESIS, amount=0)
    case.facts = facts = Facts(case, rules, Changes(at=AT))
    facts.order, facts.lines, facts.payments = order, {line.id: line}, [payment]
    facts.application, facts.items = None, []
    for row in (order, line, payment, case):
        row._state.adding = False
    return case


def copied(case):
    """Copy a case with everything that belongs to it; the policy is shared."""
    made: dict[int, object] = {}

    def copy(value):
        if isinstance(value, list) and value and isinstance(value[0], Model):
            return [copy(row) for row in value]
        if isinstance(value, dict) and value and isinstance(next(iter(value.values())), Model):
            return {key: copy(row) for key, row in value.items()}
        if not isinstance(value, Model | Facts):
            return value
        return made.get(id(value)) or twin_of(value)

    def twin_of(row):
        made[id(row)] = twin = object.__new__(type(row))
        twin.__dict__.update(row.__dict__)
        names = row.__dict__ if isinstance(row, Facts) else ("facts", "docket")
        for name in tuple(names):
            if name in row.__dict__:
                twin.__dict__[name] = copy(row.__dict__[name])
        if isinstance(row, Model):
            twin._state = state = ModelState()
            state.adding = False
            cached = row._state.fields_cache
            state.fields_cache = {name: copy(value) for name, value in cached.items()}
        return twin

    twin = copy(case)
    facts = twin.facts
    facts.changes = Changes(at=AT)
    for name in ("clocks", "parcels", "requests", "items", "payments"):  # also the empty ones
        setattr(facts, name, list(getattr(facts, name)))
    facts.handed_in = facts.handed_in.copy()
    return twin


def written(case):
    """Let a case look as it does when it is read again after the flush."""
    facts = case.facts
    for rows in facts.changes.added.values():
        for row in rows:
            if isinstance(row, Model):
                row._state.adding = False
    facts.parcels = [parcel for parcel in facts.parcels if parcel.state in LIVE_PARCEL]
    for name, states in (
        ("offer", {"open"}), ("refund", {"pending"}), ("ruling", {"draft", "live"}),
        ("proposal", {"open"}),
    ):  # fmt: skip
        row = getattr(facts, name)
        if row is not None and row.state not in states:
            setattr(facts, name, None)
    if case.state != "refunding":
        facts.decided = None
    facts.changes = Changes(at=AT)
    return case


# What may happen


def moves(case):
    """List all that may happen now: (what, a function that moves a case of the same situation)."""
    facts = case.facts
    for actor in ACTORS:
        for step in STEPS.values():
            if actor.role not in step.rule.by:
                continue
            lease = LEASE if actor.role in JUDGES else None
            facts.begin(actor, lease=lease)
            if why_not(case, step) is None:
                for inputs in inputs_of(case, step.name):
                    yield f"{step.name} by {actor.person}", _step(step.name, actor, lease, inputs)
    for number, clock in enumerate(facts.clocks):
        if clock.due_at is not None:
            yield f"{clock.name} {clock.party}", _clock(number)


def _step(name, actor, lease, inputs):
    def move(case):
        stepping.take(case, name, actor, case.facts.changes, inputs, lease=lease)

    return move


def _clock(number):
    def move(case):
        expiry._fire(case, case.facts.clocks[number], case.facts.changes)

    return move


def after(case, move):
    """Move a copy; None: refused, for an amount or the like."""
    twin = copied(case)
    try:
        move(twin)
    except Refused:
        return None
    return written(twin)


REMEDIES = {
    "refund_only": {"evidence": ["photo_goods"], "reason": "quality"},
    "return_refund": {"evidence": ["photo_goods"], "reason": "quality"},
    "exchange": {"evidence": ["photo_goods"], "reason": "quality"},
    "reship": {"evidence": ["photo_goods", "photo_parcel"], "reason": "damaged"},
    "compensation": {"evidence": ["photo_goods"], "reason": "quality", "compensation": 30},
}


def application(remedy):
    row = dict(REMEDIES[remedy])
    return {
        "remedy": remedy,
        "items": [{"line": named("line"), "quantity": 1, "amount": None}],
        "statement": WORDS,
        **row,
        "evidence": [{"slot": slot} for slot in row["evidence"]],
    }


def _paid(amount, remedy="refund_only"):
    return {"remedy": remedy, "amounts": {named("line"): amount}}


def _kind(remedy, **more):
    return {"remedy": remedy, "amounts": {}, **more}


def inputs_of(case, step):
    """List inputs that lead to different places."""
    makes = INPUTS.get(step)
    return [{}] if makes is None else makes(case)


def _ruling(content, fault):
    return content | {"fault": {fault: 100}, "rule": "1", "evidence": [], "statement": WORDS}


def _said(case, *reasons):
    return [{"reason": reason, "statement": WORDS} for reason in reasons]


def _quoted(case, *terms):
    offer = case.facts.offer
    return [{"offer": offer.id, "version": offer.version, **more} for more in terms or ({},)]


def _words(case):
    return [{"statement": WORDS}]


def _bids(case):
    return [{"amount": 60}, {"amount": 20}]


def _outside(case):
    line = case.facts.lines[named("line")]
    item = next(i for i in case.facts.items if i.line_id == line.id)
    return [{"line": line.id, "amount": amount} for amount in (30, line.left + item.agreed)]


def _parcel(case):
    return [{"carrier": "sf", "tracking_no": "SF1"}]


def _refund(case):
    return [{"refund": case.facts.refund.id}]


INPUTS = {
    "open": lambda case: [application(remedy) for remedy in REMEDIES],
    "split": lambda case: [],  # there is one piece
    "amend": lambda case: [application("exchange")],
    "reapply": lambda case: [application("return_refund")],
    "refuse": lambda case: _said(case, "facts_differ"),
    "offer": lambda case: [_paid(40), _paid(60, "return_refund"), _kind("exchange")],
    "counter_offer": lambda case: _quoted(case, _paid(50), _kind("compensation", compensation=20)),
    "decline_offer": _quoted,
    "accept_offer": _quoted,
    "ship_return": _parcel,
    "correct_tracking": _parcel,
    "dispatch_replacement": _parcel,
    "reject_return": lambda case: _said(case, "facts_differ"),
    "reject_replacement": lambda case: _said(case, "replacement_not_received"),
    "ask_extension": lambda _case: [{"hours": 24}],
    "give_extension": lambda case: [
        {"side": side, "hours": 24, "statement": WORDS}
        for side in ("buyer", "seller")
        if extensions.left(case, side)
    ],
    "take_over": lambda case: _said(case, "counterfeit"),
    "hand_back": _words,
    "refund_settled": _refund,
    "refund_failed": lambda case: [_refund(case)[0] | {"code": "declined"}],
    "settle_by_hand": _words,
    "record_outside_refund": _outside,
    "chargeback_closed": lambda case: [{"lost": True}, {"lost": False}],
    "rate": lambda case: [{"score": 3}],
    "reopen": _words,
    "reinstate": _words,
    "claim": lambda case: [{"lease": LEASE, "until": AT + timedelta(minutes=30)}],
    "assign": lambda case: [
        {"mediator": name, "lease": LEASE, "until": AT + timedelta(minutes=30)}
        for name in ("max", "sue")
        if name not in case.facts.docket.excluded
    ],
    "triage": lambda case: [],  # leads to no other situation
    "ask_evidence": lambda case: [
        {"requests": {"buyer": ["chat"]}, "statement": WORDS},
        {"requests": {"buyer": ["chat"], "seller": ["chat"]}, "statement": WORDS},
    ],
    "hand_in": _words,
    "propose": lambda case: [_paid(40) | {"statement": WORDS}],
    "accept_proposal": lambda case: [{"proposal": case.facts.proposal.id}],
    "decline_proposal": lambda case: [{"proposal": case.facts.proposal.id}],
    "bid": _bids,
    "rule": lambda case: [
        _ruling(_paid(40), "seller"),
        _ruling(_paid(60, "return_refund"), "seller"),
        _ruling(_kind("exchange"), "seller"),
        _ruling(_kind("none"), "buyer"),
        _ruling(_kind("send_back"), "buyer"),
    ],
    "approve_ruling": lambda case: [{"sha256": case.facts.ruling.sha256}],
    "send_back": _words,
    "appeal": _words,
}


# What makes a situation


def key(case):
    """Tell situations apart that may go on differently; one of each kind is walked on from."""
    f = case.facts
    line, dispute = next(iter(f.lines.values())), f.dispute
    money = (line.claimed, line.reserved > 0, line.refunded > 0, line.outside > 0, line.left > 0)
    return (
        str(case.state), case.remedy, case.back_to, case.held, case.final, case.mediation_rounds,
        bool(case.settled_by), case.outcome, money, case.freight > 0, case.freight_refunded > 0,
        f.goods_are_coming, f.offer and f.offer.side, f.refund and f.refund.kind,
        tuple(sorted((c.name, c.party, c.due_at is None) for c in f.clocks)),
        dispute and (
            str(dispute.state), dispute.instance, tuple(dispute.waiting), dispute.rulings,
        ),
        f.ruling and f.ruling.state,
        case.advance_id is not None, sum(item.advanced for item in f.items),
    )  # fmt: skip


def has_ended(case):
    return case.state in ENDED
