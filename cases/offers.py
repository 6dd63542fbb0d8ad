"""Offers and counter-offers: terms proposed by one side, one standing at a time."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases import durations, terms
from cases.refusals import BadTerms, DeadlinePassed, StaleOffer
from cases.roles import Role

if TYPE_CHECKING:
    from cases.models import Case, Offer


def make(
    case: "Case", *, statement: UUID | None = None, hours: int | None = None, **content: Any
) -> None:
    """Put new terms on the table.

    :param hours: that they stand; None: as long as the policy says, which is the most
    :raises BadTerms: they do not add up, or would stand too long
    :raises AmountTooHigh: more than the goods are worth
    """
    facts = case.facts
    agreed = terms.check(case, content)
    expires_at = _expiry(case, hours)
    end_all(case, "lapsed")  # one that has expired in mediation
    side = facts.actor.role
    number = case.buyer_offers + case.seller_offers + 1
    facts.offer = facts.new(
        "Offer",
        case_id=case.id,
        version=number,
        side=side,
        remedy=agreed.remedy,
        items={str(line): amount for line, amount in agreed.amounts.items()},
        compensation=agreed.compensation,
        medium=agreed.medium,
        freight_payer=agreed.freight_payer,
        statement_id=statement,
        made_at=facts.at,
        expires_at=expires_at,
        state="open",
    )
    if hours is not None:
        facts.lengths["offer_reply"] = durations.parse(f"{hours}h")
    if side == Role.BUYER:
        case.buyer_offers += 1
    else:
        case.seller_offers += 1
    facts.tell(
        offer=facts.offer.id,
        offer_version=number,
        expires_at=facts.offer.expires_at,
        **agreed.as_payload(),
    )


def _expiry(case, hours):
    latest = case.facts.due("offer_reply")
    wanted = latest if hours is None else case.facts.at + timedelta(hours=hours)
    if wanted > latest:
        raise BadTerms("An offer stands no longer than the policy says.", latest=latest)
    return wanted


def replace(
    case: "Case", offer: UUID, version: int, *, hours: int | None = None, **content: Any
) -> None:
    """Answer an offer with another.

    :raises StaleOffer: it is not the one that stands
    :raises Refused: as `make`
    """
    old = standing(case, offer, version)
    terms.check(case, {key: value for key, value in content.items() if key != "statement"})
    _expiry(case, hours)
    end(case, old, "replaced")
    make(case, hours=hours, **content)


def standing(case: "Case", offer: UUID, version: int) -> "Offer":
    """Find the offer that somebody quotes.

    :raises StaleOffer: it is not the one that stands
    :raises DeadlinePassed: it has expired (in mediation an offer has no clock of its own)
    """
    now = case.facts.offer
    if now is None or (now.id, now.version) != (offer, version):
        raise StaleOffer("Another offer stands now, or none.")
    if has_expired(case):
        raise DeadlinePassed("The offer has expired.", due_at=now.expires_at)
    return now


def has_expired(case: "Case") -> bool:
    """Say whether the offer is past its time; in negotiation its clock sees to that."""
    return case.state == "in_mediation" and case.facts.at >= case.facts.offer.expires_at


def terms_of(case: "Case", offer: "Offer") -> terms.Terms:
    """Read the terms of an offer, and see that they still add up."""
    return terms.check(
        case,
        {
            "remedy": offer.remedy,
            "amounts": {UUID(line): amount for line, amount in offer.items.items()},
            "compensation": offer.compensation,
            "medium": offer.medium,
            "freight_payer": offer.freight_payer,
        },
    )


def end(case: "Case", offer: "Offer", state: str) -> None:
    """Take an offer off the table."""
    offer.state = state
    case.facts.touch(offer)
    case.facts.tell(offer=offer.id, offer_version=offer.version)
    case.facts.offer = None


def end_all(case: "Case", state: str) -> None:
    """Take whatever offer stands off the table."""
    if case.facts.offer is not None:
        end(case, case.facts.offer, state)
