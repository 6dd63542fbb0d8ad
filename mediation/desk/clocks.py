"""The clocks of the whole: pauses, what runs, what is late, and cases that cannot move."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cases.clocks import CLOCKS
from cases.models import Case, Clock, Marketplace, Pause
from mediation import parking, pauses, steps
from mediation.desk import access, record, words
from mediation.desk.fields import Moment
from mediation.models import Mediator
from mediation.oversight import deeds

LATE = timedelta(minutes=2)  # what nobody may ever be late by
MOST = 50  # rows of a list
LONGEST_REASON = Pause._meta.get_field("reason").max_length
LONGEST_REGION = Pause._meta.get_field("region").max_length


class Begin(forms.Form):
    """A pause of a marketplace, or of one region of it."""

    region = forms.CharField(
        label=_("Region"),
        required=False,
        max_length=LONGEST_REGION,
        help_text=_("As in the orders, such as CN-SC; empty: everywhere"),
    )
    until = Moment(label=_("Until (UTC)"), required=False, help_text=_("Empty: until lifted"))
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON)

    field_order = ("marketplace", "region", "until", "reason")

    def __init__(self, me: Mediator, data: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="pause_%s")
        live = Marketplace.objects.filter(me.sees(""), clock_id=None).order_by("name")
        self.fields["marketplace"] = forms.ModelChoiceField(
            live, label=_("Marketplace"), empty_label=None
        )
        self.order_fields(self.field_order)


@dataclass(frozen=True, kw_only=True)
class Sort:
    """All clocks of one name."""

    name: str
    running: int
    still: int
    late: int
    parked: int
    next_at: datetime | None


class ClockAdmin(record.ClockAdmin):
    """The list of clocks, and the page of those that somebody must see to."""

    def get_urls(self) -> list[URLPattern]:
        def acting(view):
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("overview/", self.admin_site.admin_view(self.overview), name="clock_overview"),
            path("pauses/", acting(self.begin), name="begin_pause"),
            path("pauses/<uuid:pk>/lift/", acting(self.lift), name="lift_pause"),
            path("parked/", acting(self.retry), name="retry_parked_all"),
            path("parked/<uuid:case_id>/", acting(self.retry), name="retry_parked"),
            *super().get_urls(),
        ]

    def overview(
        self, request: HttpRequest, form: Begin | None = None, status: int = 200
    ) -> HttpResponse:
        """Show pauses, clocks by name, the late ones and the parked ones."""
        me = access.required(request, access.OFFICE)
        at = steps.database_clock()
        clocks = Clock.objects.filter(me.sees("case__marketplace"), clock_id=None)
        rows = clocks.select_related("case").order_by("next_at", "pk")
        late = rows.filter(parked=0, next_at__lt=at - LATE)
        parked = rows.filter(parked__gt=0, next_at__isnull=False)
        may = me.role in access.REPAIRS
        context = {
            **self.admin_site.each_context(request),
            "title": text("Pauses and late clocks"),
            "at": at,
            "pauses": _pauses(me),
            "form": (form or Begin(me)) if may else None,
            "may": may,
            "sorts": _sorts(clocks, at),
            "late": _cut(late),
            "parked": _cut(parked),
        }
        return TemplateResponse(request, "desk/clocks.html", context, status=status)

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Let the clocks of a marketplace or a region stand still."""
        me = access.required(request, access.REPAIRS)
        form = Begin(me, request.POST)
        if not form.is_valid():
            return self.overview(request, form, status=422)
        told = form.cleaned_data
        try:
            with transaction.atomic():
                pause = pauses.begin(
                    told["marketplace"],
                    region=told["region"],
                    reason=told["reason"],
                    until=told["until"],
                    by=me.person,
                )
                _note(me, "begin_pause", pause, pause.began_at, until=pause.until)
        except (pauses.PausedAlready, pauses.OverBefore) as refused:
            messages.error(request, words.refusal(refused))
            return self.overview(request, form, status=409)
        messages.success(request, text("The clocks stand still."))
        return redirect("admin:clock_overview")

    def lift(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Let them go on."""
        me = access.required(request, access.REPAIRS)
        seen = Pause.objects.filter(me.sees()).select_related("marketplace")
        pause = get_object_or_404(seen, pk=pk)
        with transaction.atomic():
            if pauses.lift(pause, by=me.person):
                _note(me, "lift_pause", pause, steps.database_clock())
                messages.success(request, text("The clocks go on."))
            else:
                messages.info(request, text("The pause was over."))
        return redirect("admin:clock_overview")

    def retry(self, request: HttpRequest, case_id: UUID | None = None) -> HttpResponse:
        """Let parked cases be tried again: one of them, or all."""
        me = access.required(request, access.REPAIRS)
        cases = Case.everywhere.filter(me.sees(), clock_id=None)
        if case_id is not None:
            cases = cases.filter(pk=case_id)
            if not cases.exists():
                raise Http404
        with transaction.atomic():
            tried = parking.retry(cases)
            if tried:
                at = steps.database_clock()
                deeds.note(me, "retry_parked", at=at, cases=tried[:MOST], count=len(tried))
        told = ngettext("%d case is tried again.", "%d cases are tried again.", len(tried))
        messages.success(request, told % len(tried))
        return redirect("admin:clock_overview")


def _note(me, act, pause, at, **more):
    told = {"pause": pause.pk, "region": pause.region, **more}
    deeds.note(me, act, at=at, marketplace=pause.marketplace, **told)


def _pauses(me):
    """List the pauses that run, each with how many cases stand still in it: two queries."""
    rows = list(
        Pause.objects.filter(me.sees(), ended_at=None)
        .select_related("marketplace")
        .order_by("began_at")
    )
    ids = [row.pk for row in rows]
    held = Case.everywhere.filter(
        paused_by__in=ids, marketplace__in=[r.marketplace_id for r in rows]
    )
    counts = dict(held.values_list("paused_by").annotate(Count("pk")).order_by())
    names = access.names(row.began_by for row in rows)
    return [(row, counts.get(row.pk, 0), names.get(row.began_by, row.began_by)) for row in rows]


def _sorts(clocks, at):
    """Count the clocks of each name, in the order of the table: one query."""
    runs = Q(due_at__isnull=False)
    found = (
        clocks.order_by()
        .values("name")
        .annotate(
            running=Count("pk", filter=runs),
            still=Count("pk", filter=~runs),
            late=Count("pk", filter=Q(parked=0, next_at__lt=at - LATE)),
            failing=Count("pk", filter=Q(parked__gt=0)),
            first=Min("next_at"),
        )
    )
    by_name = {row["name"]: row for row in found}
    return [
        Sort(
            name=name,
            running=row["running"],
            still=row["still"],
            late=row["late"],
            parked=row["failing"],
            next_at=row["first"],
        )
        for name in CLOCKS
        if (row := by_name.get(name)) is not None
    ]


def _cut(rows):
    found = list(rows[: MOST + 1])
    return {"rows": found[:MOST], "more": len(found) > MOST}
