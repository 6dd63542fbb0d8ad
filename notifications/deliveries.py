"""Webhooks on their way: one row per event and endpoint, in the order of each case.

A delivery that is dead no longer holds up the ones behind it: the receiver sees the gap in
`sequence` and reads the event feed.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from notifications.attempts import PENDING, claim, describe, settle
from notifications.channels import webhook
from notifications.channels.webhook import Gone
from notifications.endpoints import bury, switch_off
from notifications.models import Delivery, WebhookEndpoint

log = logging.getLogger(__name__)

TOGETHER = 16  # calls at a time, so that a slow endpoint does not hold up the others
PATIENCE = timedelta(days=5)  # of failure without a success; then the endpoint is switched off


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One event to be told to a marketplace."""

    marketplace_id: UUID
    case_id: UUID
    event_id: UUID
    sequence: int  # of the event in its case
    type: str  # as in the body
    body: str  # JSON, under 20 kB: ids, codes, amounts, times; no personal data
    clock_id: UUID | None = None


def announce(notices: Iterable[Notice], *, at: datetime) -> None:
    """Write the deliveries of n events: two statements.

    Once per event and active endpoint that wants to hear of events of this type.
    """
    notices = list(notices)
    wanted = {notice.marketplace_id for notice in notices}
    endpoints: dict[UUID, list[WebhookEndpoint]] = {}
    for endpoint in WebhookEndpoint.objects.filter(marketplace_id__in=wanted, active=True):
        endpoints.setdefault(endpoint.marketplace_id, []).append(endpoint)
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=endpoint,
                case_id=notice.case_id,
                event_id=notice.event_id,
                sequence=notice.sequence,
                body=notice.body,
                due_at=at,
                clock_id=notice.clock_id,
            )
            for notice in notices
            for endpoint in endpoints.get(notice.marketplace_id, [])
            if endpoint.wants(notice.type)
        ],
        ignore_conflicts=True,
    )


def ping(
    endpoint: WebhookEndpoint, ping_id: UUID, body: str, *, at: datetime, clock_id: UUID | None
) -> Delivery:
    """Write a delivery that is about nothing, whatever the endpoint wants to hear of.

    :param ping_id: sorts by its moment, as the ids of events do
    """
    return Delivery.objects.create(
        endpoint=endpoint,
        case_id=ping_id,  # so that it waits for no other
        event_id=ping_id,
        sequence=1,
        body=body,
        due_at=at,
        clock_id=clock_id,
    )


def in_order() -> Q:
    """Only the lowest undelivered event of each case, per endpoint, and none of closed ones."""
    earlier = Delivery.objects.filter(
        PENDING,
        endpoint=OuterRef("endpoint"),
        case_id=OuterRef("case_id"),
        sequence__lt=OuterRef("sequence"),
    )
    return Q(~Exists(earlier), endpoint__active=True)


def deliver(*, clock: Callable[[], datetime], limit: int = 50, clock_id: UUID | None = None) -> int:
    """Try what is due, outside of any transaction, at most one event per case and endpoint.

    Those of a sandbox's clock are captured: done, and sent to nobody. When there is nothing to do,
    what was written in the very moment in which an endpoint was switched off is given up.

    :param clock: tells the moment, aware UTC; called before and after the attempts
    :returns: how many were tried; call again until it is 0
    """
    started = clock()
    claimed = claim(Delivery, at=started, limit=limit, clock_id=clock_id, extra=in_order())
    if not claimed:
        bury(Q(endpoint__active=False, clock_id=clock_id), at=started)
        return 0
    wanted = {delivery.endpoint_id for delivery in claimed}
    endpoints = WebhookEndpoint.objects.in_bulk(wanted)
    for delivery in claimed:
        delivery.endpoint = endpoints[delivery.endpoint_id]
    failed = {} if clock_id else _attempt(claimed, at=started)
    ended = clock()
    done = [delivery.pk for delivery in claimed if delivery.pk not in failed]
    with transaction.atomic():
        _keep_answers(claimed)
        settle(Delivery, at=ended, done=done, failed=failed)
        _watch(claimed, failed, at=ended)
    return len(claimed)


def _attempt(deliveries: list[Delivery], *, at: datetime) -> dict[UUID, Exception]:
    def attempt(delivery: Delivery) -> Exception | None:
        try:
            webhook.deliver(delivery, at=at)
        except Exception as error:  # noqa: BLE001 -- one bad row must not stop the others
            return error
        return None

    with ThreadPoolExecutor(TOGETHER) as pool:
        errors = list(pool.map(attempt, deliveries))
    failed = {row.pk: error for row, error in zip(deliveries, errors, strict=True) if error}
    for pk, error in failed.items():
        log.warning("delivery %s failed: %s", pk, describe(error))
    return failed


def _keep_answers(deliveries: list[Delivery]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_delivery SET status = told_status, answer = told_answer
            FROM unnest(%s::uuid[], %s::smallint[], %s::text[])
                AS told (told_id, told_status, told_answer)
            WHERE id = told_id
            """,
            [
                [delivery.pk for delivery in deliveries],
                [delivery.status for delivery in deliveries],
                [delivery.answer for delivery in deliveries],
            ],
        )


def _watch(deliveries: list[Delivery], failed: dict[UUID, Exception], *, at: datetime) -> None:
    """Note since when endpoints fail; switch off those that are gone or fail for too long."""
    well = {row.endpoint_id for row in deliveries if row.pk not in failed}
    ill = {row.endpoint_id for row in deliveries} - well
    gone = {row.endpoint_id for row in deliveries if isinstance(failed.get(row.pk), Gone)}
    endpoints = WebhookEndpoint.objects
    endpoints.filter(pk__in=well, failing_since__isnull=False).update(failing_since=None)
    endpoints.filter(pk__in=ill).update(failing_since=Coalesce(F("failing_since"), at))
    for_too_long = Q(pk__in=ill, failing_since__lte=at - PATIENCE)
    if gone:
        switch_off(endpoints.filter(pk__in=gone), at=at, because="it answered 410 Gone")
    switch_off(endpoints.filter(for_too_long), at=at, because="it failed for five days")
