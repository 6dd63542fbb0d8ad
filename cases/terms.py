"""Terms: what an application asks for, an offer proposes or a ruling grants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cases.money import round_half_up
from cases.reasons import REMEDIES
from cases.refusals import AmountTooHigh, BadTerms

if TYPE_CHECKING:
    from cases.models import ApplicationItem, Case

NOTHING = "none"  # a ruling for the seller
SEND_BACK = "send_back"  # a ruling for the seller, who returns the goods to the buyer
RULED_ONLY = (NOTHING, SEND_BACK)
MONEY = "money"
MEDIA = (MONEY, "coupon", "points")  # a compensation may be given in; its amount is its worth
PAYERS = ("buyer", "seller", "platform")
SHARES = (10, 30, 50, 80, 100)  # percent of what goods are worth, by damage: WeChat's ladder


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What both sides get. Amounts in minor units, per order line."""

    remedy: str
    amounts: Mapping[UUID, int] = field(default_factory=dict)
    compensation: int = 0
    payer: str = ""  # of the compensation
    medium: str = MONEY  # of the compensation
    freight_payer: str = ""  # of the return
    freight_out: bool | None = None  # refund the outbound freight; None: by fault

    @property
    def pays(self) -> str:
        """Say what is paid: "refund", "compensation" or nothing."""
        return REMEDIES[self.remedy].pays if self.remedy in REMEDIES else ""

    @property
    def total(self) -> int:
        """Add up what is paid, in minor units; the outbound freight is not known yet."""
        return sum(self.amounts.values()) + self.compensation

    def as_payload(self) -> dict[str, Any]:
        """Show the terms as codes, ids and amounts, for an event."""
        return {
            "remedy": self.remedy,
            "amounts": {str(line): amount for line, amount in self.amounts.items()},
            "compensation": self.compensation,
            "payer": self.payer,
            "freight_payer": self.freight_payer,
            "freight_out": self.freight_out,
            **({"medium": self.medium} if self.medium != MONEY else {}),
        }


def read(content: Mapping[str, Any]) -> Terms:
    """Read terms back from where `as_payload` wrote them."""
    amounts = {UUID(line): amount for line, amount in content["amounts"].items()}
    others = ("remedy", "compensation", "payer", "freight_payer", "freight_out")
    medium = content.get("medium", MONEY)
    return Terms(amounts=amounts, medium=medium, **{key: content[key] for key in others})


def check(case: "Case", content: Mapping[str, Any], *, ruling: bool = False) -> Terms:
    """Read terms and see that they add up for this case.

    :raises BadTerms: unknown remedy, a line that is not in the case, nothing to pay
    :raises AmountTooHigh: more than a line is worth, or than is left of it
    """
    agreed = Terms(
        remedy=content["remedy"],
        amounts=dict(content.get("amounts") or {}),
        compensation=content.get("compensation") or 0,
        payer=content.get("payer") or "seller",
        medium=content.get("medium") or MONEY,
        freight_payer=content.get("freight_payer") or case.facts.freight_payer(case.reason),
        freight_out=content.get("freight_out"),
    )
    if agreed.remedy not in REMEDIES and not (ruling and agreed.remedy in RULED_ONLY):
        raise BadTerms(f"{agreed.remedy} is not a remedy.")
    if agreed.freight_payer not in PAYERS or agreed.payer not in PAYERS[1:]:
        raise BadTerms("Name a payer that exists.")
    if agreed.medium not in MEDIA or (agreed.medium != MONEY and not agreed.compensation):
        raise BadTerms("Only a compensation is given in coupons or points.")
    _check_amounts(case, agreed)
    return agreed


def _check_amounts(case: "Case", agreed: Terms) -> None:
    items = {item.line_id: item for item in case.facts.items}
    if unknown := [line for line in agreed.amounts if line not in items]:
        raise BadTerms("A line is not part of this case.", line=unknown[0])
    if agreed.pays != "refund" and any(agreed.amounts.values()):
        raise BadTerms("This remedy refunds no line.")
    if agreed.pays == "refund" and not any(agreed.amounts.values()):
        raise BadTerms("A refund needs an amount.")
    if (agreed.pays == "compensation") != (agreed.compensation > 0):
        raise BadTerms("A compensation has an amount, and nothing else has.")
    for line, amount in agreed.amounts.items():
        if not 0 <= amount <= most(items[line]):
            raise AmountTooHigh("More than can be given back.", line=line, most=most(items[line]))
    if agreed.compensation > case.facts.compensation_cap:
        raise AmountTooHigh("Above the cap.", most=case.facts.compensation_cap)


def share(item: "ApplicationItem", percent: int) -> int:
    """Tell what a share of an item's worth is, as far as it can still be given back."""
    return min(round_half_up(item.worth * percent, 100), most(item))


def most(item: "ApplicationItem") -> int:
    """Tell the most that can still be given back for an item, in minor units."""
    ours = item.agreed + item.advanced  # which another ruling may grant otherwise
    return min(item.worth - item.refunded + item.advanced, item.line.left + ours)


def asked_for(case: "Case") -> dict[UUID, int]:
    """Tell what the application asks back for each line, as far as it can still be given."""
    items = case.facts.items
    if any(item.amount for item in items):
        return {item.line_id: min(item.amount, most(item)) for item in items}
    return {item.line_id: most(item) for item in items}
