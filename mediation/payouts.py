"""Paying refunds through a gateway, and turning what it answers into a step of the case.

The gateway is asked outside of any transaction, by the refund's id as key. A refund that it has
been asked for before is first looked up there: an answer that never came means unknown, not no.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cases.actors import Actor
from cases.models import Refund, RefundPart
from cases.refusals import NotNow, Refused
from cases.roles import Role
from mediation import gateways, steps
from mediation.ends import Ends
from mediation.gateways import Answer, Ask, Part, Pending, Succeeded, Unheard
from mediation.gateways.models import Payout
from mediation.idempotency import Key
from mediation.models import Effect
from mediation.stepping import Taken
from notifications.attempts import Failed, GiveUp, describe

log = logging.getLogger(__name__)

BUDGET = 60  # seconds of one batch, far below the lease of its rows: the rest goes back
ENOUGH = 3  # times that a gateway does not answer before the rest of a batch is put off
WHILE_SILENT = timedelta(seconds=30)  # for so long
WHILE_HELD = timedelta(minutes=15)  # between two looks at a case that a chargeback holds
ANSWER = ("answered_at", "answer", "code", "reference")
NEW = "new"  # a payout that nobody was asked for before
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)  # between two looks at a pending one


def pay(effects: list[Effect], clock: Callable[[], datetime]) -> Ends:
    """See that the refunds which n events decided are paid, each once."""
    at = clock()
    ends = Ends()
    refunds = _refunds(effects)
    open_ones = {}
    for effect in effects:
        refund = refunds.get(effect.event_id)
        if refund is None or refund.state != "pending":
            ends.done.append(effect.pk)  # paid, settled by hand, or void
        elif refund.case.held:
            ends.later[effect.pk] = at + WHILE_HELD
        else:
            open_ones[effect] = refund
    if open_ones:
        _ask_all(open_ones, ends, clock)
    return ends


def settle(
    refund: Refund,
    answer: Succeeded | gateways.Failed,
    clock: Callable[[], datetime],
    *,
    key: Key,
) -> Any:
    """Tell the case what a gateway has told us by itself, once by its own key of the event.

    :returns: what `steps.take` answers; `NotNow` when the case no longer waits for this refund
    """
    heard = replace(wish(refund, answer), key=key, answer=lambda _case, _taken: (200, {}))
    [told] = steps.take([heard], clock=clock)
    if isinstance(told, Taken):
        payout = Payout(refund=refund)
        _keep(payout, answer, told.event.at)
        values = {name: getattr(payout, name) for name in ANSWER}
        Payout.objects.filter(pk=refund.pk).update(**values)
    return told


def wish(refund: Refund, answer: Succeeded | gateways.Failed) -> steps.Wish:
    """Make the step of an answer."""
    by = Actor(role=Role.GATEWAY, marketplace_id=refund.case.marketplace_id)
    inputs: dict[str, Any] = {"refund": refund.pk}
    step = "refund_settled"
    if isinstance(answer, gateways.Failed):
        step, inputs["code"] = "refund_failed", answer.code
    return steps.Wish(case_id=refund.case_id, step=step, by=by, inputs=inputs)


def _refunds(effects: Iterable[Effect]) -> dict[UUID, Refund]:
    """Find the refunds by the events that decided them."""
    events = [effect.event_id for effect in effects]
    found = Refund.objects.filter(event_id__in=events).select_related("case__order")
    return {refund.event_id: refund for refund in found}


def _ask_all(open_ones, ends, clock):
    """Ask the gateways one after the other; note the answers; take the steps, n at once."""
    until = time.monotonic() + BUDGET
    chosen = gateways.of({refund.case.marketplace_id for refund in open_ones.values()})
    payouts = _note(open_ones.values(), clock())
    parts = _parts(open_ones.values())
    answers: dict[Effect, Answer] = {}
    silent: Counter[UUID] = Counter()  # marketplace → how often in a row its gateway said nothing
    for effect, refund in open_ones.items():
        at = clock()
        marketplace = refund.case.marketplace_id
        if silent[marketplace] >= ENOUGH or time.monotonic() > until:
            ends.later[effect.pk] = at + WHILE_SILENT
            continue
        payout = payouts[refund.pk]
        ask = _ask_for(refund, parts[refund.pk], at)
        answer = _one(chosen.get(marketplace), ask, payout)
        silent[marketplace] += 1 if isinstance(answer, gateways.NoAnswer) else -silent[marketplace]
        if isinstance(answer, Exception):
            log.warning("refund %s: %s", refund.pk, describe(answer))
            ends.failed[effect.pk] = answer
        else:
            answers[effect] = answer
            _keep(payout, answer, at)
    Payout.objects.bulk_update(
        [payouts[open_ones[effect].pk] for effect in answers],
        ANSWER,
    )
    _end(open_ones, answers, payouts, ends, clock)


def _note(refunds: Iterable[Refund], at: datetime) -> dict[UUID, Payout]:
    """Note who will be asked before anybody is; those asked for the first time are `new`."""
    ids = [refund.pk for refund in refunds]
    before = Payout.objects.in_bulk(ids)
    first = [Payout(refund_id=pk, asked_at=at) for pk in ids if pk not in before]
    Payout.objects.bulk_create(first, ignore_conflicts=True)
    for payout in first:
        payout.answer = NEW
    return before | {payout.refund_id: payout for payout in first}


def _parts(refunds: Iterable[Refund]) -> dict[UUID, list[RefundPart]]:
    parts: dict[UUID, list[RefundPart]] = {refund.pk: [] for refund in refunds}
    rows = RefundPart.objects.filter(refund__in=parts).select_related("payment")
    for part in rows.order_by("payment__captured_at", "payment_id"):
        parts[part.refund_id].append(part)
    return parts


def _ask_for(refund, parts, at):
    return Ask(
        key=refund.pk,
        kind=refund.kind,
        amount=refund.amount,
        currency=refund.currency,
        payer=refund.payer,
        medium=refund.medium,
        parts=tuple(
            Part(
                payment_ref=part.payment.ref,
                method=part.payment.method,
                amount=part.amount,
                captured=part.payment.amount,
                captured_at=part.payment.captured_at,
                before=part.payment.given_back - part.amount,
            )
            for part in parts
        ),
        order_ref=refund.case.order.ref,
        decided_at=refund.decided_at,
        at=at,
        clock_id=refund.case.clock_id,
    )


def _one(gateway: gateways.Gateway | None, ask: Ask, payout: Payout) -> Answer | Exception:
    """Ask one gateway. Whatever it raises means unknown, and stops no other."""
    if gateway is None:
        return Failed("the marketplace has no gateway")
    if code := gateway.capabilities.against(ask):
        return gateways.Failed(code=code, final=True)
    try:
        known = Unheard() if payout.answer == NEW else gateway.query(ask)
        is_old_news = isinstance(known, gateways.Failed) and payout.answer == "failed"
        if isinstance(known, Unheard) or is_old_news:  # it never arrived, or once more
            return gateway.request(ask)
    except Exception as error:  # noqa: BLE001
        return error
    return known


def _keep(payout: Payout, answer: Answer, at: datetime) -> None:
    payout.answered_at, payout.answer = at, type(answer).__name__.lower()
    payout.code = answer.code if isinstance(answer, gateways.Failed) else ""
    payout.reference = answer.reference


def _end(open_ones, answers, payouts, ends, clock):
    """Take the steps that follow from the answers, and say how each effect ended."""
    told = {e: answer for e, answer in answers.items() if not isinstance(answer, Pending)}
    wishes = [wish(open_ones[effect], answer) for effect, answer in told.items()]
    results = dict(zip(told, steps.take(wishes, clock=clock), strict=True)) if wishes else {}
    at = clock()
    for effect, answer in answers.items():
        result = results.get(effect)
        if isinstance(answer, Pending):
            age = at - payouts[open_ones[effect].pk].asked_at
            ends.later[effect.pk] = at + min(max(age, SOONEST), LATEST)
        elif isinstance(result, Refused) and not isinstance(result, NotNow):
            ends.failed[effect.pk] = Failed(f"the case did not take the answer: {result.code}")
        elif isinstance(answer, gateways.Failed):
            error = GiveUp if answer.final else Failed
            ends.failed[effect.pk] = error(f"the gateway refused: {answer.code}")
        else:
            ends.done.append(effect.pk)
