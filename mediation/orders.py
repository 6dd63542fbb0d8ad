"""Keeping orders as marketplaces tell them. Once there is a case, goods and money are fixed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from cases import money
from cases.ids import new_id
from cases.models import Case, Order, OrderLine, Party, Payment
from cases.models.parcel import Consignment
from cases.refusals import Refused
from cases.roles import PARTIES
from cases.snapshots import uncovered

TIMES = ("promised_at", "shipped_at", "delivered_at")
REST = ("time_zone", "region", "placed_at", "listing_hash", "freight")
LINE = ("sku", "title", "category", "flags", "quantity", "paid", "discounts")
PAYMENT = ("method", "amount", "captured_at")
ABSENT = {"time_zone": "UTC", "region": "", "listing_hash": "", "freight": 0}
ABSENT_OF_LINE = {"category": "", "flags": [], "discounts": 0}


class NotCovered(Refused):
    """Lines and freight come to more than the payments that were captured."""

    code = "PAYMENTS_TOO_SMALL"


class OrderFixed(Refused):
    """Buyer, seller and currency never change; goods and money not once there is a case."""

    code = "ORDER_FIXED"


@transaction.atomic(durable=True)
def keep(
    marketplace_id: UUID, ref: str, told: dict[str, Any], *, clock: Callable[[], datetime]
) -> tuple[Order, bool]:
    """Store an order, or bring it up to date.

    :param told: a validated `cases.snapshots.Snapshot`
    :returns: the order, and whether it is new
    :raises NotCovered: lines and freight exceed what was captured
    :raises OrderFixed: it would change what must not change any more
    """
    if by := uncovered(told):
        amount = money.shown(by, told["currency"])
        raise NotCovered("Lines and freight exceed what was captured.", by=amount)
    at = clock()
    parties = {str(role): _party(marketplace_id, str(role), told[role], at) for role in PARTIES}
    fixed = {**parties, "currency": told["currency"]}
    values = {name: told.get(name, ABSENT.get(name)) for name in (*TIMES, *REST)}
    order, is_new = Order.everywhere.get_or_create(
        marketplace_id=marketplace_id,
        ref=ref,
        defaults={"id": new_id(at), **fixed, **values},
    )
    if is_new:
        _write_rows(order, told, at)
    else:
        _update(order, fixed, values, told, at)
    if "parcels" in told:
        _send_out(order, told["parcels"], at)
    return order, is_new


def _send_out(order, parcels, at):
    """Keep the parcels in which the order was sent out; they may become more, or others."""
    wanted = {parcel["tracking_no"].upper(): parcel["carrier"] for parcel in parcels}
    known = {(row.tracking_no, row.carrier): row for row in order.consignments.all()}
    gone = [row.pk for key, row in known.items() if key not in wanted.items()]
    Consignment.objects.filter(pk__in=gone).delete()
    Consignment.objects.bulk_create(
        Consignment(
            id=new_id(at),
            order=order,
            marketplace_id=order.marketplace_id,
            carrier=carrier,
            tracking_no=number,
        )
        for number, carrier in wanted.items()
        if (number, carrier) not in known
    )


def _party(marketplace_id, role, told, at):
    """Find a party, or meet it for the first time."""
    language = {"language": told["language"]} if "language" in told else {}
    party, _ = Party.everywhere.get_or_create(
        marketplace_id=marketplace_id,
        role=role,
        ref=told["ref"],
        defaults={"id": new_id(at), **language},
    )
    if language and party.language != told["language"]:
        Party.everywhere.filter(pk=party.pk).update(**language)
    return party


def _update(order, fixed, values, told, at):
    """Lock the lines first, as an opening case does: both never wait for each other."""
    list(
        OrderLine.objects.filter(order=order)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
    order = Order.everywhere.select_for_update(of=("self",), no_key=True).get(pk=order.pk)
    changed = [name for name, value in fixed.items() if getattr(order, name) != value]
    if Case.everywhere.filter(order=order).exists():
        changed += [name for name in REST if getattr(order, name) != values[name]]
        changed += _changed_rows(order, told)
    if changed:
        raise OrderFixed("This does not change any more.", changed=[str(name) for name in changed])
    Order.everywhere.filter(pk=order.pk).update(**values)
    if _changed_rows(order, told):
        order.lines.all().delete()
        order.payments.all().delete()
        _write_rows(order, told, at)


def _changed_rows(order, told):
    kept = {
        "lines": {row.ref: [getattr(row, name) for name in LINE] for row in order.lines.all()},
        "payments": {
            row.ref: [getattr(row, name) for name in PAYMENT] for row in order.payments.all()
        },
    }
    new = {
        "lines": {row["ref"]: _values(row, LINE) for row in told["lines"]},
        "payments": {row["ref"]: _values(row, PAYMENT) for row in told["payments"]},
    }
    return [name for name in new if new[name] != kept[name]]


def _values(row, names):
    return [row.get(name, ABSENT_OF_LINE.get(name)) for name in names]


def _write_rows(order, told, at):
    OrderLine.objects.bulk_create(
        OrderLine(
            id=new_id(at),
            order=order,
            ref=row["ref"],
            **dict(zip(LINE, _values(row, LINE), strict=True)),
        )
        for row in told["lines"]
    )
    Payment.objects.bulk_create(
        Payment(
            id=new_id(at),
            order=order,
            ref=row["ref"],
            **dict(zip(PAYMENT, _values(row, PAYMENT), strict=True)),
        )
        for row in told["payments"]
    )
