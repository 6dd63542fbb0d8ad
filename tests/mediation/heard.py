"""What every test of a story asserts besides its own: the letters of its events can be written."""

from cases.models import Event
from mediation import letters
from notifications import texts


def check():
    """Make the notes of every event so far, and see that each has all that its text asks for."""
    events = Event.objects.select_related("case__order").order_by("case_id", "sequence")
    running = letters._running({event.case_id for event in events})
    for event in events:
        for note in letters._notes(event, running.get(event.case_id, [])):
            missing = texts.table().wants(note.template) - set(note.params)
            assert not missing, f"{note.template} lacks {sorted(missing)}"
