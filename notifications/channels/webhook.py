"""Standard Webhooks 1.0: signed, the id stable over retries, the time anew with each attempt."""

import base64
import secrets
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks import Webhook as Signer

from notifications import outbound
from notifications.attempts import Busy, Failed, GiveUp
from notifications.models import Delivery, WebhookEndpoint

LEAST_PATIENCE, MOST_PATIENCE = timedelta(minutes=1), timedelta(hours=12)
WELL = range(200, 300)
GONE = 410
SLOW_DOWN = {429, 502, 503, 504}
SHOWN = 200  # characters of its own endpoint's answer that a marketplace may see


class Gone(GiveUp):
    """The endpoint answered 410: it wants nothing any more."""


def new_secret() -> str:
    """Make a secret of 32 random bytes in the form that Standard Webhooks asks for."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(
    endpoint: WebhookEndpoint, webhook_id: str, body: str, *, at: datetime
) -> dict[str, str]:
    """Sign a body for one attempt with every secret that is valid at that moment."""
    signed = [Signer(secret).sign(webhook_id, at, body) for secret in endpoint.secrets(at)]
    return {
        "Content-Type": "application/json",
        "User-Agent": "mediation-webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def deliver(delivery: Delivery, *, at: datetime) -> None:
    """Make one attempt; leave the answer in `delivery.status` and `delivery.answer`.

    :param at: aware UTC, the moment that is signed; receivers allow it to be 5 minutes off
    :raises Gone: 410
    :raises Busy: 429, 502, 503 or 504; honours Retry-After from a minute to 12 hours
    :raises Failed: any other answer that is not 2xx (3xx too), or none at all
    """
    delivery.status, delivery.answer = None, ""
    answer = send(delivery.endpoint, delivery.webhook_id, delivery.body, at=at)
    delivery.status, delivery.answer = answer.status, answer.text[:SHOWN].replace("\0", "")
    judge(answer, at=at)


def send(endpoint: WebhookEndpoint, webhook_id: str, body: str, *, at: datetime) -> outbound.Answer:
    """Post a signed body to an endpoint; any answer is an answer.

    :raises Failed: none at all
    """
    signed = headers(endpoint, webhook_id, body, at=at)
    return outbound.post(endpoint.url, body.encode(), signed)


def judge(answer: outbound.Answer, *, at: datetime) -> None:
    """See that an endpoint took what it was sent.

    :raises Failed: as `deliver` says
    """
    if answer.status in WELL:
        return
    said = f"the endpoint answered {answer.status}"
    if answer.status == GONE:
        raise Gone(said)
    if answer.status in SLOW_DOWN:
        raise Busy(said, after=_patience(answer.retry_after, at))
    raise Failed(said)


def _patience(retry_after: str, at: datetime) -> timedelta:
    """Read seconds or an HTTP date (RFC 9110); anything else is the least."""
    asked = LEAST_PATIENCE
    if retry_after.isascii() and retry_after.isdigit():
        asked = timedelta(seconds=min(int(retry_after[:9]), 10**8))
    elif retry_after:
        try:
            asked = parsedate_to_datetime(retry_after) - at
        except (ValueError, TypeError):  # TypeError: a date without a zone
            asked = LEAST_PATIENCE
    return min(max(asked, LEAST_PATIENCE), MOST_PATIENCE)
