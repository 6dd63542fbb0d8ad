"""The rows of cases that were just opened, each with an order of its own, as INSERT … SELECT.

They read the temporary table `filled`, which benchmarks/fill.py makes: one row per case.
"""

from datetime import timedelta

from benchmarks.rows import canonical, insert, iso, quoted, word
from cases.models import (
    Application,
    ApplicationItem,
    Case,
    Clock,
    Event,
    Order,
    OrderLine,
    Party,
    Payment,
    Posting,
    Statement,
)
from cases.models.case import GENESIS
from mediation.models import Effect

WORDS = "It does not fit."  # what the buyer writes
SINCE_PLACED = timedelta(days=10)  # from the order to the case
NOTHING = f"\\x{GENESIS.hex()}"  # the hash before the first event


def statements() -> list[str]:
    """List the statements, parents first. They ask for the ids of marketplace and policy."""
    make = [_cases, _applications, _events]
    return purchases(claimed=1) + [statement for group in make for statement in group()]


def purchases(*, claimed: int) -> list[str]:
    """List the statements for the orders alone, of which so many pieces are claimed."""
    return [*_parties(), *_orders(claimed)]


def _parties():
    for role, language, source in (
        ("buyer", "language", "filled"),
        ("seller", "'en'", "filled WHERE new_seller"),
    ):
        yield insert(
            Party,
            source,
            {
                "id": f"{role}_id",
                "marketplace_id": "%(marketplace)s::uuid",
                "role": f"'{role}'",
                "ref": f"{role}_id::text",
                "language": language,
            },
        )


def _orders(claimed):
    yield insert(
        Order,
        "filled",
        {
            "id": "order_id",
            "marketplace_id": "%(marketplace)s::uuid",
            "ref": "order_id::text",
            "buyer_id": "buyer_id",
            "seller_id": "seller_id",
            "currency": "'CNY'",
            "placed_at": f"at - interval '{SINCE_PLACED.days} days'",
            "promised_at": "at - interval '2 days'",
            "shipped_at": "at - interval '8 days'",
            "delivered_at": "at - interval '1 day'",
        },
    )
    yield insert(
        OrderLine,
        "filled",
        {
            "id": "line_id",
            "order_id": "order_id",
            "ref": "'0'",
            "sku": "'cup'",
            "title": "'Cup'",
            "quantity": "1",
            "paid": "amount",
            "claimed": str(claimed),
            "applications": str(claimed),
        },
    )
    yield insert(
        Payment,
        "filled",
        {
            "id": "payment_id",
            "order_id": "order_id",
            "ref": "'1'",
            "method": "'card'",
            "amount": "amount",
            "captured_at": "at - interval '10 days'",
        },
    )


def _cases():
    yield insert(
        Case,
        _hashed(),
        {
            "id": "case_id",
            "marketplace_id": "%(marketplace)s::uuid",
            "order_id": "order_id",
            "buyer_id": "buyer_id",
            "seller_id": "seller_id",
            "policy_id": "%(policy)s::uuid",
            "currency": "'CNY'",
            "language": "language",
            "opened_at": "at",
            "state": "'awaiting_seller'",
            "version": "1",
            "sequence": "1",
            "head": "hash",
            "remedy": "'return_refund'",
            "reason": "reason",
            "amount": "amount",
            "freight_payer": "freight_payer",
            "applications": "1",
        },
    )
    yield insert(
        Clock,
        "filled",
        {
            "id": "clock_id",
            "case_id": "case_id",
            "name": "'seller_response'",
            "length": "'48h'",
            "started_at": "at",
            "due_at": "due_at",
            "next_at": "due_at",
            "stood_still": "interval '0'",
        },
    )


def _applications():
    yield insert(
        Application,
        "filled",
        {
            "id": "application_id",
            "case_id": "case_id",
            "number": "1",
            "kind": "'open'",
            "reason": "reason",
            "remedy": "'return_refund'",
            "amount": "amount",
            "statement_id": "statement_id",
            "applied_at": "at",
        },
    )
    yield insert(
        ApplicationItem,
        "filled",
        {
            "id": "item_id",
            "application_id": "application_id",
            "line_id": "line_id",
            "quantity": "1",
            "worth": "amount",
            "amount": "amount",
        },
    )
    yield insert(
        Statement,
        "filled",
        {
            "id": "statement_id",
            "case_id": "case_id",
            "event_id": "event_id",
            "role": "'buyer'",
            "party_id": "buyer_id",
            "text": f"'{WORDS}'",
            "written_at": "at",
        },
    )


def _events():
    yield insert(
        Event,
        _hashed(),
        {
            "id": "event_id",
            "case_id": "case_id",
            "marketplace_id": "%(marketplace)s::uuid",
            "sequence": "1",
            "name": "'open'",
            "role": "'buyer'",
            "party_id": "buyer_id",
            "before": "'new'",
            "after": "'awaiting_seller'",
            "at": "at",
            "payload": "payload",
            "previous": "genesis",
            "hash": "hash",
        },
    )
    yield insert(
        Posting,
        "filled",
        {
            "id": "posting_id",
            "case_id": "case_id",
            "order_id": "order_id",
            "line_id": "line_id",
            "event_id": "event_id",
            "claimed": "1",
        },
    )
    yield insert(
        Effect,
        "filled",
        {
            "id": "effect_id",
            "due_at": "at",
            "attempts": "1",
            "done_at": "at",
            "case_id": "case_id",
            "event_id": "event_id",
            "kind": "'notify'",
        },
    )


def _hashed():
    """The plan with the payload and the hash of the event `open`."""
    clock = canonical(
        id=quoted("clock_id"),
        name=word("seller_response"),
        party=word(""),
        length=word("48h"),
        started_at=quoted(iso("at")),
        due_at=quoted(iso("due_at")),
        stood_still_s="0",
        extensions="0",
    )
    payload = canonical(
        name=word("open"),
        role=word("buyer"),
        party=quoted("buyer_id"),
        before=word("new"),
        after=word("awaiting_seller"),
        dispute="'null'",
        at=quoted(iso("at")),
        version="1",
        clocks_started=f"'[' || {clock} || ']'",
        reason=quoted("reason"),
        remedy=word("return_refund"),
        amount="amount",
        statement=quoted("statement_id"),
    )
    return (
        f"(SELECT *, {payload} AS payload, '{NOTHING}'::bytea AS genesis FROM filled) AS told, "
        "LATERAL (SELECT sha256(genesis || convert_to('1' || payload, 'UTF8')) AS hash) AS hashed"
    )
