"""Penalties, signals and the follow-up queue at the desk."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cases.conduct import GROUNDS, OBJECTION
from cases.models import Case, Penalty, Rating, Signal, Statement
from cases.refusals import Refused
from cases.roles import STAFF, Role
from mediation import steps
from mediation.complaints import writer
from mediation.complaints.looking import filing
from mediation.desk import access, words
from mediation.desk.act import words_field
from mediation.desk.readonly import ReadOnly, stamp

MOST = 100


class PenaltyAdmin(ReadOnly):
    """Points and restrictions. Those of a complaint are lifted on its page, the others here."""

    list_display = ("party", "kind_", "points", "cause_", "standing_")
    list_select_related = ("party",)
    search_fields = ("party__ref",)

    @admin.display(description=_("What"))
    def kind_(self, row: Penalty) -> str:
        return words.penalty(row.kind)

    @admin.display(description=_("Because of"))
    def cause_(self, row: Penalty) -> str:
        return words.cause(row.cause)

    @admin.display(description=_("State"))
    def standing_(self, row: Penalty) -> str:
        if row.lifted_at is not None:
            return text("Lifted")
        return text("In force") if row.in_force(steps.database_clock()) else text("Run out")

    def get_urls(self) -> list[URLPattern]:
        lift = self.admin_site.admin_view(require_POST(self.lift))
        return [path("<uuid:pk>/lift/", lift, name="lift_penalty"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        row = _penalty(me, object_id)
        if row.complaint_id is not None:
            return redirect("admin:cases_complaint_change", row.complaint_id)
        may_lift = me.role == Role.SUPERVISOR and row.in_force(steps.database_clock())
        context = {
            **self.admin_site.each_context(request),
            "title": f"{words.penalty(row.kind)} · {row.party.ref}",
            "row": row,
            "may_lift": may_lift,
        }
        return TemplateResponse(request, "desk/penalty.html", context)

    def lift(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Lift points that came from the record alone, with a reason."""
        me = access.required(request, [Role.SUPERVISOR])
        row = _penalty(me, pk)
        statement = _typed(request)
        if not statement:
            messages.error(request, text("Say why."))
            return redirect("admin:cases_penalty_change", pk)
        wish = filing(
            row.party,
            ground=OBJECTION,
            by=me.actor,
            at=steps.database_clock(),
            market=row.marketplace,
            case=row.case_id,
            step="lift",
            penalty=row.pk,
        )
        return _answered(request, writer.take(_with(wish, statement)), "cases_penalty")


def _penalty(me, pk):
    rows = Penalty.objects.filter(me.sees()).select_related("party", "marketplace")
    return get_object_or_404(rows, pk=_uuid(pk))


class SignalAdmin(ReadOnly):
    """Figures that stand out, with their numbers; from here our people may bring a complaint."""

    list_display = ("party", "name_", "subject", "told_", stamp("until", _("Until")))
    list_select_related = ("party",)
    search_fields = ("party__ref",)
    ordering = ("-until", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(cleared_at=None)

    @admin.display(description=_("Signal"))
    def name_(self, row: Signal) -> str:
        return words.signal(row.name)

    @admin.display(description=_("Explanation"))
    def told_(self, row: Signal) -> str:
        return words.explained(row)

    def get_urls(self) -> list[URLPattern]:
        bring = self.admin_site.admin_view(require_POST(self.bring))
        return [path("<uuid:pk>/complain/", bring, name="complain_of"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        row = _signal(me, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{words.signal(row.name)} · {row.party.ref}",
            "row": row,
            "told": words.explained(row),
            "may_complain": me.role in STAFF,
        }
        return TemplateResponse(request, "desk/signal.html", context)

    def bring(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Bring a complaint because of a signal: the party is heard, and a mediator decides."""
        me = access.required(request, STAFF)
        row = _signal(me, pk)
        statement = _typed(request)
        if not statement:
            messages.error(request, text("Say why."))
            return redirect("admin:cases_signal_change", pk)
        at = steps.database_clock()
        ground = GROUNDS["signal"].key
        wish = filing(row.party, ground=ground, by=me.actor, at=at, market=row.marketplace)
        return _answered(request, writer.take(_with(wish, statement)), "cases_complaint")


def _signal(me, pk):
    rows = Signal.objects.filter(me.sees()).select_related("party", "marketplace")
    return get_object_or_404(rows, pk=_uuid(pk))


class RatingAdmin(ReadOnly):
    """What follows up: low ratings that nobody has looked at, and cases that were reopened."""

    scope = "case__marketplace"

    def get_urls(self) -> list[URLPattern]:
        look = self.admin_site.admin_view(require_POST(self.look))
        return [path("<uuid:pk>/looked-at/", look, name="looked_at"), *super().get_urls()]

    def changelist_view(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 -- Django's signature
    ) -> HttpResponse:
        me = access.required(request)
        low = Rating.objects.filter(me.sees("case__marketplace"), score__lte=2, looked_at=None)
        ratings = list(low.select_related("case").order_by("rated_at")[:MOST])
        said = Statement.objects.in_bulk([r.statement_id for r in ratings if r.statement_id])
        for rating in ratings:
            rating.comment = said.get(rating.statement_id)  # type: ignore[attr-defined]
        again = Case.everywhere.filter(me.sees(), reopened=True, state="in_mediation")
        context = {
            **self.admin_site.each_context(request),
            "title": text("Follow-up"),
            "is_fullwidth": "1",
            "ratings": ratings,
            "reopened": list(again.select_related("dispute").order_by("id")[:MOST]),
            "may_look": me.role in STAFF,
        }
        return TemplateResponse(request, "desk/follow_up.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        rows = Rating.objects.filter(me.sees("case__marketplace"))
        row = get_object_or_404(rows, pk=_uuid(object_id))
        return redirect("admin:cases_case_change", row.case_id)

    def look(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Note that somebody has looked at a rating."""
        me = access.required(request, STAFF)
        rows = Rating.objects.filter(me.sees("case__marketplace"), pk=pk, looked_at=None)
        if not rows.update(looked_at=steps.database_clock(), looked_by=me.person):
            raise Http404
        messages.success(request, text("Noted."))
        return redirect("admin:cases_rating_changelist")


def _typed(request):
    field = words_field("")
    return field.clean(given) if (given := request.POST.get("statement", "").strip()) else ""


def _with(wish, statement):
    wish.inputs["statement"] = statement
    return wish


def _answered(request, answer, table):
    if isinstance(answer, Refused):
        messages.error(request, words.refusal(answer))
        return redirect(f"admin:{table}_changelist")
    messages.success(request, text("Done."))
    return redirect("admin:cases_complaint_change", answer.complaint.pk)


def _uuid(given: Any) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise Http404 from None
