"""The life of a case: the decorators, read from top to bottom, are the whole table.

A step changes objects in memory and nothing else: no query, no letter, no look at a clock.
It checks first and changes afterwards: a step that refuses leaves everything as it was.
What a step may see, and whom it tells of what is new, is `case.facts` (mediation/facts.py).
"""

from typing import Any
from uuid import UUID

from django.db import models

from cases import (
    advances,
    aftercare,
    applications,
    conditions,
    extensions,
    offers,
    outside,
    parcels,
    payments,
    settlement,
    splitting,
)
from cases.roles import JUDGES, STAFF, Role
from cases.table import SAME, StateField, step


class State(models.TextChoices):
    """Where a case stands. `new` is never stored: it is the case before its first step."""

    NEW = "new"
    AWAITING_SELLER = "awaiting_seller"
    NEGOTIATING = "negotiating"
    REFUSED = "refused"
    AWAITING_RETURN = "awaiting_return"
    RETURN_IN_TRANSIT = "return_in_transit"
    INSPECTING = "inspecting"
    AWAITING_REPLACEMENT = "awaiting_replacement"
    REPLACEMENT_IN_TRANSIT = "replacement_in_transit"
    IN_MEDIATION = "in_mediation"
    REFUNDING = "refunding"
    COMPLETED = "completed"
    CLOSED = "closed"


S = State
ENDED = (S.COMPLETED, S.CLOSED)
OPEN = tuple(s for s in S if s not in {S.NEW, *ENDED})
UNDISPUTED = tuple(s for s in OPEN if s != S.IN_MEDIATION)
MOVABLE = tuple(s for s in UNDISPUTED if s != S.REFUNDING)
ON_A_CLOCK = (  # where a buyer or a seller may need more time
    S.AWAITING_SELLER,
    S.AWAITING_RETURN,
    S.RETURN_IN_TRANSIT,
    S.INSPECTING,
    S.AWAITING_REPLACEMENT,
    S.REPLACEMENT_IN_TRANSIT,
    S.IN_MEDIATION,
)
HANDED_BACK = tuple(s for s in MOVABLE if s != S.NEGOTIATING)  # its offer has lapsed

TO_MEDIATION = {S.IN_MEDIATION: "open_dispute"}
SETTLED = {S.REFUNDING: "settle", S.AWAITING_RETURN: "settle", S.AWAITING_REPLACEMENT: "settle"}
BY_TERMS = (S.REFUNDING, S.AWAITING_RETURN, S.AWAITING_REPLACEMENT)


