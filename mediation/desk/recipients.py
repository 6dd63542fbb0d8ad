"""Letters by who they are for: addresses are shown masked, and searched for as they are shown."""

import re
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Right

from mediation.desk.case_page import NUMBER
from mediation.desk.readonly import ShortList
from notifications.masks import masked
from notifications.models import Contact

MOST = 1000  # contacts that one masked address may stand for
MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[A-Za-z]{2,}")
NUMBERS = re.compile(r"(?<![\w-])\+?\d[\d ]{6,}\d(?![\w-])")  # of telephones
HIDDEN = "***"


class LetterList(ShortList):
    """Gives each letter of the page its reader's address: one query more."""

    def get_results(self, request: Any) -> None:
        super().get_results(request)
        self.result_list: Any = list(self.result_list)
        people = {row.recipient_id for row in self.result_list}
        rows = Contact.objects.filter(recipient_id__in=people)
        known = {(row.recipient_id, row.channel): masked(row.address) for row in rows}
        for row in self.result_list:
            row.address = known.get((row.recipient_id, row.channel), HIDDEN)


def address_of(letter: Any) -> str:
    """Show where a letter goes, masked."""
    if not hasattr(letter, "address"):
        found = Contact.objects.filter(recipient_id=letter.recipient_id, channel=letter.channel)
        row = found.first()
        letter.address = masked(row.address) if row is not None else HIDDEN
    return letter.address


def search(letters: QuerySet[Any], term: str) -> QuerySet[Any]:
    """Keep the letters to an address, or about a case.

    An address is given whole, or exactly as it is shown: a part of one finds nothing, so that no
    address can be guessed digit by digit.
    """
    if not term:
        return letters
    if number := NUMBER.fullmatch(term):
        by_end = letters.alias(end=Right(Cast("case_id", TextField()), 12))
        return by_end.filter(end=number[1].lower())
    people = {row.recipient_id: row.channel for row in _contacts(term)}
    wanted = Q(pk__in=[])
    for channel in set(people.values()):
        ids = [pk for pk, by in people.items() if by == channel]
        wanted |= Q(channel=channel, recipient_id__in=ids)
    return letters.filter(wanted)


def _contacts(term):
    if HIDDEN not in term:
        return Contact.objects.filter(address__iexact=term)[:MOST]
    begin, _hidden, end = (part.strip() for part in term.partition(HIDDEN))
    if not begin and not end:
        return []
    near = Contact.objects.filter(address__startswith=begin, address__endswith=end)
    return [row for row in near[:MOST] if masked(row.address) == term]


def without_addresses(body: str) -> str:
    """Show a letter without the addresses and numbers in it."""
    return NUMBERS.sub(HIDDEN, MAIL.sub(lambda found: masked(found[0]), body))
