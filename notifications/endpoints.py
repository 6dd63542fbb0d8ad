"""Endpoints of webhooks: made, changed, switched off and on, given a new secret, removed."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db.models import Q, QuerySet

from notifications import post_office
from notifications.attempts import PENDING, replay
from notifications.channels.webhook import new_secret
from notifications.models import Delivery, WebhookEndpoint

LATE = "the endpoint was switched off"


def of(marketplace_id: UUID) -> QuerySet[WebhookEndpoint]:
    """Give the endpoints of a marketplace that were not removed."""
    return WebhookEndpoint.objects.filter(marketplace_id=marketplace_id, removed_at=None)


def rotate(endpoint: WebhookEndpoint, *, at: datetime, overlap: timedelta) -> None:
    """Give an endpoint a new secret; the one before signs beside it for a while.

    One that was replaced earlier signs no more: there are never more than two.

    :param overlap: none at all when the secret has become known to others
    """
    former = endpoint.secret if overlap else ""
    endpoint.former_secret, endpoint.former_until = former, at + overlap if overlap else None
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "former_secret", "former_until"])


def switch_off(
    endpoints: QuerySet[WebhookEndpoint], *, at: datetime, because: str, tell: bool = True
) -> None:
    """Switch endpoints off; what waits for them becomes dead letters.

    :param because: in a few words, for the owner, who is the contact with the marketplace's id
    :param tell: write to the owner, who does not know it yet
    """
    owners = dict(endpoints.filter(active=True).values_list("pk", "marketplace_id"))
    if not owners:
        return
    ids = list(owners)
    WebhookEndpoint.objects.filter(pk__in=ids).update(
        active=False, disabled_at=at, disabled_because=because
    )
    bury(Q(endpoint__in=ids), at=at)
    if tell:
        _write_to(owners, at)


def bury(rows: Q, *, at: datetime) -> int:
    """Make dead letters of what waits for endpoints that are off.

    :returns: how many
    """
    waiting = Delivery.objects.filter(PENDING, rows)
    return waiting.update(dead_at=at, last_error=LATE)


def switch_on(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Switch an endpoint on again and replay what it has missed since it was switched off."""
    missed = Delivery.objects.filter(endpoint=endpoint, dead_at__gte=endpoint.disabled_at or at)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
        active=True, disabled_at=None, disabled_because="", failing_since=None
    )
    replay(missed, at=at)


def remove(endpoint: WebhookEndpoint, *, at: datetime) -> None:
    """Take an endpoint away for good. What was sent to it stays on record, its secrets do not."""
    found = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    switch_off(found, at=at, because="it was removed", tell=False)
    found.update(removed_at=at, secret="", former_secret="", former_until=None)


def _write_to(owners: dict[UUID, UUID], at: datetime) -> None:
    post_office.send(
        [
            post_office.Note(
                case_id=endpoint,  # what it is about: here no case
                event_id=uuid5(endpoint, at.isoformat()),
                marketplace_id=owner,
                recipient_id=owner,
                template="endpoint_disabled.staff",
            )
            for endpoint, owner in owners.items()
        ],
        at=at,
    )
