"""How lists are cut down and paged."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.pagination import CursorPagination

from cases.lifecycle import State
from cases.models import Case, Clock, Event
from cases.reasons import reason_choices
from cases.roles import PARTIES
from cases.standing import PLATFORM, waits_on

ME = "me"
WAITED_ON = [ME, *(str(role) for role in PARTIES), "carrier", "gateway", PLATFORM]


class CaseFilter(django_filters.FilterSet):
    """Filters of the list of cases; an unknown one is refused, not ignored."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices, label="one or more states")
    waiting_on = django_filters.ChoiceFilter(
        choices=[(name, name) for name in WAITED_ON], method="of_owner", label="who must act"
    )
    due_before = django_filters.IsoDateTimeFilter(
        method="of_due", label="a clock runs out before this moment"
    )
    updated_after = django_filters.IsoDateTimeFilter(
        method="of_update", label="something happened after this moment"
    )
    order = django_filters.CharFilter(field_name="order__ref", label="the order's ref")

    class Meta:
        model = Case
        fields = ("state", "waiting_on", "due_before", "updated_after", "order")

    def of_owner(self, cases: QuerySet[Case], _name: str, owner: str) -> QuerySet[Case]:
        """Keep the cases that wait on somebody; nothing waits on a service."""
        return cases.filter(waits_on(self.request.user.role if owner == ME else owner))

    def of_due(self, cases: QuerySet[Case], _name: str, moment: Any) -> QuerySet[Case]:
        return cases.filter(Exists(Clock.objects.filter(case=OuterRef("pk"), due_at__lt=moment)))

    def of_update(self, cases: QuerySet[Case], _name: str, moment: Any) -> QuerySet[Case]:
        """Look at the last event of each case only: the index leads to it."""
        last = Event.objects.filter(case=OuterRef("pk"), sequence=OuterRef("sequence"))
        return cases.filter(Exists(last.filter(at__gt=moment)))


class ApplicationFilter(CaseFilter):
    """Filters of the list of applications: those of cases, and the reason of any attempt."""

    reason = django_filters.MultipleChoiceFilter(
        choices=reason_choices, field_name="attempts__reason", label="one or more reasons"
    )

    class Meta:
        model = Case
        fields = (*CaseFilter.Meta.fields, "reason")


class Keyset(CursorPagination):
    """Pages by the last row seen: nothing is skipped or repeated when rows come in between."""

    page_size = 25
    max_page_size = 100
    page_size_query_param = "limit"
    position: type = UUID

    def decode_cursor(self, request: Any) -> Any:
        """:raises ParseError: the cursor is not one of ours"""
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.position(cursor.position)
        except (NotFound, ValueError):
            raise ParseError("The cursor is not valid.", "BAD_CURSOR") from None
        return cursor


class NewestFirst(Keyset):
    ordering = "-id"  # ids sort by their moment


class BySequence(Keyset):
    ordering = "sequence"
    position = int
    page_size = max_page_size = 200
