"""For development: short messages are told to the log, their numbers masked."""

import logging
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from notifications.channels.sms import Report
from notifications.masks import masked

log = logging.getLogger("notifications.sms")


class Console:
    """A provider that reaches nobody."""

    def send(
        self,
        to_e164: str,
        *,
        template_key: str,
        params: Mapping[str, Any],  # noqa: ARG002 -- the shape of a provider
        locale: str,  # noqa: ARG002
        text: str,
        idem_key: str,
    ) -> str:
        """Tell the log."""
        log.info("SMS %s to %s: %s", template_key, masked(to_e164), text)
        return f"console:{idem_key}"

    def parse_receipts(self, request: HttpRequest) -> list[Report]:  # noqa: ARG002
        """Nobody calls back.

        :raises ValueError: always
        """
        raise ValueError("the console sends no receipts")
