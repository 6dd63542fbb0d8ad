"""Complaints at the desk: the queue by rank, the page of one, its acts. A GET changes nothing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from cases.complaint_actions import STEPS, available
from cases.complaint_papers import papers_of
from cases.models import Complaint, ComplaintEvent, File, Penalty, Signal
from cases.refusals import Refused
from cases.roles import JUDGES
from mediation import steps
from mediation.complaints import docket, writer
from mediation.complaints.looking import clock_of_complaint, stand
from mediation.desk import access, papers, words
from mediation.desk.complaint_forms import FORMS, Sheet
from mediation.desk.readonly import ReadOnly
from mediation.models import Mediator

CONFLICT, UNPROCESSABLE = 409, 422
PAGE, MANY = 50, 1000
TABS = {
    "waiting": (_("Waiting"), lambda _me, at: docket.free(at)),
    "mine": (_("Mine"), docket.held_by),
    "hearing": (_("Being heard"), lambda _me, _at: Q(state="open")),
    "appeals": (_("Appeals"), lambda _me, _at: Q(state="appealed")),
    "overdue": (_("Overdue"), lambda _me, _at: Q(overdue=True)),
    "decided": (
        _("Decided"),
        lambda _me, _at: Q(state__in=["upheld", "dismissed", "final", "withdrawn"]),
    ),
}


class ComplaintAdmin(ReadOnly):
    """The queue of complaints takes the place of the admin's list."""

    def get_urls(self) -> list[URLPattern]:
        claim = self.admin_site.admin_view(require_POST(self.claim_next))
        act = self.admin_site.admin_view(require_POST(self.act))
        file = self.admin_site.admin_view(require_GET(self.file))
        return [
            path("claim-next/", claim, name="claim_next_complaint"),
            path("<uuid:pk>/acts/<slug:step>/", act, name="cases_complaint_act"),
            path("<uuid:pk>/files/<uuid:file_id>/<slug:form>/", file, name="cases_complaint_file"),
            *super().get_urls(),
        ]

    def changelist_view(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 -- Django's signature
    ) -> HttpResponse:
        me = access.required(request)
        tab, at = request.GET.get("tab", "waiting"), steps.database_clock()
        if tab not in TABS:
            raise Http404
        seen = _seen(me)
        rows = seen.filter(TABS[tab][1](me, at)).select_related("accused", "marketplace")
        order = ("-id",) if tab == "decided" else ("rank_at", "id")
        context = {
            **self.admin_site.each_context(request),
            "title": text("Complaints"),
            "is_fullwidth": "1",
            "at": at,
            "tab": tab,
            "tabs": [(n, _label, _count(seen, keep(me, at))) for n, (_label, keep) in TABS.items()],
            "rows": list(rows.order_by(*order)[:PAGE]),
            "names": access.names({row.holder for row in rows[:PAGE]}),
            "may_claim": me.role in JUDGES,
        }
        return TemplateResponse(request, "desk/complaints.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        return self.page(request, me, _found(me, object_id))

    def claim_next(self, request: HttpRequest) -> HttpResponse:
        """Take the next complaint."""
        me = access.required(request, JUDGES)
        answer = docket.claim_next(me)
        if answer is None:
            messages.info(request, text("Nothing waits in your lanes."))
        elif isinstance(answer, Refused):
            messages.error(request, words.refusal(answer))
        else:
            return redirect("admin:cases_complaint_change", answer.complaint.pk)
        return redirect("admin:cases_complaint_changelist")

    def act(self, request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
        """Take one step; if anything is wrong nothing changes, and what was typed is kept."""
        if step not in FORMS:
            raise Http404
        me = access.required(request)
        found = _found(me, pk)
        if me.role not in STEPS[step].rule.by:
            raise PermissionDenied
        form = FORMS[step](found, request.POST)
        if not form.is_valid():
            return self.page(request, me, found, step, form, UNPROCESSABLE)
        answer = _taken(me, found, step, form)
        if isinstance(answer, Refused):
            messages.error(request, words.refusal(answer))
            found = _found(me, pk)
            again = request.POST.copy()
            again["version"] = str(found.version)
            return self.page(request, me, found, step, FORMS[step](found, again), CONFLICT)
        messages.success(request, text("Done: %s") % form.title)
        return redirect("admin:cases_complaint_change", pk)

    def file(self, request: HttpRequest, pk: UUID, file_id: UUID, form: str) -> HttpResponseBase:
        """Show a file of the complaint to whoever may see the complaint."""
        me = access.required(request)
        found = File.everywhere.filter(me.sees(), complaint=pk, pk=file_id).first()
        return papers.respond(request, found, form)

    def page(  # noqa: PLR0917 -- as the case's page
        self,
        request: HttpRequest,
        me: Mediator,
        found: Complaint,
        step: str = "",
        form: Sheet | None = None,
        status: int = 200,
    ) -> HttpResponse:
        """Show a complaint, with a form that was sent in vain in front of the others."""
        found.facts.begin(me.actor)
        possible = {one.name for one in available(found)}
        if found.holder == me.person and "release" in possible:
            possible.discard("claim")  # it is held already
        acts = {name: FORMS[name](found) for name in FORMS if name in possible}
        if form is not None:
            acts = {step: form} | {name: act for name, act in acts.items() if name != step}
        statements = list(found.statements.order_by("id"))
        events = list(ComplaintEvent.objects.filter(complaint=found).order_by("sequence"))
        context = {
            **self.admin_site.each_context(request),
            "title": found.number,
            "is_fullwidth": "1",
            "me": me,
            "at": found.facts.at,
            "complaint": found,
            "statements": statements,
            "papers": papers_of(found, statements),
            "events": events,
            "penalties": list(Penalty.objects.filter(party=found.accused_id).order_by("-id")),
            "signals": list(Signal.objects.filter(party=found.accused_id, cleared_at=None)),
            "others": list(
                _seen(me).filter(accused=found.accused_id).exclude(pk=found.pk).order_by("-id")[:20]
            ),
            "holder": access.names([found.holder]).get(found.holder, ""),
            "acts": acts,
            "opened_act": step,
        }
        return TemplateResponse(request, "desk/complaint.html", context, status=status)


def _taken(me, found, step, form):
    version = form.cleaned_data["version"]
    if step == "claim":
        return docket.claim(me, found.pk, version=version, clock=clock_of_complaint(found))
    wish = writer.Wish(
        complaint_id=found.pk, step=step, by=me.actor, inputs=form.inputs(), version=version
    )
    return writer.take(wish, clock=clock_of_complaint(found))


def _seen(me: Mediator) -> QuerySet[Complaint]:
    """Keep what this person works for and what runs on the real clock."""
    return Complaint.everywhere.filter(me.sees(), clock_id=None)


def _count(seen, keep):
    return min(seen.filter(keep)[:MANY].count(), MANY)


def _found(me: Mediator, pk: Any) -> Complaint:
    """Read a complaint as it stands now.

    :raises Http404: no such complaint where this person works
    """
    try:
        key = UUID(str(pk))
    except ValueError:
        raise Http404 from None
    rows = Complaint.everywhere.filter(me.sees())
    joined = rows.select_related("accused", "reporter", "marketplace", "case")
    return stand(get_object_or_404(joined, pk=key))
