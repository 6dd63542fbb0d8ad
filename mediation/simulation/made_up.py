"""Made-up purchases: the same seed makes the same ones."""

from datetime import datetime, timedelta
from random import Random

from cases.reasons import DELIVERED, REASONS
from mediation.simulation.shop import Goods, Grievance, Paid, Purchase

WARES = (  # sku, title, category, price in major units
    ("tea-pot", "Teapot, stoneware", "home", 128),
    ("headset", "Wireless headset", "electronics", 499),
    ("rain-coat", "Raincoat, size M", "fashion", 239),
    ("desk-lamp", "Desk lamp", "home", 175),
    ("run-shoe", "Running shoes, size 42", "fashion", 569),
    ("power-bank", "Power bank 20,000 mAh", "electronics", 189),
    ("silk-scarf", "Silk scarf", "fashion", 320),
    ("novel", "Novel, hard cover", "books", 59),
    ("watch", "Automatic watch", "jewellery", 1_280),
    ("night-cream", "Night cream", "beauty", 268),
)
DEAR = 1_000  # bought one at a time
METHODS = ("card", "wallet", "voucher")
LANGUAGES = (("en", "zh-hans"), ("zh-hans", "en"))  # of buyer and seller, in turns
DAY = timedelta(days=1)


def purchases(
    seed: int,
    count: int,
    *,
    until: datetime,
    prefix: str,
    buyers: tuple[str, ...],
    sellers: tuple[str, ...],
    currency: str = "CNY",
) -> list[Purchase]:
    """Make purchases that were delivered in the four days before a moment.

    :param until: aware UTC
    :param prefix: of their refs, numbered from 1
    """
    chance = Random(seed)  # noqa: S311 -- a story, not a secret
    return [
        _purchase(
            chance,
            ref=f"{prefix}-{number}",
            buyer=buyers[number % len(buyers)],
            seller=sellers[number % len(sellers)],
            currency=currency,
            until=until,
            languages=LANGUAGES[number % 2],
        )
        for number in range(1, count + 1)
    ]


def _purchase(chance, *, until, **known):
    wares = chance.sample(WARES, chance.choice([1, 1, 1, 2, 3]))
    goods = tuple(_goods(chance, number, ware) for number, ware in enumerate(wares, 1))
    freight = chance.choice([0, 800, 1_200])
    delivered_at = until - chance.random() * 4 * DAY - timedelta(hours=1)
    shipped_at = delivered_at - 2 * DAY
    return Purchase(
        **known,
        goods=goods,
        payments=_payments(chance, sum(line.paid for line in goods) + freight),
        freight=freight,
        placed_at=shipped_at - DAY,
        paid_at=shipped_at - DAY,
        shipped_at=shipped_at,
        promised_at=delivered_at + chance.choice([-1, 1, 1]) * DAY,
        delivered_at=delivered_at,
    )


def _goods(chance, number, ware):
    sku, title, category, price = ware
    quantity = 1 if price > DEAR else chance.choice([1, 1, 1, 2, 3])
    paid = price * 100 * quantity - chance.choice([0, 0, 500])  # a discount at times
    return Goods(
        ref=str(number), sku=sku, title=title, category=category, quantity=quantity, paid=paid
    )


def _payments(chance, total):
    """Pay in one go, or with a voucher first."""
    first = chance.choice([total, total, 2_000])
    parts = [first, total - first] if first < total else [total]
    return tuple(
        Paid(ref=str(number), method=METHODS[number - len(parts)], amount=amount)
        for number, amount in enumerate(parts, 1)
    )


def grievances(bought: list[Purchase], seed: int, *, start: datetime) -> list[Grievance]:
    """Let somebody complain of each purchase, all within four weeks; by time.

    The purchases move along, so that each was delivered some hours before.
    """
    chance = Random(seed)  # noqa: S311 -- a story, not a secret
    found = []
    for purchase in bought:
        at = start + chance.random() * 28 * DAY
        delivered = at - timedelta(hours=chance.randint(1, 48))
        reason = chance.choice([key for key, row in REASONS.items() if DELIVERED in row.stages])
        moved = purchase.moved(delivered - (purchase.delivered_at or delivered))
        found.append(
            Grievance(kind="MADE_UP", purchase=moved, at=at, reason=reason, words="Please help.")
        )
    return sorted(found, key=lambda grievance: grievance.at)
