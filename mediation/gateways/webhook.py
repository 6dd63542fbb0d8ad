"""The default gateway: a signed instruction to the marketplace, which pays and tells.

It goes to one webhook endpoint of the marketplace, signed as Standard Webhooks 1.0 has it, with an
id that is the same with every attempt. A 2xx answer means that it is taken; what became of it is
told in the answer's body, or later and signed with the endpoint's secret to `gateway-events`.
Until then the instruction comes again and again, at growing distances: it asks as well. Again
means: pay unless you have.
"""

import json
from typing import Any

from cases import money
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
from notifications import attempts
from notifications.channels import webhook
from notifications.models import WebhookEndpoint
from notifications.outbound import Forbidden

TYPE = "refund.requested"  # what an endpoint names that is to pay
LONGEST = {"code": 50, "reference": 100}


def endpoint_of(options: dict[str, Any]) -> WebhookEndpoint:
    """Find where instructions go: the endpoint that the account names, or else the only one.

    It is the only one that names their type, or else the only one that hears of everything.

    :param options: `marketplace`, and perhaps `endpoint`: ids
    :raises LookupError: there is none that is active, or several and none is named
    """
    active = WebhookEndpoint.objects.filter(marketplace_id=options["marketplace"], active=True)
    if named := options.get("endpoint"):
        found = list(active.filter(pk=named))
    else:
        found = [row for row in active if TYPE in row.types] or [r for r in active if not r.types]
    if len(found) != 1:
        raise LookupError("the marketplace has no one active endpoint that is to pay refunds")
    return found[0]


class Webhook:
    """The gateway itself. Options: {"endpoint": id}, where it has several."""

    capabilities = Capabilities(partial=True, multiple=True, max_age=None, media=MEDIA)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options

    def request(self, ask: Ask) -> Answer:
        try:
            endpoint = endpoint_of(self.options)
            answer = webhook.send(endpoint, f"refund_{ask.key.hex}", instruction(ask), at=ask.at)
            webhook.judge(answer, at=ask.at)
        except LookupError as error:
            raise attempts.Failed(str(error)) from None
        except (Forbidden, attempts.Busy):
            raise
        except attempts.Failed as error:  # 410 as well: the money is owed all the same
            raise NoAnswer(str(error)) from None
        return read(answer.text)

    def query(self, ask: Ask) -> Unheard:  # noqa: ARG002 -- the protocol's
        return Unheard()  # the instruction itself asks, by the same key


def instruction(ask: Ask) -> str:
    """Write what the marketplace is to pay: ids, codes and amounts, and the time of the decision.

    The same with every attempt, byte by byte.
    """
    body = {
        "type": TYPE,
        "refund": str(ask.key),
        "order": ask.order_ref,
        "kind": ask.kind,
        "medium": ask.medium,
        "amount": money.shown(ask.amount, ask.currency),
        "payer": ask.payer,
        "parts": [
            {
                "payment": part.payment_ref,
                "method": part.method,
                "amount": money.shown(part.amount, ask.currency),
            }
            for part in ask.parts
        ],
        "decided_at": ask.decided_at.isoformat(),
    }
    return json.dumps(body, separators=(",", ":"))


def read(text: str) -> Answer:
    """Read the body of a 2xx answer: nothing, or `{"state": "succeeded" | "failed" | "pending"}`.

    With `code` and `final` of a failure, and `reference`. Anything else has been taken too: a
    marketplace that answers "ok" has not said that it has paid.
    """
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Pending()
    if not isinstance(said, dict):
        return Pending()
    code, reference = (_short(said, name) for name in LONGEST)
    if said.get("state") == "succeeded":
        return Succeeded(reference=reference)
    if said.get("state") == "failed":
        return Failed(code=code or "failed", final=said.get("final") is True, reference=reference)
    return Pending(reference=reference)


def _short(said, name):
    value = said.get(name)
    return value.replace("\0", "")[: LONGEST[name]] if isinstance(value, str) else ""
