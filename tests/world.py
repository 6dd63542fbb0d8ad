"""People, orders and moments for the tests: one call per thing, only what it asks for.

Bea buys, Sam sells; the days count from a past Monday morning in UTC.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

from cases import policies
from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Marketplace, Order, OrderLine, Party, Payment, Recovery
from cases.models.policy import publish
from cases.roles import Role
from mediation.steps import Wish, take

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
POLICIES = Path(policies.__file__).parent
_numbers = count(1)


def day(number, **more):
    """Name the moment so many days after that Monday morning."""
    return MONDAY + timedelta(days=number, **more)


def at(moment):
    """Make a clock that stands at a moment."""
    return lambda: moment


def policy(name="default", effective_from=day(-365)):
    """Publish one of the presets."""
    source = (POLICIES / f"{name}.toml").read_text()
    return publish(source, effective_from=effective_from, at=effective_from)


def marketplace(slug="bazaar", policy_name="default", **more):
    """Make a tenant whose policy is in force."""
    policy(policy_name)
    return Marketplace.objects.create(
        id=uuid4(),
        slug=slug,
        name=slug.title(),
        issuer=f"https://{slug}.example",
        secret="s" * 32,
        policy_name=policy_name,
        **more,
    )


def party(market, role, ref=None):
    """Make a buyer or a seller."""
    ref = ref or f"{role}-{next(_numbers)}"
    return Party.everywhere.create(id=uuid4(), marketplace=market, role=role, ref=ref)


def order(market, *, quantity=1, paid=10_000, freight=0, lines=1, delivered=day(-1), **more):
    """Make an order of one or more alike lines, paid in one go; amounts in minor units."""
    bought = Order.everywhere.create(
        id=uuid4(),
        marketplace=market,
        ref=more.pop("ref", None) or f"order-{next(_numbers)}",
        buyer=more.pop("buyer", None) or party(market, "buyer"),
        seller=more.pop("seller", None) or party(market, "seller"),
        currency=more.pop("currency", "CNY"),
        placed_at=day(-10),
        promised_at=day(-2),
        shipped_at=day(-8),
        delivered_at=delivered,
        freight=freight,
        **more,
    )
    for number in range(lines):
        OrderLine.objects.create(
            id=uuid4(),
            order=bought,
            ref=str(number),
            sku="cup",
            title="Cup",
            quantity=quantity,
            paid=paid,
        )
    Payment.objects.create(
        id=uuid4(),
        order=bought,
        ref="1",
        method="card",
        amount=paid * lines + freight,
        captured_at=day(-10),
    )
    return bought


def recovery(case):
    """Let a carrier owe something because of a case; the same each time."""
    row = {"debtor": "carrier", "creditor": "seller", "amount": 1, "currency": case.currency}
    row |= {"marketplace": case.marketplace, "seller": case.seller, "event_id": case.pk}
    found, _ = Recovery.objects.get_or_create(
        case=case, defaults={"id": uuid4(), "decided_at": case.opened_at, **row}
    )
    return found


def actor(case_or_order, role):
    """Be the buyer, the seller or another role of a case or an order."""
    party_id = getattr(case_or_order, f"{role}_id", None)
    return Actor(
        role=role,
        marketplace_id=case_or_order.marketplace_id,
        party_id=party_id,
        person=f"{role}-1",
    )


def application(
    bought, *, reason="no_longer_wanted", remedy="return_refund", quantity=None, **more
):
    """Fill in an application for all lines of an order."""
    return {
        "reason": reason,
        "remedy": remedy,
        "items": [
            {"line": line.id, "quantity": quantity or line.quantity, "amount": None}
            for line in bought.lines.order_by("ref")
        ],
        "statement": "It does not fit.",
        **more,
    }


def opening(bought, *, by=None, **inputs):
    """Wish for a case."""
    return Wish(
        case_id=new_id(day(0)),
        order_id=bought.id,
        step="open",
        by=by or actor(bought, Role.BUYER),
        inputs=application(bought, **inputs),
    )


def open_case(bought, *, when=day(0), **inputs):
    """Open a case and read it back."""
    wish = opening(bought, **inputs)
    [answer] = take([wish], clock=at(when))
    if isinstance(answer, Exception):
        raise answer
    return case(wish.case_id)


def case(case_id):
    """Read a case afresh."""
    return Case.everywhere.get(pk=case_id)


def do(found, step, role, *, when, lease=None, version=None, **inputs):
    """Take one step at a moment; give what `take` answers."""
    by = role if isinstance(role, Actor) else actor(found, role)
    wish = Wish(case_id=found.pk, step=step, by=by, inputs=inputs, lease=lease, version=version)
    [answer] = take([wish], clock=at(when))
    return answer
