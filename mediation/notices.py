"""Who hears of what: one row per event. The words are in notifications/letters/*.toml.

A text is chosen by event, reader and cause: the clock that ran out, the state that the dispute or
the case reached, `clock`, or `own` for who did it. Where there is none for a reader, that reader
hears nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cases.clocks import CLOCKS
from cases.conduct import GROUNDS, POINTS, RESTRICTIONS, VIOLATIONS
from cases.reasons import REASONS, REFUSALS, REMEDIES
from cases.roles import Role
from cases.terms import NOTHING, SEND_BACK

BUYER, SELLER, STAFF = str(Role.BUYER), str(Role.SELLER), "staff"
BOTH = (BUYER, SELLER)
ALL = (*BOTH, STAFF)
NOBODY = ()

Told = Mapping[str, Any]  # the payload of an event


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One row: who hears of an event, and which clock's end they are told as the due time."""

    event: str
    to: tuple[str, ...] | Callable[[Told], tuple[str, ...]] = BOTH
    due: tuple[str, ...] = ()  # names of clocks: the first that started, went on or runs
    asks: str = ""  # whom it asks for an answer by then: moot once that clock is over

    def readers(self, told: Told) -> tuple[str, ...]:
        return self.to(told) if callable(self.to) else self.to


def _waited_on(told: Told) -> tuple[str, ...]:
    """Those for whom the clock runs that an event is about."""
    rule = CLOCKS[told["clock"]]
    who = told["party"] if rule.waits_on in {"answerer", "each"} else rule.waits_on
    if who in BOTH:
        return (who,)
    return NOBODY if rule.waits_on == "carrier" else (STAFF,)


def _written_to(told: Told) -> tuple[str, ...]:
    """Those of the two sides whom a message is for, but its author; not again after a while."""
    readers = {"all": BOTH, "buyer_mediator": (BUYER,), "seller_mediator": (SELLER,)}
    if not told["announced"]:
        return NOBODY
    return tuple(side for side in readers.get(told["audience"], ()) if side != told["role"])


def _first_failure(told: Told) -> tuple[str, ...]:
    """The buyer hears once that it takes longer, our people of each attempt."""
    return (BUYER, STAFF) if told.get("failures", 1) == 1 else (STAFF,)


RULING = ("ruling",)
AFTER_TERMS = ("ship_back", "dispatch")  # agreed: goods come back, or goods are owed

NOTICES = {
    notice.event: notice
    for notice in (
        # Application and answer
        Notice(event="open", due=("seller_response",), asks=SELLER),
        Notice(event="amend", due=("seller_response",), asks=SELLER),
        Notice(event="split"),
        Notice(event="reapply", due=("seller_response",), asks=SELLER),
        Notice(event="withdraw"),
        Notice(event="approve", due=AFTER_TERMS),
        Notice(event="refuse", due=("reapply_window",), asks=BUYER),
        # Negotiation
        Notice(event="offer", due=("offer_reply",)),
        Notice(event="counter_offer", due=("offer_reply",)),
        Notice(event="decline_offer"),
        Notice(event="accept_offer", due=AFTER_TERMS),
        Notice(event="lapse_offer", due=("seller_response",), asks=SELLER),
        # Parcels
        Notice(event="ship_return"),
        Notice(event="correct_tracking"),
        Notice(event="return_delivered", due=("inspection",), asks=SELLER),
        Notice(event="return_lost", due=RULING),
        Notice(event="accept_return", due=("dispatch",)),
        Notice(event="reject_return", due=RULING),
        Notice(event="dispatch_replacement", due=("replacement_receipt",)),
        Notice(event="out_of_stock"),
        Notice(event="replacement_delivered", due=("replacement_receipt",), asks=BUYER),
        Notice(event="replacement_lost", due=RULING),
        Notice(event="parcel_news"),
        Notice(event="stuck"),
        Notice(event="confirm_replacement"),
        Notice(event="reject_replacement", due=RULING),
        # More time
        Notice(event="take_extension"),
        Notice(event="ask_extension"),
        Notice(event="grant_extension"),
        Notice(event="give_extension"),
        Notice(event="pause"),
        Notice(event="resume", due=tuple(c.name for c in CLOCKS.values() if c.of == "case")),
        # Lapse and mediation
        Notice(event="close"),
        Notice(event="escalate", due=RULING),
        Notice(event="take_over", due=RULING),
        Notice(event="hand_back", due=tuple(c.name for c in CLOCKS.values() if c.of == "case")),
        # Money
        Notice(event="refund_settled"),
        Notice(event="refund_failed", to=_first_failure),
        Notice(event="alarm", to=(STAFF,)),
        Notice(event="settle_by_hand"),
        Notice(event="recovery_settled", to=NOBODY),  # between the marketplace and us
        # The order moves outside
        Notice(event="order_cancelled"),
        Notice(event="record_outside_refund"),
        Notice(event="chargeback_opened"),
        Notice(event="chargeback_closed"),
        # Afterwards
        Notice(event="rate"),
        Notice(event="end_aftercare", to=NOBODY),  # nothing changes for anybody
        Notice(event="reopen", due=RULING),
        Notice(event="reinstate", due=RULING),
        # The docket is the mediators' own; its delays are told
        Notice(event="claim", to=NOBODY),
        Notice(event="assign", to=NOBODY),
        Notice(event="release", to=NOBODY),
        Notice(event="triage", to=NOBODY),
        Notice(event="call_supervisor", to=NOBODY),
        Notice(event="to_supervisor", to=ALL),
        # The dispute
        Notice(event="ask_evidence", to=lambda told: tuple(told["asked"]), due=("evidence",)),
        Notice(event="hand_in", due=RULING),
        Notice(event="seal", due=RULING),
        Notice(event="propose", due=("proposal",)),
        Notice(event="accept_proposal", due=AFTER_TERMS),
        Notice(event="decline_proposal", due=RULING),
        Notice(event="lapse_proposal", due=RULING),
        Notice(event="bid", due=AFTER_TERMS),  # sealed: told only when two of them settle it
        Notice(event="rule", due=("appeal", *AFTER_TERMS)),
        Notice(event="approve_ruling", due=("appeal", *AFTER_TERMS)),
        Notice(event="send_back", to=NOBODY),  # between mediators
        Notice(event="appeal", due=RULING),
        Notice(event="waive_appeal", due=("appeal", *AFTER_TERMS)),
        Notice(event="finalize", due=AFTER_TERMS),
        Notice(event="message", to=_written_to),
        # Clocks
        Notice(event="remind", to=_waited_on),
        Notice(event="extend"),
    )
}

RULED = {
    NOTHING: ("the claim is dismissed", "不支持买家的申请"),
    SEND_BACK: ("the goods go back to the buyer, nothing is refunded", "商品退还买家、不予退款"),
}


POINTS_WORDS = ("points", "扣分")


def words(kind: str, code: str, locale: str) -> str:
    """Put a code of a letter in words: a remedy, a reason, a ruling or penalties."""
    if kind == "penalty":
        return _penalties(code.split(","), locale)
    if kind == "ruling" and code in RULED:
        return RULED[code][locale.startswith("zh")]
    tables = (REMEDIES, REASONS, REFUSALS, GROUNDS, VIOLATIONS)
    row = next((table[code] for table in tables if code in table), None)
    return row.label(locale) if row else code.replace("_", " ")


def _penalties(kinds, locale):
    is_chinese = locale.startswith("zh")
    named = [
        POINTS_WORDS[is_chinese] if kind == POINTS else RESTRICTIONS[kind].label(locale)
        for kind in kinds
    ]
    return ("、" if is_chinese else ", ").join(named)
