"""The post office: takes notes, writes letters, has them carried to their readers.

`send` writes one letter per event, recipient and channel, once; `deliver` takes those whose time
has come, asks whether they are still wanted, and hands them over outside of any transaction.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from notifications import rendering, texts
from notifications.addressing import Note, contacts_of, letter_to, reach, when
from notifications.attempts import GiveUp, claim
from notifications.models import Letter
from notifications.rendering import Words
from notifications.rounds import Round

StillWanted = Callable[[list[Letter]], Collection[UUID]]

__all__ = ["Note", "deliver", "send", "when"]


def send(notes: Iterable[Note], *, at: datetime) -> list[tuple[Note, GiveUp]]:
    """Write the letters of n notes: two statements, and nothing for those written before.

    A recipient gets a letter by every channel that the text has words for, except where nothing
    arrives any more; if none of them is left, by any other channel. Nobody without a contact
    gets any.

    :param at: aware UTC; letters are due then, or after the reader's quiet hours
    :returns: the notes that nothing was written for, as their text is unknown or a value missing
    """
    good, refused = [], []
    for note in notes:
        fault = _fault(note)
        if fault is None:
            good.append(note)
        else:
            refused.append((note, fault))
    contacts = contacts_of({note.recipient_id for note in good})
    letters = [
        letter_to(contact, note, at=at)
        for note in good
        for contact in reach(note.template, contacts.get(note.recipient_id, {}))
    ]
    Letter.objects.bulk_create(letters, ignore_conflicts=True)
    return refused


def deliver(
    *,
    clock: Callable[[], datetime],
    limit: int = 100,
    clock_id: UUID | None = None,
    still_wanted: StillWanted | None = None,
    words: Words = rendering.plain,
) -> int:
    """Carry letters that are due; the number of statements does not depend on how many.

    No transaction is open while they are handed over.
    Letters of a sandbox's clock are captured: rendered, kept, and they leave the house for nobody.

    :param clock: tells the moment, aware UTC; called before and after the attempts
    :param still_wanted: looks at the cases again; answers with the ids of the letters to be sent
    :param words: puts codes of remedies, reasons and rulings in words
    :returns: how many were claimed; call again until it is 0
    """
    at = clock()
    claimed = claim(Letter, at=at, limit=limit, clock_id=clock_id)
    if not claimed:
        return 0
    wanted = set(still_wanted(claimed)) if still_wanted else {letter.pk for letter in claimed}
    batch = Round(claimed, at=at, words=words, captured=clock_id is not None)
    for letter in claimed:
        batch.carry(letter, is_wanted=letter.pk in wanted)
    with transaction.atomic():
        batch.write(at=clock())
    return len(claimed)


def _fault(note: Note) -> GiveUp | None:
    table = texts.table()
    if note.template not in table.texts:
        return GiveUp(f"there is no text {note.template}")
    missing = sorted(table.wants(note.template) - set(note.params))
    return GiveUp(f"{note.template} asks for {', '.join(missing)}") if missing else None
