"""Letters that were sent about a case, with their readers masked."""

import re
from dataclasses import dataclass

from django.utils.translation import get_language

from cases.models import Case
from notifications import texts
from notifications.masks import masked
from notifications.models import Contact, Letter

MOST = 200


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One letter."""

    letter: Letter
    role: str  # of its reader
    address: str  # masked
    about: str  # its subject, in the language of who looks


def of(case: Case) -> list[Sent]:
    """List the latest letters about a case, oldest first: two queries."""
    rows = list(Letter.objects.filter(case_id=case.pk).order_by("-due_at", "-pk")[:MOST])
    contacts = Contact.objects.filter(recipient_id__in={row.recipient_id for row in rows})
    addresses = {(c.recipient_id, c.channel): masked(c.address) for c in contacts}
    sides = {case.buyer_id: "buyer", case.seller_id: "seller"}
    return [
        Sent(
            letter=row,
            role=sides.get(row.recipient_id, "staff"),
            address=addresses.get((row.recipient_id, row.channel), "***"),
            about=subject(row.template),
        )
        for row in reversed(rows)
    ]


def subject(template: str) -> str:
    """Give the subject of a letter in the reader's language, with its blanks."""
    entry = texts.table().texts.get(template)
    if entry is None:
        return template
    words = entry[texts.language(get_language() or "en")].subject
    return re.sub(r"\$\w+", "…", words)
