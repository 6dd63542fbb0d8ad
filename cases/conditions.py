"""What must hold before a step, besides state and role; each with what people are told if not."""

from typing import TYPE_CHECKING

from cases import extensions, offers, splitting, terms
from cases.reasons import REMEDIES
from cases.refusals import (
    DeadlinePassed,
    LeaseLost,
    LimitReached,
    NotEligible,
    NotIndependent,
    NotNow,
    NotYourStep,
    QuantityTaken,
)
from cases.roles import PARTIES, Role
from cases.table import condition

if TYPE_CHECKING:
    from cases.models import Case, Dispute

UNDECIDED = {"queued", "in_review", "gathering", "proposed", "awaiting_approval"}


@condition(LimitReached, "The application was changed as often as the policy allows.")
def edits_left(case: "Case") -> bool:
    limits = case.facts.policy.limits
    return all(item.line.tries_left("edits", limits) > 0 for item in case.facts.items)


@condition(LimitReached, "These goods were applied for as often as the policy allows.")
def applications_left(case: "Case") -> bool:
    limits = case.facts.policy.limits
    return all(item.line.tries_left("applications", limits) > 0 for item in case.facts.items)


@condition(LimitReached, "You have made as many offers as the policy allows.")
def offers_left(case: "Case") -> bool:
    made = case.buyer_offers if case.facts.actor.role == Role.BUYER else case.seller_offers
    return made < case.facts.policy.limits.offers_per_side


@condition(NotNow, "An offer is waiting for its answer.")
def no_offer_stands(case: "Case") -> bool:
    return case.facts.offer is None or offers.has_expired(case)


@condition(NotYourStep, "There is no offer that you may answer.")
def offer_is_mine_to_answer(case: "Case") -> bool:
    offer = case.facts.offer
    return offer is not None and offer.side != case.facts.actor.role


@condition(DeadlinePassed, "The offer has expired.")
def offer_is_in_time(case: "Case") -> bool:
    return case.facts.offer is None or not offers.has_expired(case)


@condition(NotEligible, "There is nothing to split off.")
def can_be_split(case: "Case") -> bool:
    return splitting.can_be_split(case)


@condition(NotNow, "The case was not closed by a lapse.")
def lapsed_or_refused(case: "Case") -> bool:
    return case.state == "refused" or case.outcome == "lapsed"


@condition(NotNow, "Everything was given back already.")
def something_is_left(case: "Case") -> bool:
    return any(item.line.left + item.agreed for item in case.facts.items)


@condition(NotNow, "What is asked for was given back already.")
def can_be_approved(case: "Case") -> bool:
    pays = REMEDIES[case.facts.application.remedy].pays
    return pays != "refund" or any(terms.asked_for(case).values())


@condition(NotEligible, "The time to apply for this is over.")
def window_open(case: "Case") -> bool:
    closes_at = case.facts.window_closes_at(case.reason)
    return closes_at is None or case.facts.at < closes_at


@condition(NotNow, "The dispute has been ruled on.")
def not_yet_ruled(case: "Case") -> bool:
    if case.state != "in_mediation":
        return True
    return case.facts.dispute.state in UNDECIDED and case.advance_id is None


@condition(NotNow, "The ruling has been paid already; it goes on until it is final.")
def nothing_advanced(machine: "Case | Dispute") -> bool:
    return machine.facts.case.advance_id is None


@condition(NotNow, "No refund is on its way.")
def refund_on_its_way(case: "Case") -> bool:
    return case.facts.refund is not None


@condition(NotEligible, "The policy does not let the seller refuse this reason.")
def may_be_refused(case: "Case") -> bool:
    return case.reason not in case.facts.policy.no_refuse_reasons


@condition(LimitReached, "The number has been corrected before, or the parcel was scanned.")
def return_unscanned(case: "Case") -> bool:
    parcel = case.facts.parcel("return")
    return parcel is not None and not parcel.scans and not parcel.corrections


@condition(NotNow, "The parcel has been delivered before.")
def replacement_undelivered(case: "Case") -> bool:
    parcel = case.facts.owed_parcel
    return parcel is not None and parcel.delivered_at is None


@condition(NotEligible, "Nothing can be refunded any more.")
def can_turn_into_refund(case: "Case") -> bool:
    return any(min(item.worth - item.refunded, item.line.left) > 0 for item in case.facts.items)


@condition(NotNow, "Something can still be given.")
def buyer_was_silent_or_nothing_is_left(case: "Case") -> bool:
    return case.state in {"refused", "awaiting_return"} or not can_turn_into_refund(case)


@condition(LimitReached, "The policy gives you no more time without asking.")
def own_extension_left(case: "Case") -> bool:
    return extensions.own_right(case, case.facts.actor.role)


@condition(LimitReached, "No clock of yours runs, or more time was asked for as often as it may.")
def may_ask_extension(case: "Case") -> bool:
    return extensions.may_ask(case, case.facts.actor.role)


@condition(NotNow, "Nobody asks you for more time.")
def extension_is_asked(case: "Case") -> bool:
    return extensions.asked(case, case.facts.actor.role) is not None


@condition(LimitReached, "No side has a clock that may be given more time.")
def more_time_left(case: "Case") -> bool:
    return any(extensions.left(case, str(side)) is not None for side in PARTIES)


@condition(LeaseLost, "Your lease of this dispute has ended or belongs to somebody else.")
def sees_to_it(case: "Case") -> bool:
    facts = case.facts
    return case.state != "in_mediation" or facts.actor.role == Role.SUPERVISOR or _holds(facts)


