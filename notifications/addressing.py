"""Who is reached where, and when: the choice of contacts, quiet hours, one letter per channel."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from notifications import conf, rendering, texts
from notifications.models import Contact, Letter

Contacts = Mapping[UUID, Mapping[str, Contact]]  # recipient → channel → contact


@dataclass(frozen=True, kw_only=True)
class Note:
    """Somebody must hear of something. The post office finds out where and in which language."""

    case_id: UUID
    event_id: UUID
    marketplace_id: UUID
    recipient_id: UUID
    template: str  # a key of the table of texts, as `texts.table().find(…)` names it
    params: Mapping[str, Any] = field(default_factory=dict)  # see `rendering.render`
    clock_id: UUID | None = None


def contacts_of(recipients: Collection[UUID]) -> Contacts:
    """Find the contacts of n recipients, of channels that we have: one query."""
    found: dict[UUID, dict[str, Contact]] = {}
    known = conf.get("CHANNELS")
    for contact in Contact.objects.filter(recipient_id__in=recipients):
        if contact.channel in known:
            found.setdefault(contact.recipient_id, {})[contact.channel] = contact
    return found


def reach(template: str, contacts: Mapping[str, Contact]) -> list[Contact]:
    """Choose the contacts for a text: every channel it has words for, or else what there is."""
    live = {name: contact for name, contact in contacts.items() if not contact.bounced_at}
    fitting = [live[name] for name in texts.table().channels(template) if name in live]
    return fitting or list(live.values())


def letter_to(contact: Contact, about: Note | Letter, *, at: datetime) -> Letter:
    """Make one letter, due when its reader may be disturbed."""
    return Letter(
        case_id=about.case_id,
        event_id=about.event_id,
        recipient_id=about.recipient_id,
        marketplace_id=about.marketplace_id,
        channel=contact.channel,
        template=about.template,
        locale=contact.locale,
        params=about.params,
        due_at=when(contact, at),
        clock_id=about.clock_id,
    )


def instead(lost: Iterable[Letter], contacts: Contacts, *, at: datetime) -> list[Letter]:
    """Make letters by the other channels for those that reach nobody by theirs."""
    return [
        letter_to(contact, letter, at=at)
        for letter in lost
        for name, contact in contacts.get(letter.recipient_id, {}).items()
        if name != letter.channel and not contact.bounced_at
    ]


def when(contact: Contact, at: datetime) -> datetime:
    """Tell the next moment at which a contact may be disturbed: `at`, or the end of quiet hours.

    Quiet hours are in the reader's zone and may pass midnight; their end is the first moment
    that is allowed again. A wall clock time that a change to summer time skips is moved on.
    """
    if contact.quiet_from is None or contact.quiet_until is None:
        return at
    zone = rendering.zone(contact.time_zone)
    local = at.astimezone(zone)
    start, end, now = contact.quiet_from, contact.quiet_until, local.time()
    if start <= end:
        quiet, ends_on = start <= now < end, local.date()
    else:
        quiet = now >= start or now < end
        ends_on = local.date() + timedelta(days=1 if now >= start else 0)
    if not quiet:
        return at
    return datetime.combine(ends_on, end, tzinfo=zone).astimezone(at.tzinfo)
