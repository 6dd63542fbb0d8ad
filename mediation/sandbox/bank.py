"""The calls with which the gateway of a sandbox tells by itself what became of a refund."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cases.compiled import Blank
from cases.models import Refund
from mediation import gateway_events
from mediation.gateways import sandbox
from mediation.gateways.models import GatewayAccount, Payout, SandboxRefund


def undecided(clock_id: UUID | Blank) -> QuerySet[SandboxRefund]:
    """Find the refunds whose answer comes late."""
    return SandboxRefund.objects.filter(clock_id=clock_id, state="pending")


def speak(clock: Callable[[], datetime], clock_id: UUID, limit: int) -> int:
    """Tell of the refunds that were decided in the meantime, up to `limit`; give how many."""
    at = clock()
    late = undecided(clock_id).filter(answers_at__lte=at).order_by("answers_at", "key")
    keys = list(late.values_list("key", flat=True)[:limit])
    _call(keys, at)
    return len(keys)


def repeat(clock_id: UUID, at: datetime) -> None:
    """Tell twice of what has just been answered, where the script says so."""
    told = SandboxRefund.objects.filter(
        clock_id=clock_id, state="succeeded", script__contains=["twice"]
    )
    just_now = Payout.objects.filter(answered_at=at, refund_id__in=told.values("key"))
    _call(list(just_now.values_list("refund_id", flat=True)), at)


def _call(keys: Iterable[UUID], at: datetime) -> None:
    refunds = Refund.objects.filter(pk__in=keys).select_related("case")
    markets = {refund.case.marketplace_id for refund in refunds}
    accounts = GatewayAccount.objects.filter(marketplace__in=markets)
    account_of = {account.marketplace_id: account for account in accounts}
    for refund in refunds:
        account = account_of.get(refund.case.marketplace_id)
        if account is None:
            sandbox.grown(refund.pk, at)  # nobody could sign the call: it is asked for
            continue
        for headers, body in sandbox.calls(refund.pk, account, at=at):
            gateway_events.hear(headers, body.encode(), at=at)
