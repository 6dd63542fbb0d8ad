"""A gateway that pays nobody and does as it is told, for development, tests and replays.

How it answers is a script, one word for the first request of a refund, one for the second and so
on; the last word holds from then on:

    ok          pays and says so
    fail        says no; a later request may succeed
    gone        says no for good
    down        does nothing and does not answer
    timeout     pays, and does not answer
    late        takes it, pays and tells LATE seconds later, when asked or by a call of its own
    late_fail   the same, but says no
    twice       pays and says so, and calls twice to tell the same
"""

import json
import zlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from standardwebhooks import Webhook

from cases.models import Marketplace
from cases.terms import MEDIA
from mediation.gateways import (
    Answer,
    Ask,
    Capabilities,
    Failed,
    NoAnswer,
    Pending,
    Succeeded,
    Unheard,
)
from mediation.gateways.models import GatewayAccount, SandboxRefund
from notifications.channels.webhook import new_secret

LATE = timedelta(seconds=30)
WORDS = ("ok", "fail", "gone", "down", "timeout", "late", "late_fail", "twice")
NO_MONEY = "insufficient_funds"
CLOSED = "account_closed"


class Sandbox:
    """The gateway itself. Options: {"mix": {"ok": 9, "fail ok": 1}}, scripts by weight."""

    capabilities = Capabilities(partial=True, multiple=True, max_age=None, media=MEDIA)

    def __init__(self, options: dict[str, Any]) -> None:
        self.mix: dict[str, int] = options.get("mix") or {"ok": 1}

    def request(self, ask: Ask) -> Answer:
        books, word = self._asked(ask)
        if word in {"down", "timeout"}:
            raise NoAnswer("the sandbox does not answer")
        return _answer(books)

    def query(self, ask: Ask) -> Answer | Unheard:
        books = grown(ask.key, ask.at)
        return Unheard() if books is None or books.state == "unheard" else _answer(books)

    @transaction.atomic
    def _asked(self, ask: Ask) -> tuple[SandboxRefund, str]:
        """Do what the script says, in the books: one refund is paid once, however often asked."""
        script = self._script(ask.order_ref)
        SandboxRefund.objects.bulk_create(
            [
                SandboxRefund(
                    key=ask.key,
                    clock_id=ask.clock_id,
                    order_ref=ask.order_ref,
                    amount=ask.amount,
                    currency=ask.currency,
                    script=script,
                    first_asked_at=ask.at,
                )
            ],
            ignore_conflicts=True,
        )
        books = SandboxRefund.objects.select_for_update().get(key=ask.key)
        word = books.script[min(books.asked, len(books.script) - 1)]
        books.asked += 1
        if books.state in {"unheard", "failed"}:
            _obey(books, word, ask.at)
        books.save()
        return books, word

    def _script(self, order_ref: str) -> list[str]:
        """Choose by weight, and for the same order always the same."""
        number = zlib.crc32(order_ref.encode()) % sum(self.mix.values())
        for script, weight in self.mix.items():
            number -= weight
            if number < 0:
                return script.split()
        raise AssertionError


def tell(marketplace: Marketplace, *scripts: str, **mix: int) -> GatewayAccount:
    """Tell the sandbox of a marketplace how to answer; it gets an account where it has none.

    :param scripts: words for the first request of each refund, the second, …: "fail ok"
    :param mix: the same by weight, for scripts of one word
    :raises ValueError: a word that it does not know
    """
    weights = dict.fromkeys(scripts, 1) | mix
    if unknown := {word for script in weights for word in script.split()} - set(WORDS):
        raise ValueError(f"the sandbox does not know {', '.join(sorted(unknown))}")
    account, _ = GatewayAccount.objects.update_or_create(
        marketplace=marketplace,
        defaults={"gateway": "sandbox", "options": {"mix": weights or {"ok": 1}}},
        create_defaults={
            "id": marketplace.pk,
            "gateway": "sandbox",
            "secret": new_secret(),
            "options": {"mix": weights or {"ok": 1}},
        },
    )
    return account


def calls(key: UUID, account: GatewayAccount, *, at: datetime) -> list[tuple[dict[str, str], str]]:
    """Make the calls with which the sandbox would tell us what became of a refund.

    :returns: headers and body of each, signed: one, or the same one twice; none while it waits
    """
    books = grown(key, at)
    if books is None or books.state not in {"succeeded", "failed"}:
        return []
    body = json.dumps({"type": f"refund.{books.state}", "refund": str(key), "code": books.code})
    event_id = f"evt_{uuid5(key, f'{books.state} {books.asked}').hex}"
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(account.secret).sign(event_id, at, body),
    }
    return [(headers, body)] * (2 if "twice" in books.script else 1)


def _obey(books, word, at):
    if word in {"ok", "timeout", "twice"}:
        books.state, books.paid, books.code = "succeeded", 1, ""
    elif word in {"late", "late_fail"}:
        books.state, books.answers_at = "pending", at + LATE
        books.code = NO_MONEY if word == "late_fail" else ""
    elif word in {"fail", "gone"}:
        books.state, books.code = "failed", NO_MONEY if word == "fail" else CLOSED


@transaction.atomic
def grown(key: UUID, at: datetime) -> SandboxRefund | None:
    """Look a refund up, after what was to happen by now has happened."""
    books = SandboxRefund.objects.select_for_update().filter(key=key).first()
    if books and books.answers_at and books.state == "pending" and books.answers_at <= at:
        if books.code:
            books.state = "failed"
        else:
            books.state, books.paid = "succeeded", 1
        books.save()
    return books


def _answer(books: SandboxRefund) -> Answer:
    reference = f"sandbox-{books.key.hex[-12:]}"
    if books.state == "pending":
        return Pending(reference=reference)
    if books.state == "succeeded":
        return Succeeded(reference=reference)
    return Failed(code=books.code, final=books.code == CLOSED, reference=reference)
