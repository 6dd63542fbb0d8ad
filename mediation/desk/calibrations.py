"""Calibration cases at the desk: picked by a supervisor, decided blind, compared afterwards."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.views.decorators.http import require_GET, require_POST

from cases.lifecycle import ENDED
from cases.models import Case
from cases.roles import JUDGES
from mediation import steps
from mediation.desk import access
from mediation.desk.deciding import Decide, as_typed
from mediation.models import BlindReview, Calibration, Duty, Mediator
from mediation.oversight import calibration

PICKERS = frozenset({Duty.SUPERVISOR})
MOST = 50  # cases of a list, the newest first


def urls(view: Callable[[Any], Any]) -> list[URLPattern]:
    """Name the pages; they stand beside those of the blind reviews.

    :param view: wraps a view as the admin site wants it
    """
    return [
        path("calibrations/", view(require_GET(page)), name="calibrations"),
        path("calibrations/pick/<uuid:case_id>/", view(pick), name="pick_calibration"),
        path("calibrations/<uuid:pk>/take/", view(require_POST(take)), name="take_calibration"),
        path("calibrations/<uuid:pk>/close/", view(require_POST(close)), name="close_calibration"),
    ]


def may_pick(me: Mediator, case: Case) -> bool:
    """Say whether the page of a case offers to pick it; asks nothing of the database."""
    return me.role in PICKERS and case.final and case.state in ENDED and case.clock_id is None


def page(request: HttpRequest) -> HttpResponse:
    """Show a mediator what is open and how the own decisions compare; the office sees all."""
    me = access.required(request)
    is_office = me.role in access.OFFICE
    rows = list(_seen(me).select_related("case").order_by("-pk")[:MOST]) if is_office else []
    if is_office:
        found = list(calibration.decided(rows))
    else:
        found = list(calibration.decided(_seen(me)).filter(reviewer=me.person))
    names = access.names({review.reviewer for review in found})
    people = calibration.agreement(found) if is_office else []
    context = {
        **admin.site.each_context(request),
        "title": text("Calibration"),
        "is_fullwidth": "1",
        "open": list(calibration.open_to(me).select_related("case", "marketplace")[:MOST]),
        "is_judge": me.role in JUDGES,
        "is_office": is_office,
        "may": me.role in PICKERS,
        "mine": [] if is_office else _compared(found, names),
        "people": [(names.get(row.person, row.person), row) for row in people],
        "near": calibration.NEAR,
        "cases": [(row, _compared(_of(found, row), names)) for row in rows],
    }
    return TemplateResponse(request, "desk/calibrations.html", context)


def pick(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Ask what is expected, beginning from the final ruling; a POST offers it to all mediators."""
    me = access.required(request, PICKERS)
    cases = Case.everywhere.filter(me.sees()).select_related("docket", "marketplace")
    case = get_object_or_404(cases, pk=case_id)
    ruling = calibration.final_ruling(case)
    if ruling is None:
        raise Http404
    expected = as_typed(calibration.terms_of(ruling), case.currency)
    form = Decide(case, request.POST if request.method == "POST" else None, expected=expected)
    if request.method == "POST" and form.is_valid():
        row = calibration.pick(me, case, at=steps.database_clock(), **form.decided())
        if row is None:
            messages.error(request, text("This is a calibration case already."))
        else:
            messages.success(request, text("The case is offered to all mediators."))
        return redirect("admin:calibrations")
    context = {
        **admin.site.each_context(request),
        "title": text("Calibration case %s") % case.number,
        "case": case,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "desk/calibration.html", context, status=status)


def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin to decide a calibration case, on the page of the blind reviews."""
    me = access.required(request, JUDGES)
    row = get_object_or_404(calibration.open_to(me).select_related("ruling"), pk=pk)
    review = calibration.take(me, row, at=steps.database_clock())
    return redirect("admin:blind_review", review.pk)


def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a calibration case no longer."""
    me = access.required(request, PICKERS)
    row = get_object_or_404(_seen(me).select_related("marketplace"), pk=pk)
    calibration.close(me, row, at=steps.database_clock())
    return redirect("admin:calibrations")


def _seen(me):
    return Calibration.objects.filter(me.sees())


def _of(found, row):
    return [review for review in found if review.calibration_id == row.pk]


def _compared(found: Sequence[BlindReview], names: dict[str, str]) -> list[tuple[Any, ...]]:
    """Set beside each decision who has made it and how far it is from the expected one."""
    return [
        (review, names.get(review.reviewer, review.reviewer), calibration.deviation(review))
        for review in found
    ]