@condition(LimitReached, "Mediators have dealt with this case as often as the policy allows.")
def rounds_left(case: "Case") -> bool:
    return case.mediation_rounds < case.facts.policy.limits.mediation_rounds


@condition(LimitReached, "In the last round the case is decided, not handed back.")
def not_the_last_round(case: "Case") -> bool:
    return rounds_left(case)


@condition(NotNow, "The policy lets a mediator in only once the seller has had its time.")
def may_escalate(case: "Case") -> bool:
    if case.facts.actor.role == Role.CLOCK:
        return True
    if case.state == "awaiting_seller":
        return case.facts.policy.escalate_while_awaiting
    return case.state != "inspecting"


@condition(NotNow, "The case came from nowhere that it could go back to, or no time is left there.")
def has_time_left(case: "Case") -> bool:
    standing = any(clock.remaining is not None for clock in case.facts.case_clocks)
    return bool(case.back_to) and standing


@condition(LeaseLost, "Your lease of this dispute has ended or belongs to somebody else.")
def holds_lease(machine: "Case | Dispute") -> bool:
    return _holds(machine.facts) and machine.facts.at < machine.facts.docket.lease_until


def _holds(facts):
    """See that it is this claim of the person: an earlier one's token is worth nothing."""
    return facts.docket.holder == facts.actor.person and facts.docket.lease == facts.lease


@condition(NotIndependent, "Two different supervisors must state it.")
def second_pair_of_eyes(case: "Case") -> bool:
    return case.settled_by != case.facts.actor.person


@condition(NotNow, "No chargeback holds the case.")
def is_held(case: "Case") -> bool:
    return case.held


@condition(NotNow, "You have rated the case.")
def unrated(case: "Case") -> bool:
    is_buyer = case.facts.actor.role == Role.BUYER
    return (case.rating if is_buyer else case.seller_rating) is None


@condition(DeadlinePassed, "The time to rate the case or to reopen it is over.")
def in_aftercare(case: "Case") -> bool:
    return any(clock.name == "aftercare" for clock in case.facts.clocks)


@condition(NotEligible, "A case is reopened once, and never after a final ruling.")
def may_reopen(case: "Case") -> bool:
    return case.facts.policy.limits.reopen > 0 and not case.reopened and not case.final


@condition(QuantityTaken, "The pieces have been claimed again since.")
def pieces_free(case: "Case") -> bool:
    return all(
        item.claims or item.line.claimed + item.quantity <= item.line.quantity
        for item in case.facts.items
    )


# Of a dispute


@condition(LimitReached, "The dispute went through too many hands; a supervisor must decide.")
def claims_left(dispute: "Dispute") -> bool:
    return dispute.claims < dispute.facts.policy.limits.claims


@condition(NotIndependent, "You have decided this dispute before.")
def independent(dispute: "Dispute") -> bool:
    return dispute.facts.actor.person not in dispute.facts.docket.excluded


@condition(NotIndependent, "An appeal is decided by a senior mediator.")
def senior_enough(dispute: "Dispute") -> bool:
    return dispute.instance == 1 or dispute.facts.actor.role == Role.SENIOR


@condition(NotNow, "The supervisor knows of it already.")
def supervisor_unaware(dispute: "Dispute") -> bool:
    return not dispute.facts.docket.supervisor


@condition(LeaseLost, "Only who holds the lease gives it back, or a supervisor.")
def may_release(dispute: "Dispute") -> bool:
    facts = dispute.facts
    if facts.actor.role == Role.CLOCK:
        return facts.docket.lease_until <= facts.at
    return facts.actor.role == Role.SUPERVISOR or _holds(facts)


@condition(LimitReached, "Evidence was asked for as often as the policy allows.")
def evidence_rounds_left(dispute: "Dispute") -> bool:
    return dispute.evidence_rounds < dispute.facts.policy.limits.evidence_rounds


@condition(LimitReached, "As many proposals were made as the policy allows.")
def proposals_left(dispute: "Dispute") -> bool:
    return dispute.proposals < dispute.facts.policy.limits.proposals


@condition(LimitReached, "The ruling was sent back as often as the policy allows.")
def rulings_left(dispute: "Dispute") -> bool:
    return dispute.rulings < dispute.facts.policy.limits.rulings


@condition(NotYourStep, "You were not asked, or have handed in what you have.")
def was_asked(dispute: "Dispute") -> bool:
    return dispute.facts.actor.role in dispute.waiting


@condition(NotNow, "You have answered the proposal.")
def not_answered_yet(dispute: "Dispute") -> bool:
    return dispute.facts.actor.role in dispute.waiting


@condition(NotNow, "Nothing is left to be given back.")
def money_is_left(dispute: "Dispute") -> bool:
    return any(terms.most(item) > 0 for item in dispute.facts.items)


@condition(NotNow, "You have made your bid.")
def has_not_bid(dispute: "Dispute") -> bool:
    return dispute.facts.actor.role not in dispute.facts.bids


@condition(NotIndependent, "Somebody else than the one who ruled must look at it.")
def is_a_second_mediator(dispute: "Dispute") -> bool:
    return dispute.facts.actor.person != dispute.facts.ruling.ruled_by


@condition(NotNow, "You have appealed, or waived it, or the appeal is being heard.")
def may_appeal(dispute: "Dispute") -> bool:
    side = dispute.facts.actor.role
    if dispute.state == "appealed":  # joins the first, unless it has been decided on already
        return side not in dispute.appealed and not dispute.rulings
    return side in dispute.waiting and dispute.instance == 1
