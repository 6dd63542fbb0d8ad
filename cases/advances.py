"""Advances: money that is paid at a ruling, before the time to appeal is over; who owes what then.

A policy pays early out of the seller's money (`payout_waits_for_appeal = false`), or the platform
pays first, within the limits of its guarantee. What has been instructed is never taken back, and
nothing is ever asked back of the buyer: an appeal that is won is made good by the platform. What
others owe because of a decision, the carrier included, is a `Recovery`, which the marketplace
carries out.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cases import terms
from cases.money import split
from cases.reasons import REMEDIES
from cases.refusals import BadTerms
from cases.settlement import agree, complete
from cases.settlement import enforce as enforce_by_terms
from cases.terms import Terms

if TYPE_CHECKING:
    from cases.models import Case

SELLER, PLATFORM, CARRIER = "seller", "platform", "carrier"


def give(case: "Case", decided: Terms) -> None:
    """Pay what a ruling grants at once, if the policy says so and no goods move first."""
    facts = case.facts
    left = _possible(case, decided)
    pays_now = bool(left.total) and not _goods_move(case, decided)
    by_guarantee = pays_now and _is_guaranteed(case, left)
    if not pays_now or (facts.policy.payout_waits_for_appeal and not by_guarantee):
        return
    agree(case, left, answer="decided")
    facts.refund.is_advance = True
    if by_guarantee:
        facts.refund.payer = PLATFORM
    facts.advance, case.advance_id = facts.refund, facts.refund.id
    facts.tell(advance=facts.refund.id)


def _possible(case, decided):
    """Leave out what was given back elsewhere since the ruling was written."""
    most = {item.line_id: terms.most(item) for item in case.facts.items}
    amounts = {line: min(amount, most[line]) for line, amount in decided.amounts.items()}
    return replace(decided, amounts=amounts)


def _goods_move(case, decided):
    row = REMEDIES.get(decided.remedy)
    return row is None or bool(row.sends) or (row.returns and not case.facts.goods_are_coming)


def _is_guaranteed(case, decided):
    """Whether the platform pays first: a refund, at most what is left of its guarantee."""
    most = decided.total + case.facts.order.freight
    return decided.pays == "refund" and most <= case.facts.guarantee_left


def check(case: "Case", decided: Terms) -> None:
    """See that a ruling on appeal fits what was paid: it confirms, changes or denies just that.

    :raises BadTerms: it grants something else
    """
    if case.advance_id is None or decided.remedy == terms.NOTHING:
        return
    payer = decided.payer if decided.pays == "compensation" else case.compensation_payer
    if (decided.remedy, decided.medium, payer) != (
        case.remedy,
        case.medium,
        case.compensation_payer,
    ):
        raise BadTerms("The buyer has been paid: confirm it, or grant another amount or nothing.")


def enforce(case: "Case") -> str:
    """Carry out what a dispute decided and tell the state that follows."""
    facts = case.facts
    if case.advance_id is None:
        state = enforce_by_terms(case, facts.decided)
        if state != "closed":
            _owe(case, facts.decided.payer or SELLER, _granted(case))
        return state
    case.final = True
    return "refunding" if facts.refund is not None else _compare(case)


def _granted(case):
    """Tell what a ruling grants, in minor units: money, or goods by what they were worth."""
    remedy = case.facts.decided.remedy
    if remedy not in REMEDIES:
        return 0
    pays = bool(case.facts.decided.pays)
    return case.amount + case.freight if pays else sum(i.worth for i in case.facts.items)


def settled(case: "Case") -> str:
    """Go on after a payment: wait for the ruling on appeal, compare with it, or complete."""
    if case.state == "in_mediation":
        return case.state
    if case.advance_id is not None:
        return _compare(case)
    complete(case, "refunded")
    return "completed"


def _compare(case):
    """Hold what was paid in advance against the final ruling: the rest is paid, too much is owed.

    Line by line: what is too much for one does not pay for another.
    """
    facts, decided = case.facts, case.facts.decided
    advance, case.advance_id = facts.advance, None
    over, rest = (_of_lines if advance.kind == "refund" else _of_compensation)(case, decided)
    advance.reversed = over
    facts.touch(advance)
    _owe_after(case, advance)
    if not rest.total and not rest.freight_out:
        complete(case, "refunded" if decided.pays else "ruled_for_seller")
        return "completed"
    agree(case, rest, answer="decided")
    case.amount, case.compensation = decided.total, decided.compensation
    return "refunding"


def _of_lines(case, decided):
    over, rest = 0, {}
    freight = case.facts.advance.amount - sum(item.advanced for item in case.facts.items)
    for item in case.facts.items:
        given, item.advanced = item.advanced, 0
        case.facts.touch(item)
        wanted = decided.amounts.get(item.line_id, 0)
        over += max(0, given - wanted)
        rest[item.line_id] = max(0, min(wanted - given, terms.most(item)))
    order = case.facts.order
    left = order.freight - order.freight_reserved - order.freight_refunded
    if not decided.pays or decided.freight_out is False:
        over += freight
    more = decided.freight_out is True and left > 0
    return over, replace(decided, amounts=rest, freight_out=more)


def _of_compensation(case, decided):
    given, wanted = case.facts.advance.amount, decided.compensation
    more = max(0, wanted - given)
    return max(0, given - wanted), replace(decided, compensation=more, freight_out=False)


# What others owe


def _owe_after(case, advance):
    """Say who owes what, now that the ruling is final."""
    kept = advance.amount - advance.reversed
    payer = advance.payer or SELLER
    _owe(case, payer, kept, advance)
    if payer == SELLER:
        _claim(case, PLATFORM, SELLER, advance.reversed, advance)
    elif advance.kind == "refund":  # by guarantee
        own = _shares(case, kept)
        _claim(case, SELLER, PLATFORM, own[SELLER], advance)


def _owe(case, creditor, amount, refund=None):
    """Let the carrier make good its share of fault to whoever has paid."""
    _claim(case, CARRIER, creditor, _shares(case, amount)[CARRIER], refund)


def _shares(case, amount):
    """Divide an amount by fault; the buyer's share is the seller's, who has it from the ruling."""
    fault = case.facts.fault
    platform, carrier = fault.get(PLATFORM, 0), fault.get(CARRIER, 0)
    return split(amount, {SELLER: 100 - platform - carrier, PLATFORM: platform, CARRIER: carrier})


def _claim(case: "Case", debtor: str, creditor: str, amount: int, refund: Any) -> None:
    if amount <= 0:
        return
    facts = case.facts
    parcel = facts.parcels[-1] if debtor == CARRIER and facts.parcels else None
    row = facts.new(
        "Recovery",
        case_id=case.id,
        marketplace_id=case.marketplace_id,
        seller_id=case.seller_id,
        event_id=facts.event_id,
        refund_id=refund and refund.id,
        parcel_id=parcel and parcel.id,
        debtor=debtor,
        creditor=creditor,
        amount=amount,
        currency=case.currency,
        decided_at=facts.at,
    )
    owed = {"id": row.id, "debtor": debtor, "creditor": creditor, "amount": amount}
    facts.tell(recoveries=[*facts.told.get("recoveries", ()), owed])
