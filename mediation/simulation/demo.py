"""The demo marketplace: its people, its orders, and how it is found again."""

import secrets
from datetime import datetime, timedelta

from cases import policies
from cases.ids import new_id
from cases.models import Marketplace, Order
from cases.models.policy import publish
from mediation.simulation import made_up, shop

SLUG = "demo"
SEED = 2026
STOCK = 36  # orders to play with by hand
FRESH = timedelta(days=3)  # after which new ones are delivered
BUYERS = ("bea", "lin", "omar", "rosa", "wei", "yuki", "paul", "mei", "ines", "tariq")
SELLERS = ("sam", "jing", "anna", "bo", "kofi", "tao")


def marketplace(at: datetime) -> Marketplace:
    """Find or make the demo marketplace, its policy in force."""
    publish(policies.source_of("demo"), effective_from=at, at=at)
    found, _ = Marketplace.objects.get_or_create(
        slug=SLUG,
        defaults={
            "id": new_id(at),
            "name": "Demo bazaar",
            "issuer": "https://demo.example",
            "secret": secrets.token_urlsafe(48),
            "policy_name": "demo",
        },
    )
    return found


def stock(market: Marketplace, at: datetime) -> int:
    """See that there are orders young enough to apply for; tell how many are new."""
    if (
        Order.everywhere.filter(marketplace=market, delivered_at__gt=at - FRESH).count()
        >= STOCK // 2
    ):
        return 0
    return len(buy(market, STOCK, at=at))


def buy(market: Marketplace, count: int, *, at: datetime) -> list[Order]:
    """Let some orders be bought and delivered in the days before a moment."""
    batch = Order.everywhere.filter(marketplace=market).count()
    purchases = made_up.purchases(
        SEED + batch,
        count,
        until=at,
        prefix=f"D{batch}",
        buyers=BUYERS,
        sellers=SELLERS,
    )
    return list(shop.store(market, purchases, at=at).values())
