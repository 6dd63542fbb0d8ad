"""One timeline of everything: steps, messages, parcels, letters and clocks, the latest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases.history import CHANGES
from cases.models import Case, Message, ParcelEvent
from mediation.desk import words
from mediation.desk.letters import Sent

LONGEST = 300  # scans of parcels
OF_CLOCKS = {*CHANGES, "remind", "to_supervisor", "alarm"}
OF_PARCELS = {"parcel_news", "stuck", "return_delivered", "return_lost", "ship_return"} | {
    "replacement_delivered",
    "replacement_lost",
    "dispatch_replacement",
}
KINDS: dict[str, str | Promise] = {
    "step": _("Steps"),
    "message": _("Messages"),
    "parcel": _("Parcels"),
    "letter": _("Letters"),
    "clock": _("Clocks"),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of it. `before` and `after` are states of the case, where it has moved."""

    at: datetime
    kind: str  # of KINDS
    role: str
    sentence: str
    details: list[str] = field(default_factory=list)
    words: str = ""
    before: str = ""
    after: str = ""
    is_ahead: bool = False


def of(
    case: Case,
    happened: Iterable[Any],
    thread: Iterable[Message],
    letters: Iterable[Sent],
    clocks: Iterable[Any],
) -> list[Entry]:
    """Gather the timeline of a case: one query, for what carriers have told."""
    said = {row.event_id: row for row in thread}
    entries = [
        *(_step(row, said) for row in happened),
        *_scans(case),
        *_letters(letters),
        *(_ahead(row.clock) for row in clocks if not row.stands_still),
    ]
    return sorted(entries, key=attrgetter("at"), reverse=True)  # stable: as they came within one


def _step(row, said):
    event = row.event
    message = said.get(event.pk)
    moved = event.before not in {event.after, "new"}
    audience = [words.say(words.AUDIENCES, message.audience)] if message is not None else []
    return Entry(
        at=event.at,
        kind=_kind(event),
        role=event.role,
        sentence=row.sentence,
        details=[*row.details, *audience],
        words=message.text if message is not None else "",
        before=event.before if moved else "",
        after=event.after if moved else "",
    )


def _kind(event):
    if event.name == "message":
        return "message"
    if event.name in OF_PARCELS:
        return "parcel"
    return "clock" if event.name in OF_CLOCKS or event.role == "clock" else "step"


def _scans(case: Case) -> Iterator[Entry]:
    rows: Any = ParcelEvent.objects.filter(parcel__case=case).select_related("parcel")
    for row in rows.order_by("-happened_at")[:LONGEST]:
        yield Entry(
            at=row.happened_at,
            kind="parcel",
            role="carrier",
            sentence=words.say(words.SCANS, row.code),
            details=[words.say(words.PARCELS, row.parcel.kind), *filter(None, [row.place])],
        )


def _letters(letters: Iterable[Sent]) -> Iterator[Entry]:
    """Tell of what one reader was sent about one event in one line, whatever the channels."""
    together: dict[Any, list[Sent]] = defaultdict(list)
    for row in letters:
        together[row.letter.event_id, row.letter.recipient_id].append(row)
    for rows in together.values():
        yield Entry(
            at=max(row.letter.done_at or row.letter.due_at for row in rows),
            kind="letter",
            role="letter",
            sentence=_addressed(rows[0]),
            details=[_carried(row) for row in rows],
        )


def _addressed(row):
    told = {"reader": words.say(words.ROLES, row.role), "subject": row.about}
    return text("Letter, %(reader)s: %(subject)s") % told


def _carried(row):
    letter = row.letter
    standing = text("Given up") if letter.dead_at else words.say(words.STANDINGS, letter.outcome)
    return f"{words.say(words.KINDS, letter.channel)} {row.address} ({standing})"


def _ahead(clock):
    party = [words.say(words.ROLES, clock.party)] if clock.party else []
    return Entry(
        at=clock.due_at,
        kind="clock",
        role="clock",
        sentence=text("Runs out: %s") % words.say(words.CLOCKS, clock.name),
        details=party,
        is_ahead=True,
    )
