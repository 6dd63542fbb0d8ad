"""The page of a case, and the acts that are taken from it. A GET changes nothing."""

import re
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Right
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import STEPS
from cases.actors import Actor
from cases.models import Case, File
from cases.refusals import Refused
from cases.roles import JUDGES, STAFF, Role
from mediation import docket, stepping
from mediation.desk import (
    access,
    calibrations,
    dossier,
    papers,
    preview,
    showing,
    taking,
    thread,
    words,
)
from mediation.desk.act import Act
from mediation.desk.filters import ByReason, ByState
from mediation.desk.forms import FORMS
from mediation.desk.readonly import ReadOnly, stamp
from mediation.export.record import gather
from mediation.export.views import sent
from mediation.models import Mediator

CONFLICT, UNPROCESSABLE = 409, 422
EVERYTHING = str(Role.SUPERVISOR)  # as whom a case is exported: all that the page shows
OPENED = stamp("opened_at", _("Opened"))
NUMBER = re.compile(r"(?:C-)?([0-9A-F]{12})", re.ASCII | re.IGNORECASE)


class CaseAdmin(ReadOnly):
    """Cases: a list to look through; one case is a page of ours."""

    list_display = ("number_", "state_", "reason_", "amount_", "marketplace", OPENED)
    list_filter = (ByState, ByReason)
    list_select_related = ("marketplace",)
    search_fields = ("number",)
    search_help_text = _("Case number, order number, or the marketplace's id of a party")

    @admin.display(description=_("Case"))
    def number_(self, case: Case) -> str:
        return case.number

    @admin.display(description=_("State"))
    def state_(self, case: Case) -> str:
        return words.say(words.STATES, case.state)

    @admin.display(description=_("Reason"))
    def reason_(self, case: Case) -> str:
        return words.reason(case.reason)

    @admin.display(description=_("Amount"))
    def amount_(self, case: Case) -> str:
        return showing.money(case.amount, case.currency)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 -- Django's signature
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(order__ref=term) | Q(buyer__ref=term) | Q(seller__ref=term)
        if number := NUMBER.fullmatch(term):
            end = Right(Cast("pk", TextField()), 12)
            queryset = queryset.alias(end=end)
            wanted |= Q(end=number[1].lower())
        if (pk := _uuid(term)) is not None:
            wanted |= Q(pk=pk)
        return queryset.filter(wanted), False

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(require_POST(self.act))
        trial = self.admin_site.admin_view(require_POST(self.try_out))
        write = self.admin_site.admin_view(require_POST(self.write))
        stay = self.admin_site.admin_view(require_POST(self.stay))
        whom = self.admin_site.admin_view(require_POST(self.try_message))
        file = self.admin_site.admin_view(require_GET(self.file))
        export = self.admin_site.admin_view(require_GET(self.export))
        return [
            path("<uuid:case_id>/acts/<slug:step>/", act, name="cases_case_act"),
            path("<uuid:case_id>/preview/<slug:step>/", trial, name="cases_case_preview"),
            path("<uuid:case_id>/messages/", write, name="cases_case_write"),
            path("<uuid:case_id>/lease/", stay, name="cases_case_stay"),
            path("<uuid:case_id>/messages/preview/", whom, name="cases_case_try_message"),
            path("<uuid:case_id>/files/<uuid:file_id>/<slug:form>/", file, name="cases_case_file"),
            path("<uuid:case_id>/export/", export, name="cases_case_export"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        return self.page(request, me, _found(me, _uuid(object_id)))

    def act(self, request: HttpRequest, case_id: UUID, step: str) -> HttpResponse:
        """Take one step; if anything is wrong nothing changes, and what was typed is kept."""
        me, case = _asked(request, case_id, step)
        form = FORMS[step](case, request.POST)
        if not form.is_valid():
            return self.page(request, me, case, step, form, status=UNPROCESSABLE)
        answer = taking.take(me, case, step, form)
        if isinstance(answer, Refused):
            messages.error(request, words.refusal(answer))
            case = _found(me, case_id)
            form = FORMS[step](case, taking.as_seen_now(request.POST, case))
            form.blame(answer.details)
            return self.page(request, me, case, step, form, status=CONFLICT)
        messages.success(request, text("Done: %s") % form.title)
        return redirect("admin:cases_case_change", case_id)

    def try_out(self, request: HttpRequest, case_id: UUID, step: str) -> HttpResponse:
        """Say what an act would lead to: to the page's script a part, to others the whole page."""
        me, case = _asked(request, case_id, step)
        tried = preview.trial(FORMS[step], case, request.POST)
        shown = preview.of(me, case, step, tried)
        if request.headers.get("X-Requested-With") == "fetch":
            html = render_to_string("desk/parts/preview.html", {"preview": shown}, request)
            return JsonResponse({"html": html, "errors": tried.errors})
        return self.page(request, me, case, step, FORMS[step](case, request.POST), preview=shown)

    def write(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        """Write a message; what was typed is kept if it is not sent."""
        me = access.required(request, STAFF)
        case = _found(me, case_id)
        form = thread.Write(case, request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, me, case, write=form, status=UNPROCESSABLE)
        if (refused := thread.send(me, case, form)) is not None:
            messages.error(request, words.refusal(refused))
            return self.page(request, me, _found(me, case_id), write=form, status=CONFLICT)
        messages.success(request, text("The message was sent."))
        return redirect(reverse("admin:cases_case_change", args=[case_id]) + "#messages")

    def stay(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        """Renew the lease of who is reading: the page asks for it while it is used."""
        me = access.required(request, JUDGES)
        lease = _uuid(request.POST.get("lease", ""))
        until = None if lease is None else docket.renew(me, case_id, lease)
        if until is None:
            return JsonResponse({"seconds": 0}, status=CONFLICT)
        return JsonResponse({"seconds": int(stepping.LEASE.total_seconds())})

    def try_message(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        """Say who would get a letter for a message: to the page's script alone."""
        me = access.required(request, STAFF)
        case = _found(me, case_id)
        form = thread.Write(case, request.POST)
        shown = preview.of_message(me, case, form)
        html = render_to_string("desk/parts/preview.html", {"preview": shown}, request)
        return JsonResponse({"html": html, "errors": {}})

    def file(
        self, request: HttpRequest, case_id: UUID, file_id: UUID, form: str
    ) -> HttpResponseBase:
        """Show a file of the case to whoever may see the case."""
        me = access.required(request)
        found = File.everywhere.filter(me.sees(), case=case_id, pk=file_id).first()
        return papers.respond(request, found, form)

    def export(self, request: HttpRequest, case_id: UUID) -> HttpResponseBase:
        """Give the whole case as a ZIP to whoever may see it."""
        me = access.required(request)
        case = _found(me, case_id)
        return sent(gather(case_id, Actor(role=EVERYTHING, marketplace_id=case.marketplace_id)))

    def page(
        self,
        request: HttpRequest,
        me: Mediator,
        case: Case,
        step: str = "",
        form: Act | None = None,
        *,
        write: thread.Write | None = None,
        preview: preview.Preview | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Show a case, with a form that was sent in vain in front of the others."""
        acts = {name: FORMS[name](case) for name in FORMS if name in dossier.possible(case)}
        if form is not None:
            acts = {step: form} | {name: act for name, act in acts.items() if name != step}
        context = {
            **self.admin_site.each_context(request),
            **dossier.dossier(case),
            "title": case.number,
            "is_fullwidth": "1",
            "me": me,
            "acts": acts,
            "opened_act": step,
            "preview": preview,
            "write": (write or thread.Write(case)) if me.role in STAFF else None,
            "may_claim": me.role in JUDGES,
            "may_calibrate": calibrations.may_pick(me, case),
        }
        return TemplateResponse(request, "desk/case.html", context, status=status)


def _asked(request: HttpRequest, case_id: UUID, step: str) -> tuple[Mediator, Case]:
    """Find who asks for an act, and the case.

    :raises Http404: no such act or case
    :raises PermissionDenied: it is not for this role
    """
    if step not in FORMS:
        raise Http404
    me = access.required(request)
    case = _found(me, case_id)
    if me.role not in STEPS[step].rule.by:
        raise PermissionDenied
    return me, case


def _found(me: Mediator, pk: UUID | None) -> Case:
    if pk is None:
        raise Http404
    return dossier.look(me, pk)


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
