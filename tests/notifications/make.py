"""Rows for the tests of the post office: only what is required, nothing random, no children."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from notifications.models import Contact, Delivery, Letter, WebhookEndpoint

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARKETPLACE = UUID(int=1)
BEA = UUID(int=100)  # buys
SAM = UUID(int=200)  # sells
SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def day(n: float) -> datetime:
    """`n` days of 24 hours after one past Monday morning."""
    return MONDAY + timedelta(days=n)


def letter(**given) -> Letter:
    return Letter.objects.create(
        **{
            "case_id": UUID(int=1),
            "event_id": uuid4(),
            "recipient_id": BEA,
            "marketplace_id": MARKETPLACE,
            "channel": "email",
            "template": "withdraw.seller",
            "locale": "en",
            "params": {"case_no": "C-1001", "order_no": "2026-77"},
            "due_at": day(0),
            **given,
        }
    )


def contact(recipient_id=BEA, channel="email", address="bea@example.com", **given) -> Contact:
    return Contact.objects.create(
        recipient_id=recipient_id,
        channel=channel,
        address=address,
        marketplace_id=MARKETPLACE,
        **given,
    )


def endpoint(url="http://127.0.0.1:1/", **given) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        **{"marketplace_id": MARKETPLACE, "url": url, "secret": SECRET, **given}
    )


def delivery(to: WebhookEndpoint, sequence=1, **given) -> Delivery:
    return Delivery.objects.create(
        **{
            "endpoint": to,
            "case_id": UUID(int=1),
            "event_id": uuid4(),
            "sequence": sequence,
            "body": "{}",
            "due_at": day(0),
            **given,
        }
    )
