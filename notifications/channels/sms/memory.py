"""For tests: short messages stay in memory, and the same key is sent once."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from notifications.channels.sms import Report
from notifications.models import Receipt


class Memory:
    """A provider that honours the key, as a good one does."""

    def __init__(self):
        self.sent: dict[str, tuple[str, str]] = {}  # key → number, text

    def send(
        self,
        to_e164: str,
        *,
        template_key: str,  # noqa: ARG002 -- the shape of a provider
        params: Mapping[str, Any],  # noqa: ARG002
        locale: str,  # noqa: ARG002
        text: str,
        idem_key: str,
    ) -> str:
        """Keep it."""
        self.sent.setdefault(idem_key, (to_e164, text))
        return f"memory:{idem_key}"

    def parse_receipts(self, request: HttpRequest) -> list[Report]:
        """Read `[{"id": …, "state": "delivered", "code": …}]`.

        :raises ValueError: anything else
        """
        try:
            return [
                Report(
                    provider_id=f"memory:{row['id']}",
                    state=Receipt.State[row["state"].upper()],
                    code=row.get("code", ""),
                    is_permanent=row.get("permanent", False),
                )
                for row in json.loads(request.body)
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a list of receipts") from error
