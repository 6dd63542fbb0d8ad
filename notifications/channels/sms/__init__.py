"""Short messages, by the provider that `NOTIFICATIONS["SMS_PROVIDER"]` names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import phonenumbers
from django.http import HttpRequest
from django.utils.module_loading import import_string

from notifications import conf
from notifications.channels import Bounced, Message
from notifications.models import Receipt


@dataclass(frozen=True)
class Report:
    """What a provider says later about a message that it took."""

    provider_id: str  # as `send` returned it
    state: Receipt.State
    code: str = ""  # the provider's, when it failed
    is_permanent: bool = False  # nothing will ever arrive at that number


class SmsProvider(Protocol):
    """A carrier. In China it wants an approved template and parameters, elsewhere free text."""

    def send(
        self,
        to_e164: str,
        *,
        template_key: str,
        params: Mapping[str, Any],
        locale: str,
        text: str,
        idem_key: str,
    ) -> str:
        """Hand a message over.

        :returns: the provider's id of it, unique as "provider:id"
        :raises Bounced: the number is wrong for good
        """

    def parse_receipts(self, request: HttpRequest) -> list[Report]:
        """Read what the provider calls back with.

        :raises ValueError: it is not what this provider sends
        """


class Sms:
    """A short message to one phone number."""

    def send(self, message: Message) -> str:
        """Hand a message to the provider, together with its key.

        :raises Bounced: not a phone number
        """
        return provider().send(
            e164(message.to),
            template_key=message.template,
            params=message.params,
            locale=message.locale,
            text=message.rendered.sms,
            idem_key=message.key,
        )


def provider() -> SmsProvider:
    """Make the provider of the settings."""
    return _load(conf.get("SMS_PROVIDER"))


@cache
def _load(path: str) -> SmsProvider:
    return import_string(path)()


def e164(text: str) -> str:
    """Write a number in one way only.

    :raises Bounced: no such number can exist
    """
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        raise Bounced("the phone number is not valid") from None
    if not phonenumbers.is_valid_number(number):
        raise Bounced("the phone number is not valid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