class Lifecycle(models.Model):
    """The machine of a case; `Case` inherits it, with the columns that are used here."""

    facts: Any

    state = StateField(choices=State.choices, default=State.NEW, protected=True)

    class Meta:
        abstract = True

    # Application

    @step(by=[Role.BUYER, Role.SELLER, Role.SERVICE], start=[S.NEW], to=S.AWAITING_SELLER)
    def open(self, **application: Any) -> None:
        """The buyer applies, or the seller or the marketplace for the buyer."""
        applications.apply(self, "open", **application)

    @step(
        by=[Role.BUYER],
        start=[S.AWAITING_SELLER],
        to=S.AWAITING_SELLER,
        when=[conditions.edits_left],
        counts="edits",
        restarts=["seller_response"],
    )
    def amend(self, **application: Any) -> None:
        """The buyer changes the application; the seller's time starts again in full."""
        applications.apply(self, "amend", **application)
        self.edits += 1

    @step(
        by=[Role.BUYER],
        start=[S.AWAITING_SELLER],
        to=S.AWAITING_SELLER,
        when=[conditions.can_be_split, conditions.window_open, conditions.applications_left],
        counts="applications",
    )
    def split(self, **application: Any) -> None:
        """The buyer takes pieces out for a case of their own; the seller's time here goes on."""
        splitting.split(self, **application)

    @step(
        by=[Role.BUYER],
        start=[S.REFUSED, S.CLOSED],
        to=S.AWAITING_SELLER,
        when=[conditions.lapsed_or_refused, conditions.window_open, conditions.applications_left],
        counts="applications",
    )
    def reapply(self, **application: Any) -> None:
        """The buyer applies again after a refusal or a lapse: a new application, the same case."""
        applications.apply(self, "reapply", **application)
        self.ended_at, self.outcome = None, ""

    @step(
        by=[Role.BUYER],
        start=[
            S.AWAITING_SELLER,
            S.NEGOTIATING,
            S.REFUSED,
            S.AWAITING_RETURN,
            S.AWAITING_REPLACEMENT,
            S.REPLACEMENT_IN_TRANSIT,
            S.IN_MEDIATION,
        ],
        to=S.CLOSED,
        when=[conditions.not_yet_ruled],
        also={S.CLOSED: "withdraw_dispute"},
    )
    def withdraw(self) -> None:
        """The buyer gives the claim up."""
        settlement.close(self, "withdrawn")

    # The seller's answer

    @step(
        by=[Role.SELLER, Role.CLOCK],
        start=[S.AWAITING_SELLER, S.NEGOTIATING, S.REFUSED, S.IN_MEDIATION],
        to=BY_TERMS,
        when=[conditions.not_yet_ruled, conditions.can_be_approved],
        also=SETTLED,
    )
    def approve(self, *, remedy: str = "") -> str:
        """The seller agrees to what was applied for; a policy may let silence mean the same."""
        return settlement.agree_as_asked(self, remedy=remedy)

    @step(
        by=[Role.SELLER], start=[S.AWAITING_SELLER], to=S.REFUSED, when=[conditions.may_be_refused]
    )
    def refuse(self, *, reason: str, statement: UUID) -> None:
        """The seller says no, with a reason code and the evidence that it demands."""
        self.facts.demand_evidence(reason, during="refuse")
        application = self.facts.application
        application.answer, application.answer_reason = "refused", reason
        application.answer_statement_id, application.answered_at = statement, self.facts.at
        application.answered_by = str(self.facts.actor.role)
        self.facts.touch(application)
        self.facts.tell(reason=reason, statement=statement)

    # Negotiation

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=[S.AWAITING_SELLER, S.IN_MEDIATION],
        to={S.AWAITING_SELLER: S.NEGOTIATING, S.IN_MEDIATION: SAME},
        when=[conditions.not_yet_ruled, conditions.offers_left, conditions.no_offer_stands],
        counts="offers",
    )
    def offer(self, **terms: Any) -> None:
        """One side proposes terms; the other has a day to answer."""
        offers.make(self, **terms)

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=[S.NEGOTIATING, S.IN_MEDIATION],
        to=SAME,
        when=[
            *(conditions.not_yet_ruled, conditions.offer_is_mine_to_answer),
            *(conditions.offer_is_in_time, conditions.offers_left),
        ],
        counts="offers",
        restarts=["offer_reply"],
    )
    def counter_offer(self, *, offer: UUID, version: int, **terms: Any) -> None:
        """The side that must answer proposes other terms."""
        offers.replace(self, offer, version, **terms)

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=[S.NEGOTIATING, S.IN_MEDIATION],
        to={S.NEGOTIATING: S.AWAITING_SELLER, S.IN_MEDIATION: SAME},
        when=[
            *(conditions.not_yet_ruled, conditions.offer_is_mine_to_answer),
            conditions.offer_is_in_time,
        ],
        counts="offers",
        resumes=True,
    )
    def decline_offer(self, *, offer: UUID, version: int) -> None:
        """The side that must answer says no; the seller's time goes on where it stood."""
        offers.end(self, offers.standing(self, offer, version), "declined")

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=[S.NEGOTIATING, S.IN_MEDIATION],
        to=BY_TERMS,
        when=[
            *(conditions.not_yet_ruled, conditions.offer_is_mine_to_answer),
            conditions.offer_is_in_time,
        ],
        also=SETTLED,
    )
    def accept_offer(self, *, offer: UUID, version: int) -> str:
        """The side that must answer agrees to exactly the terms it quotes by id and version."""
        accepted = offers.standing(self, offer, version)
        state = settlement.agree(self, offers.terms_of(self, accepted), answer="settled")
        offers.end(self, accepted, "accepted")
        return state

    @step(by=[Role.CLOCK], start=[S.NEGOTIATING], to=S.AWAITING_SELLER, resumes=True, light=True)
    def lapse_offer(self) -> None:
        """Nobody answered the offer; the seller's time goes on where it stood."""
        offers.end_all(self, "lapsed")

    # The return parcel

    @step(by=[Role.BUYER], start=[S.AWAITING_RETURN], to=S.RETURN_IN_TRANSIT)
    def ship_return(self, *, carrier: str, tracking_no: str) -> None:
        """The buyer hands the goods to a carrier."""
        parcels.send(self, "return", carrier, tracking_no)

    @step(
        by=[Role.BUYER],
        start=[S.RETURN_IN_TRANSIT],
        to=S.RETURN_IN_TRANSIT,
        when=[conditions.return_unscanned],
        counts="corrections",
    )
    def correct_tracking(self, *, carrier: str, tracking_no: str) -> None:
        """The buyer mends a mistyped number, once and before the first scan."""
        parcels.correct(self, carrier, tracking_no)

    @step(by=[Role.CARRIER], start=[S.AWAITING_RETURN, S.RETURN_IN_TRANSIT], to=S.INSPECTING)
    def return_delivered(self, **scan: Any) -> None:
        """The carrier delivered the return to the seller, whose time to look at it starts."""
        parcels.delivered(self, "return", **scan)

    @step(
        by=[Role.CARRIER],
        start=[S.AWAITING_RETURN, S.RETURN_IN_TRANSIT],
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def return_lost(self, **scan: Any) -> None:
        """The return was lost or went back to the buyer; a mediator decides who bears it."""
        parcels.lost(self, "return", **scan)
        self.back_to = self.state

    @step(
        by=[Role.SELLER, Role.CLOCK],
        start=[S.RETURN_IN_TRANSIT, S.INSPECTING],
        to=[S.REFUNDING, S.AWAITING_REPLACEMENT],
    )
    def accept_return(self) -> str:
        """The goods are back: the refund is paid or the replacement is owed."""
        parcels.end(self, "return")
        return settlement.after_return(self)

    @step(
        by=[Role.SELLER],
        start=[S.INSPECTING],
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def reject_return(self, *, reason: str, statement: UUID) -> None:
        """The seller will not take the goods back as they are, and proves why."""
        self.facts.demand_evidence(reason, during="reject_return")
        self.facts.tell(reason=reason, statement=statement)
        self.back_to = self.state

    # What the seller owes: replacement, reshipped or repaired goods, goods sent back

    @step(by=[Role.SELLER], start=[S.AWAITING_REPLACEMENT], to=S.REPLACEMENT_IN_TRANSIT)
    def dispatch_replacement(self, *, carrier: str, tracking_no: str) -> None:
        """The seller hands the owed parcel to a carrier."""
        parcels.send(self, parcels.OWED[self.remedy], carrier, tracking_no)

    @step(
        by=[Role.SELLER, Role.CLOCK],
        start=[S.AWAITING_REPLACEMENT],
        to=S.REFUNDING,
        when=[conditions.can_turn_into_refund],
    )
    def out_of_stock(self) -> None:
        """There is nothing to send: the claim turns into a refund."""
        settlement.turn_into_refund(self)

    @step(
        by=[Role.CARRIER],
        start=[S.REPLACEMENT_IN_TRANSIT],
        to=S.REPLACEMENT_IN_TRANSIT,
        when=[conditions.replacement_undelivered],
        counts="deliveries",
        restarts=["replacement_receipt"],
    )
    def replacement_delivered(self, **scan: Any) -> None:
        """The owed parcel has arrived: the buyer's time to look at it starts, once."""
        parcels.delivered(self, parcels.OWED[self.remedy], **scan)

    @step(by=[Role.BUYER, Role.CLOCK], start=[S.REPLACEMENT_IN_TRANSIT], to=S.COMPLETED)
    def confirm_replacement(self) -> None:
        """The buyer has what was owed, or does not say otherwise in time."""
        parcels.end(self, parcels.OWED[self.remedy])
        settlement.complete(self, "replaced")

    @step(
        by=[Role.BUYER],
        start=[S.REPLACEMENT_IN_TRANSIT],
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def reject_replacement(self, *, reason: str, statement: UUID) -> None:
        """The buyer got the wrong thing, a broken one or nothing."""
        self.facts.demand_evidence(reason, during="reject_replacement")
        self.facts.tell(reason=reason, statement=statement)
        self.back_to = self.state

    @step(
        by=[Role.CARRIER],
        start=[S.REPLACEMENT_IN_TRANSIT],
        to=S.IN_MEDIATION,
        when=[conditions.replacement_undelivered, conditions.rounds_left],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def replacement_lost(self, **scan: Any) -> None:
        """The owed parcel was lost or went back to the seller; a mediator decides."""
        parcels.lost(self, parcels.OWED[self.remedy], **scan)
        self.back_to = self.state

    # More time

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=ON_A_CLOCK,
        to=SAME,
        when=[conditions.own_extension_left],
        counts="extensions",
    )
    def take_extension(self) -> None:
        """Who is on the clock takes the more time that the policy gives."""
        extensions.take(self)

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=ON_A_CLOCK,
        to=SAME,
        when=[conditions.may_ask_extension],
        counts="extensions",
    )
    def ask_extension(self, *, hours: int) -> None:
        """Who is on the clock asks the other side for more time."""
        extensions.ask(self, hours)

    @step(
        by=[Role.BUYER, Role.SELLER, *STAFF],
        start=ON_A_CLOCK,
        to=SAME,
        when=[conditions.extension_is_asked],
        counts="extensions",
    )
    def grant_extension(self) -> None:
        """The other side agrees, or one of our people decides so."""
        extensions.grant(self)

    @step(
        by=STAFF,
        start=ON_A_CLOCK,
        to=SAME,
        when=[conditions.more_time_left, conditions.sees_to_it],
        counts="extensions",
    )
    def give_extension(self, *, side: str, hours: int, statement: UUID) -> None:
        """One of our people gives a side more time that nobody asked for, with a reason."""
        extensions.give(self, side, hours, statement)

    # Lapse and mediation

    @step(
        by=[Role.CLOCK],
        start=[S.REFUSED, S.AWAITING_RETURN, S.AWAITING_SELLER, S.AWAITING_REPLACEMENT],
        to=S.CLOSED,
        when=[conditions.buyer_was_silent_or_nothing_is_left],
    )
    def close(self) -> None:
        """The buyer let the time pass; applying again stays possible within window and limit.

        If it was the seller, nobody is left to ask and nothing to give back.
        """
        waited_on_buyer = self.state in {S.REFUSED, S.AWAITING_RETURN}
        settlement.close(self, "lapsed" if waited_on_buyer else "refunded_outside")

    @step(
        by=[Role.BUYER, Role.CLOCK],
        start=[
            S.AWAITING_SELLER,
            S.REFUSED,
            S.NEGOTIATING,
            S.RETURN_IN_TRANSIT,
            S.INSPECTING,
            S.AWAITING_REPLACEMENT,
        ],
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left, conditions.may_escalate],
        also=TO_MEDIATION,
        counts="mediation_rounds",
        light=True,
    )
    def escalate(self) -> None:
        """A mediator is asked in: by the buyer, or because somebody stayed silent."""
        offers.end_all(self, "lapsed")
        self.back_to = S.AWAITING_SELLER if self.state == S.NEGOTIATING else self.state

    @step(
        by=JUDGES,
        start=MOVABLE,
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def take_over(self, *, reason: str, statement: UUID) -> None:
        """A mediator steps in ex officio: counterfeit, safety, platform at fault."""
        offers.end_all(self, "lapsed")
        self.back_to = S.AWAITING_SELLER if self.state == S.NEGOTIATING else self.state
        self.facts.tell(reason=reason, statement=statement)

    @step(
        by=JUDGES,
        start=[S.IN_MEDIATION],
        to=HANDED_BACK,
        when=[
            conditions.holds_lease,
            conditions.not_yet_ruled,
            conditions.not_the_last_round,
            conditions.has_time_left,
        ],
        resumes=True,
        also=dict.fromkeys(HANDED_BACK, "withdraw_dispute"),
    )
    def hand_back(self, *, statement: UUID) -> str:
        """The mediator gives the case back to where it came from, with the time that was left."""
        self.facts.tell(statement=statement)
        offers.end_all(self, "lapsed")
        return self.back_to

    @step(
        by=[Role.DISPUTE],
        start=[S.IN_MEDIATION],
        to=[*BY_TERMS, S.COMPLETED, S.CLOSED],
    )
    def enforce(self) -> str:
        """What the dispute decided is carried out; it may have been paid in advance."""
        offers.end_all(self, "lapsed")
        return advances.enforce(self)

    # Money

    @step(
        by=[Role.GATEWAY],
        start=[S.REFUNDING, S.IN_MEDIATION],
        to={S.REFUNDING: [SAME, S.COMPLETED], S.IN_MEDIATION: SAME},
        when=[conditions.refund_on_its_way],
        counts="advances",
        while_held=True,
    )
    def refund_settled(self, *, refund: UUID) -> str:
        """The gateway has paid; an advance does not end the dispute."""
        payments.paid(self, refund)
        return advances.settled(self)

    @step(
        by=[Role.GATEWAY],
        start=[S.REFUNDING, S.IN_MEDIATION],
        to=SAME,
        when=[conditions.refund_on_its_way],
        counts="failures",
        while_held=True,
    )
    def refund_failed(self, *, refund: UUID, code: str) -> None:
        """The gateway could not pay; operations are alarmed and it is tried again."""
        payments.failed(self, refund, code)

    @step(
        by=[Role.CLOCK],
        start=[S.REFUNDING],
        to=S.REFUNDING,
        quiet=True,
        restarts=["refund_settlement"],
        light=True,
    )
    def alarm(self) -> None:
        """The refund is overdue: operations and the supervisor hear of it, each working day."""
        refund = self.facts.refund
        self.facts.tell(refund=refund.id, refund_amount=refund.amount)

    @step(
        by=[Role.SUPERVISOR],
        start=[S.REFUNDING],
        to=[SAME, S.COMPLETED],
        when=[conditions.second_pair_of_eyes],
        counts="settled_by",
    )
    def settle_by_hand(self, *, statement: UUID) -> str:
        """Two supervisors state that the refund was paid outside the gateway."""
        self.facts.tell(statement=statement)
        return advances.settled(self) if settlement.by_hand(self) else self.state

    # The order moves outside

    @step(
        by=[Role.SERVICE],
        start=[*MOVABLE, S.IN_MEDIATION],
        to=S.CLOSED,
        when=[conditions.nothing_advanced],
        also={S.CLOSED: "withdraw_dispute"},
    )
    def order_cancelled(self) -> None:
        """The marketplace cancelled the order and gave everything back itself."""
        outside.cancelled(self)

    @step(
        by=[Role.SERVICE],
        start=[*MOVABLE, S.IN_MEDIATION],
        to=[SAME, S.CLOSED],
        when=[conditions.something_is_left, conditions.nothing_advanced],
        also={S.CLOSED: "withdraw_dispute"},
        counts="money_left",
    )
    def record_outside_refund(self, *, line: UUID, amount: int) -> str:
        """Money was given back outside; the case closes when nothing is left to ask for."""
        return outside.given_back(self, line, amount)

    @step(by=[Role.SERVICE], start=OPEN, to=SAME, counts="chargebacks", holds=True)
    def chargeback_opened(self) -> None:
        """The buyer's bank disputes the payment: all clocks and payouts are held."""
        outside.hold(self)

    @step(
        by=[Role.SERVICE],
        start=OPEN,
        to={s: SAME if s == S.REFUNDING else [SAME, S.CLOSED] for s in OPEN},
        when=[conditions.is_held],
        resumes=True,
        also={S.CLOSED: "withdraw_dispute"},
        counts="chargebacks",
        while_held=True,
    )
    def chargeback_closed(self, *, lost: bool) -> str:
        """The bank has decided. If the money went back through it, nothing is left to claim."""
        return outside.let_go(self, lost=lost)

    # Afterwards

    @step(
        by=[Role.BUYER, Role.SELLER],
        start=[S.COMPLETED],
        to=S.COMPLETED,
        when=[conditions.in_aftercare, conditions.unrated],
        counts="rating",
    )
    def rate(self, *, score: int, statement: UUID | None = None, **dimensions: int) -> None:
        """A side tells how it went, once: 1 to 5, and in four dimensions if it likes."""
        aftercare.rate(self, score, dimensions, statement)

    @step(by=[Role.CLOCK], start=[S.COMPLETED], to=S.COMPLETED, quiet=True, light=True)
    def end_aftercare(self) -> None:
        """The time to rate or reopen is over."""

    @step(
        by=[Role.BUYER],
        start=[S.COMPLETED],
        to=S.IN_MEDIATION,
        when=[
            conditions.in_aftercare,
            conditions.may_reopen,
            conditions.rounds_left,
            conditions.pieces_free,
        ],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def reopen(self, *, statement: UUID) -> None:
        """The buyer is not content with what was settled or decided by a clock."""
        settlement.again(self, statement)
        self.reopened = True

    @step(
        by=[Role.SUPERVISOR],
        start=[S.CLOSED],
        to=S.IN_MEDIATION,
        when=[conditions.rounds_left, conditions.pieces_free],
        also=TO_MEDIATION,
        counts="mediation_rounds",
    )
    def reinstate(self, *, statement: UUID) -> None:
        """A supervisor takes a closed case up again, with a reason."""
        settlement.again(self, statement)
