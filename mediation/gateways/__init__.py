"""Refund gateways: how money leaves the house. One file per gateway, named in settings.GATEWAYS.

A gateway answers late by nature. What it is asked carries our own key, the refund's id, which is
the same with every attempt: "at least once" looks like once to it. No answer means *unknown*:
then it is asked what it knows (`query`), and never taken for a failure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from cases.models import Marketplace
from notifications import attempts

SANDBOX = "sandbox"  # of settings.GATEWAYS: the one that pays nobody
WEBHOOK = "webhook"  # the one that instructs the marketplace itself


@dataclass(frozen=True, kw_only=True)
class Part:
    """What goes back to one payment, in minor units."""

    payment_ref: str
    method: str
    amount: int
    captured: int  # what was paid by it
    captured_at: datetime
    before: int  # what other refunds have given back of it


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One refund, as a gateway is asked for it."""

    key: UUID  # of the refund: the same with every attempt
    kind: str  # refund: to the payments named in `parts`; compensation: paid by `payer`
    amount: int  # minor units; of a coupon or of points their worth
    currency: str
    payer: str
    medium: str = "money"  # of a compensation: coupon or points as well
    parts: tuple[Part, ...]
    order_ref: str
    decided_at: datetime
    at: datetime  # of this attempt
    clock_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Pending:
    """The gateway has taken it and will tell."""

    reference: str = ""  # the gateway's own


@dataclass(frozen=True, kw_only=True)
class Succeeded:
    """The money has gone."""

    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The money has not gone. `final`: nor will it by another attempt."""

    code: str
    final: bool = False
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Unheard:
    """What `query` answers about a key that the gateway has never seen."""


class NoAnswer(attempts.Failed):
    """Nobody knows whether the gateway did it. The message must not name a person."""


Answer = Pending | Succeeded | Failed


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a gateway can do with one payment."""

    partial: bool  # give back less than was captured
    multiple: bool  # more than once
    max_age: timedelta | None  # since the capture; None: no limit
    media: Collection[str] = ("money",)  # what compensations are given in

    def against(self, ask: "Ask") -> str:
        """Say with a code why a refund is beyond the gateway; empty: it is not."""
        if ask.medium not in self.media:
            return "medium_unknown"
        for part in ask.parts:
            if not self.partial and part.amount < part.captured:
                return "partial_refund"
            if not self.multiple and part.before:
                return "second_refund"
            if self.max_age is not None and ask.at - part.captured_at > self.max_age:
                return "payment_too_old"
        return ""


class Gateway(Protocol):
    """One way to pay money back. Each call has a time-out of its own, at most 20 seconds."""

    capabilities: Capabilities

    def __init__(self, options: dict[str, Any]) -> None:
        """:param options: of its account, keys and merchant numbers; and `marketplace`, its id"""

    def request(self, ask: Ask) -> Answer:
        """Ask for a refund. The same key again gives the same answer and pays nothing more.

        :raises NoAnswer: it is unknown what became of it; any other exception means the same
        """

    def query(self, ask: Ask) -> Answer | Unheard:
        """Ask what became of a refund that was asked for.

        :raises NoAnswer: it is still unknown
        """


def of(marketplaces: Collection[UUID]) -> dict[UUID, Gateway]:
    """Choose the gateways of n marketplaces: one query. One that has none is left out."""
    made = {}
    markets = Marketplace.objects.filter(pk__in=marketplaces).select_related("gateway_account")
    for market in markets:
        name, options = choice(market)
        if name in settings.GATEWAYS:
            gateway = import_string(settings.GATEWAYS[name])
            made[market.pk] = gateway({"marketplace": market.pk, **options})
    return made


def choice(market: Marketplace) -> tuple[str, dict[str, Any]]:
    """Name the gateway of a marketplace and its options: by account, or else by the setting.

    A marketplace on a test clock has a gateway that pays nobody, whatever its account says.
    """
    account: Any = getattr(market, "gateway_account", None)
    name, options = (
        (account.gateway, account.options) if account else (settings.DEFAULT_GATEWAY, {})
    )
    return (SANDBOX, {}) if market.is_sandbox and name != SANDBOX else (name, options)
