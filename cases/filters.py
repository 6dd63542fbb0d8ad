"""How lists are cut down and paged."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.pagination import CursorPagination
from rest_framework.utils.urls import replace_query_param

from cases import cursors
from cases.fields import Moment
from cases.lifecycle import State
from cases.models import Case, Clock, Event
from cases.reasons import reason_choices
from cases.roles import PARTIES
from cases.standing import PLATFORM, waits_on

ME = "me"
ROWS = re.compile(r"[0-9]{1,5}", re.ASCII)
WAITED_ON = [ME, *(str(role) for role in PARTIES), "carrier", "gateway", PLATFORM]


class MomentField(forms.DateTimeField):
    """A moment as bodies have it: with its offset, within bounds."""

    def to_python(self, value: Any) -> Any:
        """:raises ValidationError: it is none"""
        if value is None:
            return None
        try:
            return Moment().to_internal_value(value)
        except serializers.ValidationError as error:
            raise forms.ValidationError(str(error.detail[0]), "invalid") from None  # type: ignore[index]


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class CaseFilter(django_filters.FilterSet):
    """Filters of the list of cases; an unknown one is refused, not ignored."""

    state = django_filters.MultipleChoiceFilter(choices=State.choices, label="one or more states")
    waiting_on = django_filters.ChoiceFilter(
        choices=[(name, name) for name in WAITED_ON], method="of_owner", label="who must act"
    )
    due_before = MomentFilter(method="of_due", label="a clock runs out before this moment")
    updated_after = MomentFilter(method="of_update", label="something happened after this moment")
    order = django_filters.CharFilter(
        field_name="order__ref", max_length=100, label="the order's ref"
    )

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
    request: Any

    def get_page_size(self, request: Any) -> int:
        """:raises ParseError: it is no number of rows that a page may have"""
        asked = request.query_params.get(self.page_size_query_param)
        return self.page_size if asked is None else rows(asked, self.max_page_size)

    def encode_cursor(self, cursor: Any) -> str:
        """Make the address of a page; its cursor is signed."""
        name = self.cursor_query_param
        link = urlsplit(super().encode_cursor(cursor))
        plain = parse_qs(link.query, keep_blank_values=True)[name][0]
        signed = cursors.signed(plain, path=self.request.path, actor=self.request.user)
        return replace_query_param(self.base_url or "", name, signed)

    def decode_cursor(self, request: Any) -> Any:
        """:raises ParseError: the cursor was not given to this caller for this list"""
        name = self.cursor_query_param
        if (told := request.query_params.get(name)) is None:
            return None
        try:
            plain = cursors.read(told, path=request.path, actor=request.user)
        except ValueError:
            raise bad_cursor() from None
        known: Any = SimpleNamespace(query_params={name: plain})
        return super().decode_cursor(known)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Tell how long a page may be."""
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return parameters


def rows(asked: str, most: int) -> int:
    """Read how many rows a page shall have.

    :raises ParseError: not a whole number from 1 to `most`
    """
    if not ROWS.fullmatch(asked) or not 1 <= int(asked) <= most:
        raise ParseError(f"limit is 1 to {most}.", "INVALID")
    return int(asked)


def bad_cursor() -> ParseError:
    """Say that a cursor is not what was given out."""
    return ParseError("The cursor is not valid.", "BAD_CURSOR")


class NewestFirst(Keyset):
    ordering = "-id"  # ids sort by their moment


class BySequence(Keyset):
    ordering = "sequence"
    page_size = max_page_size = 200
