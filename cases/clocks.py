"""Every clock: when it runs, how long, and what may follow. One row here is one clock.

A policy may set another length, other reminders, and choose among the consequences of `then`;
it cannot invent a clock or a consequence. States and steps are named by their plain values, so
that this table needs nobody; one test resolves every name. Lengths: `cases.durations`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

PARTY = ("50%", "80%", "1h")  # when a buyer or seller is reminded, unless the policy says so
STAFF = ("80%",)


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """One clock of a case or of a dispute."""

    name: str  # what is awaited
    of: str  # "case" or "dispute": whose states the next two lines mean
    during: tuple[str, ...]  # the states in which it runs
    stands_still: tuple[str, ...] = ()  # the states that keep its row, with the time that is left
    waits_on: str  # seller, buyer, answerer, carrier, gateway, pool, mediator, approver, each
    answered_by: tuple[str, ...] = ()  # the steps of a buyer or seller that it waits for
    extendable: bool = False  # its side may ask for more time, or have a right to it
    is_right: bool = False  # whoever does not answer gives up a right and neglects no duty
    # What a policy may let it count from, the default first → the states before `during` in which
    # it then runs too.
    counts_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    per_side: bool = False  # one row for each side that is waited on, else one in all
    length: str = "48h"
    variants: Mapping[str, str] = field(default_factory=dict)  # other lengths, by what they follow
    then: tuple[str, ...]  # steps that a policy may choose from; the first is the default
    at_last: tuple[str, ...] = ()  # what follows when none of them is possible
    remind: tuple[str, ...] = PARTY


CLOCKS: dict[str, ClockRule] = {
    rule.name: rule
    for rule in (
        # The case, in the order of its life.
        ClockRule(
            name="seller_response",  # in full after `open`, `reapply`, `amend`
            of="case",
            during=("awaiting_seller",),
            stands_still=("negotiating", "in_mediation"),
            waits_on="seller",
            answered_by=("approve", "refuse", "offer"),
            extendable=True,
            length="48h",
            then=("escalate", "approve"),
            at_last=("close",),  # nothing is left to give back
        ),
        ClockRule(
            name="offer_reply",
            of="case",
            during=("negotiating",),
            waits_on="answerer",  # the side that did not make the offer
            answered_by=("accept_offer", "counter_offer", "decline_offer"),
            length="24h",
            then=("lapse_offer",),
        ),
        ClockRule(
            name="reapply_window",  # after a refusal: apply again, escalate, or let it rest
            of="case",
            during=("refused",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="buyer",
            answered_by=("reapply", "escalate"),
            is_right=True,
            length="7d",
            then=("close",),
        ),
        ClockRule(
            name="ship_back",
            of="case",
            during=("awaiting_return",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="buyer",
            answered_by=("ship_return",),
            extendable=True,
            length="7d",
            then=("close",),
        ),
        ClockRule(
            name="return_transit",  # lost or stuck
            of="case",
            during=("return_in_transit",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="carrier",
            length="15d",
            then=("escalate", "accept_return"),
            remind=(),
        ),
        ClockRule(
            name="inspection",  # from the delivery of the return, or from its tracking number
            of="case",
            during=("inspecting",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="seller",
            answered_by=("accept_return", "reject_return"),
            counts_from={"delivery": (), "upload": ("return_in_transit",)},
            extendable=True,
            length="10d",
            then=("accept_return", "escalate"),  # above `auto_refund_limit` always `escalate`
        ),
        ClockRule(
            name="dispatch",
            of="case",
            during=("awaiting_replacement",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="seller",
            answered_by=("dispatch_replacement", "out_of_stock"),
            extendable=True,
            length="7d",
            then=("escalate", "out_of_stock"),  # `out_of_stock` turns it into a refund
            at_last=("close",),  # nothing is left to give back
        ),
        ClockRule(
            name="replacement_receipt",  # from the dispatch; starts again, once, on delivery
            of="case",
            during=("replacement_in_transit",),
            stands_still=("in_mediation",),  # for `hand_back`
            waits_on="buyer",
            answered_by=("confirm_replacement", "reject_replacement"),
            is_right=True,
            extendable=True,
            length="10d",
            variants={"delivered": "7d"},
            then=("confirm_replacement",),
        ),
        ClockRule(
            name="refund_settlement",  # alarm to operations and supervisor, then again and again
            of="case",
            during=("refunding",),
            waits_on="gateway",
            length="7wd",
            variants={"again": "1wd"},
            then=("alarm",),
            remind=STAFF,
        ),
        ClockRule(
            name="aftercare",  # time to rate, or to reopen once
            of="case",
            during=("completed",),
            waits_on="buyer",
            answered_by=("rate", "reopen"),
            is_right=True,
            length="15d",
            then=("end_aftercare",),
            remind=(),
        ),
        # The dispute. The platform is on the clock too.
        ClockRule(
            name="docket_wait",
            of="dispute",
            during=("queued", "appealed"),
            waits_on="pool",
            length="4h",
            then=("to_supervisor",),
            remind=(),
        ),
        ClockRule(
            name="ruling",  # an appeal has its own; once overdue it alarms each working day
            of="dispute",
            during=("queued", "in_review", "appealed"),
            stands_still=("gathering", "proposed", "awaiting_approval"),
            waits_on="mediator",
            length="5wd",
            variants={"appealed": "5wd", "again": "1wd"},
            then=("to_supervisor",),
            remind=STAFF,
        ),
        ClockRule(
            name="evidence",  # one round
            of="dispute",
            during=("gathering",),
            waits_on="each",
            answered_by=("hand_in",),
            per_side=True,
            extendable=True,
            length="48h",
            then=("seal",),
        ),
        ClockRule(
            name="proposal",
            of="dispute",
            during=("proposed",),
            waits_on="each",
            answered_by=("accept_proposal", "decline_proposal"),
            per_side=True,
            length="24h",
            then=("lapse_proposal",),
        ),
        ClockRule(
            name="approval",
            of="dispute",
            during=("awaiting_approval",),
            waits_on="approver",  # a second mediator, never the one who ruled
            length="1wd",
            then=("to_supervisor",),
            remind=STAFF,
        ),
        ClockRule(
            name="appeal",
            of="dispute",
            during=("ruled",),
            waits_on="each",
            answered_by=("appeal", "waive_appeal"),
            is_right=True,
            per_side=True,
            length="7d",
            then=("finalize",),
        ),
    )
}


def running(of: str, state: str) -> tuple[str, ...]:
    """Name the clocks that run in a state of a "case" or a "dispute"."""
    return tuple(c.name for c in CLOCKS.values() if c.of == of and state in c.during)


def standing_still(of: str, state: str) -> tuple[str, ...]:
    """Name the clocks whose time left is kept in a state of a "case" or a "dispute"."""
    return tuple(c.name for c in CLOCKS.values() if c.of == of and state in c.stands_still)
