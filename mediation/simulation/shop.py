"""What was bought, before it is a row; and how it becomes rows, for n purchases at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cases.ids import new_id
from cases.models import Marketplace, Order, OrderLine, Party, Payment
from cases.roles import PARTIES
from notifications.models import Contact

# Numbers and hosts that belong to nobody: 555-01xx is kept for fiction, .example by RFC 2606.
NUMBERS = 100
NONE, WEEK = timedelta(), timedelta(days=7)
ZONES = {"zh-hans": "Asia/Shanghai", "en": "Europe/London"}


@dataclass(frozen=True, kw_only=True)
class Goods:
    """One line of a purchase. `paid` in minor units for all pieces."""

    ref: str
    sku: str
    title: str
    paid: int
    quantity: int = 1
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One payment, in minor units."""

    ref: str
    method: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """One buyer's order at one seller. Times are aware UTC; payments cover goods and freight."""

    ref: str
    buyer: str
    seller: str
    currency: str
    goods: tuple[Goods, ...]
    payments: tuple[Paid, ...]
    placed_at: datetime
    paid_at: datetime
    promised_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    freight: int = 0
    time_zone: str = "UTC"
    languages: tuple[str, str] = ("en", "zh-hans")  # of buyer and seller

    def moved(self, by: timedelta) -> "Purchase":
        """Give the same purchase at another time."""
        names = ("placed_at", "paid_at", "promised_at", "shipped_at", "delivered_at")
        return replace(self, **{n: at + by for n in names if (at := getattr(self, n))})


@dataclass(frozen=True, kw_only=True)
class Grievance:
    """What a buyer complains of, and when. `kind` says what in the data it comes from."""

    kind: str
    purchase: Purchase
    at: datetime
    reason: str
    words: str


def folded(grievances: list[Grievance], weeks: int) -> list[Grievance]:
    """Lay a long time over a short one: each order is moved by whole weeks.

    Within an order nothing changes; weekday and hour (in UTC) stay.

    :param grievances: by time
    :param weeks: in which all orders are to begin; 0: leave them where they are
    """
    period = weeks * WEEK
    since: dict[str, timedelta] = {}  # order → how far it is moved
    found = []
    for grievance in grievances:
        purchase = grievance.purchase
        late = (grievance.at - grievances[0].at) // period * period if weeks else NONE
        by = -since.setdefault(purchase.ref, late)
        found.append(replace(grievance, at=grievance.at + by, purchase=purchase.moved(by)))
    return sorted(found, key=lambda grievance: (grievance.at, grievance.purchase.ref))


def store(market: Marketplace, purchases: Iterable[Purchase], *, at: datetime) -> dict[str, Order]:
    """Write purchases with their lines, payments, people and contacts; n at once.

    :returns: ref → order
    """
    purchases = list(purchases)
    people = _people(market, purchases, at)
    orders = {p.ref: _order(market, p, people, at) for p in purchases}
    Order.everywhere.bulk_create(orders.values())
    OrderLine.objects.bulk_create(
        OrderLine(id=new_id(at), order=orders[p.ref], **vars(goods))
        for p in purchases
        for goods in p.goods
    )
    Payment.objects.bulk_create(
        Payment(id=new_id(at), order=orders[p.ref], captured_at=p.paid_at, **vars(paid))
        for p in purchases
        for paid in p.payments
    )
    return orders


def _order(market, purchase, people, at):
    copied = ("ref", "currency", "time_zone", "freight")
    moments = ("placed_at", "promised_at", "shipped_at", "delivered_at")
    return Order(
        id=new_id(at),
        marketplace=market,
        buyer=people["buyer", purchase.buyer],
        seller=people["seller", purchase.seller],
        **{name: getattr(purchase, name) for name in (*copied, *moments)},
    )


def _people(market, purchases, at):
    """Find or make the parties: (role, ref) → party."""
    wanted = {
        (str(role), getattr(purchase, role)): language
        for purchase in purchases
        for role, language in zip(PARTIES, purchase.languages, strict=True)
    }
    known = {(p.role, p.ref): p for p in Party.everywhere.filter(marketplace=market)}
    new = {
        (role, ref): Party(
            id=new_id(at), marketplace=market, role=role, ref=ref, language=wanted[role, ref]
        )
        for role, ref in wanted.keys() - known.keys()
    }
    Party.everywhere.bulk_create(new.values())
    Contact.objects.bulk_create(
        contact
        for number, party in enumerate(new.values(), start=len(known))
        for contact in _contacts(party, number)
    )
    return known | new


def _contacts(party, number):
    shared = {
        "recipient_id": party.id,
        "marketplace_id": party.marketplace_id,
        "locale": party.language,
        "time_zone": ZONES[party.language],
    }
    yield Contact(channel="email", address=f"{party.ref}@{party.role}s.example", **shared)
    yield Contact(channel="sms", address=f"+1202555{100 + number % NUMBERS:04}", **shared)
