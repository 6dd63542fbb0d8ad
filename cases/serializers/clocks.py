"""Clocks: those that run or stand still, and those that have ended."""

from django.db.models import Prefetch, prefetch_related_objects
from rest_framework import serializers

from cases import standing
from cases.conduct import by_clock
from cases.models import Case, Clock
from cases.models.policy import pinned

WITH_CLOCKS = Prefetch("clocks", to_attr="clocks_read")


class ClockOut(serializers.Serializer):
    """A clock that runs (`due_at`), or stands still (`remaining_s`)."""

    name = serializers.CharField()
    waits_on = serializers.SerializerMethodField()
    length = serializers.CharField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    remaining_s = serializers.SerializerMethodField()
    extensions = serializers.IntegerField()
    still_since = serializers.DateTimeField(allow_null=True, help_text="Null: it runs.")
    stood_still_s = serializers.SerializerMethodField(help_text="In all before.")
    asked_hours = serializers.IntegerField(help_text="More time that is asked for; 0: none.")
    on_expiry = serializers.SerializerMethodField()

    def get_waits_on(self, clock: Clock) -> str:
        return standing.owner(clock)

    def get_remaining_s(self, clock: Clock) -> int | None:
        return None if clock.remaining is None else int(clock.remaining.total_seconds())

    def get_stood_still_s(self, clock: Clock) -> int:
        return int(clock.stood_still.total_seconds())

    def get_on_expiry(self, clock: Clock) -> str:
        case = self.context["case"]
        about = {"reason": case.reason, "amount": case.amount, "currency": case.currency}
        return by_clock(pinned(case.policy_id).consequence(clock.name, **about), case.restrictions)


def clocks_of(case: Case) -> list[Clock]:
    """Give a case's clocks: of its facts, or read `WITH_CLOCKS`, now if not before."""
    if hasattr(case, "facts"):
        return case.facts.clocks
    if not hasattr(case, "clocks_read"):
        prefetch_related_objects([case], WITH_CLOCKS)
    return case.clocks_read  # type: ignore[attr-defined]


def visible_clocks(case: Case, role: str) -> list[Clock]:
    """Give the clocks that a role may see: those of our own house are nobody else's business."""
    clocks = sorted(clocks_of(case), key=lambda clock: (clock.due_at is None, clock.name))
    return [c for c in clocks if c.name not in standing.INTERNAL or role == "service"]


class EndedClock(serializers.Serializer):
    name = serializers.CharField()
    waits_on = serializers.CharField()
    length = serializers.CharField()
    started_at = serializers.CharField()
    due_at = serializers.CharField(allow_null=True)
    stood_still_s = serializers.IntegerField()
    extensions = serializers.IntegerField()
    ended_at = serializers.DateTimeField()
    how = serializers.ChoiceField(choices=["answered", "ran_out"])
    sequence = serializers.IntegerField(help_text="Of the event.")


class ClockChange(serializers.Serializer):
    """Something that gave clocks more time, or let them stand still or go on."""

    name = serializers.CharField(
        help_text="extend (an outage of ours), take_, ask_, grant_, give_extension, pause, resume, "
        "chargeback_opened, chargeback_closed."
    )
    role = serializers.CharField()
    at = serializers.DateTimeField()
    clock = serializers.CharField(allow_null=True, help_text="Null: all of them.")
    hours = serializers.IntegerField(allow_null=True)
    sequence = serializers.IntegerField(help_text="Of the event.")


class Ledger(serializers.Serializer):
    """All clocks of a case."""

    running = ClockOut(many=True)
    ended = EndedClock(many=True)
    changes = ClockChange(many=True)
