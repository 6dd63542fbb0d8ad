"""Blind second reviews at the desk: a mediator decides a case anew and does not see the ruling."""

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cases.models import ApplicationItem, Evidence, File, Statement
from cases.roles import JUDGES, PARTIES
from mediation import steps
from mediation.desk import access, calibrations, dashboard, papers, showing, words
from mediation.desk.deciding import Decide
from mediation.desk.readonly import ReadOnly, stamp
from mediation.models import BlindReview, Duty, Mediator
from mediation.oversight import reviews

DRAWERS = frozenset({Duty.SUPERVISOR})
DRAWN, REVIEWED = stamp("drawn_at", _("Drawn")), stamp("reviewed_at", _("Reviewed"))


class Draw(forms.Form):
    number = forms.IntegerField(label=_("Rulings"), min_value=1, max_value=reviews.MOST, initial=10)


class BlindReviewAdmin(ReadOnly):
    """Reviews to look at for the office, a form for mediators; and the dashboard's pages."""

    readers = access.OFFICE
    ordering = ("-pk",)
    list_display = ("ruling_of", "marketplace", DRAWN, "reviewer_", REVIEWED, "remedy_")
    list_select_related = ("marketplace", "case")
    fields = ("marketplace", "drawn_at", "taken_at", "reviewed_at", "remedy_", "amount_", "reasons")

    @admin.display(description=_("Case"))
    def ruling_of(self, review: BlindReview) -> str:
        return review.case.number

    @admin.display(description=_("State"))
    def reviewer_(self, review: BlindReview) -> str:
        if review.reviewed_at is not None:
            return text("written")
        return text("taken up") if review.reviewer else text("waits")

    @admin.display(description=_("Remedy"))
    def remedy_(self, review: BlindReview) -> str:
        return words.remedy(review.remedy) if review.remedy else "-"

    @admin.display(description=_("Amount"))
    def amount_(self, review: BlindReview) -> str:
        if review.amount is None:
            return "-"
        return showing.money(review.amount, review.case.currency)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("dashboard/", view(require_GET(dashboard.page)), name="dashboard"),
            path(
                "dashboard/<slug:figure>.csv",
                view(require_GET(dashboard.download)),
                name="dashboard_csv",
            ),
            *calibrations.urls(view),
            path("draw/", view(require_POST(self.draw)), name="draw_reviews"),
            path("mine/", view(self.mine), name="blind_reviews"),
            path("mine/<uuid:pk>/", view(self.decide), name="blind_review"),
            path("mine/<uuid:pk>/back/", view(require_POST(self.back)), name="give_review_back"),
            path(
                "mine/<uuid:pk>/files/<uuid:file_id>/<slug:form>/",
                view(require_GET(self.file)),
                name="blind_review_file",
            ),
            *super().get_urls(),
        ]

    def mine(self, request: HttpRequest) -> HttpResponse:
        """Show what waits; a POST takes up the next one."""
        me = access.required(request)
        if request.method == "POST":
            access.required(request, JUDGES)
            review = reviews.take_next(me, at=steps.database_clock())
            if review is not None:
                return redirect("admin:blind_review", review.pk)
            messages.info(request, text("No review waits for you."))
        context = {
            **self.admin_site.each_context(request),
            "title": text("Blind reviews"),
            "waiting": reviews.open_to(me).count(),
            "taken": reviews.taken_by(me).filter(calibration=None).exists(),
            "may_take": me.role in JUDGES,
            "draw": Draw(label_suffix="") if me.role in DRAWERS else None,
            "may_list": me.role in access.OFFICE,
        }
        return TemplateResponse(request, "desk/reviews.html", context)

    def draw(self, request: HttpRequest) -> HttpResponse:
        """Draw a sample of the rulings of the last days."""
        me = access.required(request, DRAWERS)
        form = Draw(request.POST)
        if not form.is_valid():
            messages.error(request, text("Choose a number from 1 to %d.") % reviews.MOST)
            return redirect("admin:blind_reviews")
        drawn = reviews.draw(me, form.cleaned_data["number"], at=steps.database_clock())
        told = ngettext("%d ruling was drawn.", "%d rulings were drawn.", len(drawn))
        messages.success(request, told % len(drawn))
        return redirect("admin:blind_reviews")

    def decide(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show a case without its ruling, and take what is decided anew."""
        me = access.required(request, JUDGES)
        review = _mine(me, pk)
        form = Decide(review.case, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            if not reviews.write(review, me, at=steps.database_clock(), **form.decided()):
                raise PermissionDenied
            messages.success(request, text("The review is written. Thank you."))
            return redirect(_home(review))
        context = {
            **self.admin_site.each_context(request),
            **_as_it_was(review),
            "title": text("Calibration case") if review.calibration_id else text("Blind review"),
            "is_fullwidth": "1",
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "desk/review.html", context, status=status)

    def back(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Leave it to somebody else."""
        me = access.required(request, JUDGES)
        review = _mine(me, pk)
        reviews.give_back(review, me)
        return redirect(_home(review))

    def file(self, request: HttpRequest, pk: UUID, file_id: UUID, form: str) -> HttpResponseBase:
        """Show a file that both sides have handed in, to who reviews the case."""
        me = access.required(request, JUDGES)
        review = _mine(me, pk)
        shown = Evidence.objects.filter(
            case=review.case_id, handed_in_at__lte=review.ruling.ruled_at, role__in=PARTIES
        )
        found = File.everywhere.filter(pk=file_id, pk__in=shown.values("file")).first()
        return papers.respond(request, found, form)


def _home(review):
    return "admin:calibrations" if review.calibration_id else "admin:blind_reviews"


def _mine(me: Mediator, pk: UUID) -> BlindReview:
    rows = reviews.taken_by(me).select_related("ruling", "case__order", "case__policy")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _as_it_was(review):
    """Gather what the mediator knew when it ruled: nothing of the ruling, and nothing later."""
    case, until = review.case, review.ruling.ruled_at
    said = Statement.objects.filter(
        case=case, written_at__lte=until, role__in=[*PARTIES, "service"]
    )
    stories: dict[str, list[Statement]] = {"buyer": [], "seller": []}
    for row in said.order_by("id"):
        stories["seller" if row.role == "seller" else "buyer"].append(row)
    evidence = Evidence.objects.filter(case=case, handed_in_at__lte=until, role__in=PARTIES)
    items = ApplicationItem.objects.filter(
        application__case=case, application__applied_at__lte=until
    )
    asked = list(items.select_related("line", "application").order_by("-application__number", "id"))
    last = asked[0].application if asked else None
    return {
        "review": review,
        "case": case,
        "asked": last,
        "items": [item for item in asked if item.application_id == asked[0].application_id],
        "stories": stories,
        "evidence": list(evidence.select_related("file").order_by("id")),
    }
