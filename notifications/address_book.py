"""The address book: where recipients are reached. No other place has their addresses."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from django.db import transaction

from notifications.models import Contact


@transaction.atomic
def keep(
    recipient_id: UUID,
    marketplace_id: UUID,
    addresses: Mapping[str, str],
    *,
    locale: str = "en",
    time_zone: str = "UTC",
    quiet: tuple[time, time] | None = None,
) -> list[Contact]:
    """Replace what is known of a recipient; a channel that is not named is forgotten.

    :param addresses: channel → E.164 number or mail address
    :param quiet: from, until, in the recipient's zone; may pass midnight
    :returns: the contacts, by channel
    """
    known = Contact.objects.filter(recipient_id=recipient_id)
    known.exclude(channel__in=addresses).delete()
    quiet_from, quiet_until = quiet or (None, None)
    for channel, address in addresses.items():
        same = known.filter(channel=channel, address=address).exists()
        Contact.objects.update_or_create(
            recipient_id=recipient_id,
            channel=channel,
            defaults={
                "marketplace_id": marketplace_id,
                "address": address,
                "locale": locale,
                "time_zone": time_zone,
                "quiet_from": quiet_from,
                "quiet_until": quiet_until,
                **({} if same else {"verified_at": None, "bounced_at": None}),
            },
        )
    return list(known.order_by("channel"))
