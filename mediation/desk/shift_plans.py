"""The plan of shifts at the desk: a supervisor writes it, all others see who is at work when."""

from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from mediation import shift_plans, steps
from mediation.desk import access, shifts
from mediation.models import Duty, Mediator, Shift

PLANNERS = frozenset({Duty.SUPERVISOR})
WORKING_DAYS = (0, 1, 2, 3, 4)


@cache
def zones() -> list[tuple[str, str]]:
    """List the places whose clocks may be meant, by their names in the IANA's table."""
    places = {zone for zone in available_timezones() if "/" in zone and "Etc/" not in zone}
    return [(zone, zone) for zone in ("UTC", *sorted(places))]


class Plan(forms.Form):
    """Shifts at the same hours on some days of the week."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        initial=WORKING_DAYS,
        widget=forms.CheckboxSelectMultiple,
    )
    starts = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(
        label=_("Ends at"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("Not later than the start: on the day after"),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zones, widget=forms.Select(attrs={"lang": "en"})
    )
    valid_from = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    valid_until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, me: Mediator, data: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="plan_%s")
        people = shifts.under(me).select_related("user").order_by("user__username")
        self.fields["mediator"] = forms.ModelChoiceField(people, label=_("Mediator"))
        self.order_fields(["mediator"])

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: the last day is before the first"""
        told = self.cleaned_data
        first, last = told.get("valid_from"), told.get("valid_until")
        if first is not None and last is not None and last < first:
            raise ValidationError(text("The last day is not before the first."), code="days")
        return told


def page(request: HttpRequest, form: Plan | None = None, status: int = 200) -> HttpResponse:
    """Show who is planned to be at work when."""
    me = access.required(request)
    may = me.role in PLANNERS
    people = shifts.under(me).select_related("user").prefetch_related("shifts")
    context = {
        **admin.site.each_context(request),
        "title": text("Shift plan"),
        "people": [(person, _in_order(person)) for person in people.order_by("user__username")],
        "form": (form or Plan(me)) if may else None,
        "may": may,
    }
    return TemplateResponse(request, "desk/shift_plan.html", context, status=status)


def add(request: HttpRequest) -> HttpResponse:
    """Plan shifts for a mediator."""
    me = access.required(request, PLANNERS)
    form = Plan(me, request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    hours = dict(form.cleaned_data)
    mediator, weekdays = hours.pop("mediator"), hours.pop("weekdays")
    shift_plans.add(me, mediator, weekdays, hours=hours, at=steps.database_clock())
    messages.success(request, text("The plan of %s holds from now on.") % mediator)
    return redirect("admin:shift_plan")


def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a shift out of the plan."""
    me = access.required(request, PLANNERS)
    planned = Shift.objects.select_related("mediator__user")
    shift = get_object_or_404(planned.filter(mediator__in=shifts.under(me)), pk=pk)
    shift_plans.drop(me, shift, at=steps.database_clock())
    messages.success(request, text("The plan of %s holds from now on.") % shift.mediator)
    return redirect("admin:shift_plan")


def _in_order(person):
    shown = sorted(person.shifts.all(), key=lambda shift: (shift.weekday, shift.starts, shift.pk))
    return [(shift, WEEKDAYS[shift.weekday], shift.ends <= shift.starts) for shift in shown]
