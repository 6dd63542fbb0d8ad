"""One postman's round: a batch of letters is carried, and its end is written at once."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from notifications import conf, rendering
from notifications.addressing import contacts_of, instead, when
from notifications.attempts import MOST_ATTEMPTS, GiveUp, describe, settle
from notifications.channels import Bounced, Message, channel
from notifications.models import Contact, Letter, Receipt
from notifications.rendering import Rendered, Words

log = logging.getLogger(__name__)

Outcome = Letter.Outcome

BUDGET = 60  # seconds of a round, far below LEASE: what is left then goes back untried
CAP_PERIOD = timedelta(hours=24)
LONGEST_PROVIDER_ID = 255


class Round:
    """What becomes of each letter of a batch. Reads twice, carries, writes at most five times."""

    def __init__(self, letters: list[Letter], *, at: datetime, words: Words, captured: bool):
        recipients = {letter.recipient_id for letter in letters}
        self.letters, self.at, self.words, self.captured = letters, at, words, captured
        self.contacts = contacts_of(recipients)
        self.sms = _sms_since(at - CAP_PERIOD, recipients)
        self.until = time.monotonic() + BUDGET
        self.failed: dict[UUID, Exception] = {}
        self.later: dict[UUID, datetime] = {}
        self.receipts: list[Receipt] = []
        self.bounced: list[UUID] = []  # contacts

    def carry(self, letter: Letter, *, is_wanted: bool) -> None:
        """Bring one letter to its reader, or note why not."""
        contact = self.contacts.get(letter.recipient_id, {}).get(letter.channel)
        if not is_wanted:
            letter.outcome = Outcome.UNWANTED
        elif time.monotonic() > self.until:
            self.later[letter.pk] = self.at
        elif contact and (moment := when(contact, self.at)) > self.at:
            self.later[letter.pk] = moment
        else:
            self._try(letter, contact)

    def write(self, *, at: datetime) -> None:
        """Write how the round went, in a transaction of the caller's."""
        undone = self.failed.keys() | self.later.keys()
        done = [letter.pk for letter in self.letters if letter.pk not in undone]
        _keep_outcomes(self.letters)
        settle(Letter, at=at, done=done, failed=self.failed, later=self.later)
        if self.receipts:
            Receipt.objects.bulk_create(self.receipts, ignore_conflicts=True)
        if self.bounced:
            Contact.objects.filter(pk__in=self.bounced).update(bounced_at=at)
        lost = [row for row in self.letters if row.outcome in {Outcome.FAILED, Outcome.CAPPED}]
        Letter.objects.bulk_create(instead(lost, self.contacts, at=at), ignore_conflicts=True)

    def _try(self, letter: Letter, contact: Contact | None) -> None:
        try:
            letter.outcome = self._hand_over(letter, contact)
        except Exception as error:  # noqa: BLE001 -- one bad letter must not stop the others
            log.warning("letter %s by %s failed: %s", letter.pk, letter.channel, describe(error))
            self.failed[letter.pk] = error
            if isinstance(error, GiveUp) or letter.attempts >= MOST_ATTEMPTS:
                letter.outcome = Outcome.FAILED
            if isinstance(error, Bounced) and contact:
                self.bounced.append(contact.pk)

    def _hand_over(self, letter: Letter, contact: Contact | None) -> Outcome:
        rendered = _render(letter, contact, self.words)
        if self.captured or conf.get("KEEP_LETTERS"):
            mail = f"{rendered.subject}\n\n{rendered.text}"
            letter.rendered = rendered.sms if letter.channel == "sms" else mail
        if self.captured:
            return Outcome.CAPTURED
        if contact is None or contact.bounced_at is not None:
            raise GiveUp(f"there is no address for {letter.channel}")
        if letter.channel == "sms":
            if self.sms[letter.recipient_id] >= conf.get("SMS_DAILY_CAP"):
                return Outcome.CAPPED
            self.sms[letter.recipient_id] += 1
        provider_id = channel(letter.channel).send(_message(letter, contact, rendered))
        if provider_id:
            told = provider_id.replace("\0", "")[:LONGEST_PROVIDER_ID]
            self.receipts.append(Receipt(letter=letter, provider_id=told, at=self.at))
        return Outcome.SENT


def _render(letter: Letter, contact: Contact | None, words: Words) -> Rendered:
    ids = {"case_id": letter.case_id, "marketplace_id": letter.marketplace_id}
    return rendering.render(
        letter.template,
        letter.params,
        locale=letter.locale,
        time_zone=contact.time_zone if contact else "UTC",
        words=words,
        extra={"link": rendering.link(letter.params, **ids)},
    )


def _message(letter: Letter, contact: Contact, rendered: Rendered) -> Message:
    return Message(
        key=letter.key,
        to=contact.address,
        template=letter.template,
        params=letter.params,
        locale=letter.locale,
        rendered=rendered,
    )


def _sms_since(since: datetime, recipients: Collection[UUID]) -> Counter[UUID]:
    sent = Letter.objects.filter(
        recipient_id__in=recipients, channel="sms", outcome=Outcome.SENT, done_at__gt=since
    )
    return Counter(sent.values_list("recipient_id", flat=True))


def _keep_outcomes(letters: Iterable[Letter]) -> None:
    rows = [(letter.pk, letter.outcome, letter.rendered) for letter in letters]
    ids, outcomes, rendered = map(list, zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_letter SET outcome = told_outcome, rendered = told_rendered
            FROM unnest(%s::uuid[], %s::text[], %s::text[])
                AS told (told_id, told_outcome, told_rendered)
            WHERE id = told_id
            """,
            [ids, outcomes, rendered],
        )
