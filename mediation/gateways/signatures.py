"""What a gateway signs: Standard Webhooks 1.0, checked more strictly than the library does."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

TOLERANCE = timedelta(minutes=5)
SHORTEST_KEY = 24  # bytes
EVENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # no dot: it would shift the text that is signed
SECONDS = re.compile(r"[0-9]{1,12}")


class BadSignature(Exception):
    """Whatever is wrong with it. Who sent it is not told what."""


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], *, at: datetime) -> str:
    """Check who sent a body and when.

    :param headers: names in any case
    :param secrets: "whsec_…"; any of them may have signed
    :returns: the sender's own id of the event, the same with every attempt
    :raises BadSignature: anything is missing, malformed, too old, too new or not signed by them
    """
    found = {name.lower(): value for name, value in headers.items()}
    event_id = found.get("webhook-id", "")
    sent = found.get("webhook-timestamp", "")
    if not EVENT_ID.fullmatch(event_id) or not SECONDS.fullmatch(sent):
        raise BadSignature
    moment = datetime.fromtimestamp(int(sent), tz=UTC)
    if abs(moment - at) > TOLERANCE:
        raise BadSignature
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadSignature from None
    given = found.get("webhook-signature", "").encode().split(b" ")
    for secret in secrets:
        expected = _key(secret).sign(event_id, moment, text).encode()
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return event_id
    raise BadSignature


def _key(secret: str) -> Webhook:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise BadSignature from None
    if len(key) < SHORTEST_KEY:
        raise BadSignature
    return Webhook(key)
