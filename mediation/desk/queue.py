"""The docket as a page: the queue by rank, the button that takes the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cases.models import Clock, Docket, Marketplace
from cases.reasons import REASONS
from cases.refusals import Refused
from cases.roles import JUDGES
from mediation import docket, steps
from mediation.desk import access, shift_plans, shifts, words
from mediation.desk.readonly import ReadOnly
from mediation.models import Duty, Mediator

PAGE = 25
MANY = 1000  # a count stops here
HELD = ~Q(holder="")
TABS = {
    "waiting": (_("Waiting"), lambda _me: Q(waiting=True)),
    "mine": (_("Mine"), lambda me: Q(holder=me.person)),
    "held": (_("With mediators"), lambda _me: HELD),
    "approval": (
        _("To approve"),
        lambda _me: HELD & Q(case__dispute__state="awaiting_approval"),
    ),
    "supervisor": (_("Supervisor"), lambda _me: Q(supervisor=True)),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the queue."""

    docket: Docket
    holder: str
    mine: bool
    left: timedelta | None  # until the ruling is due, below zero when it is late
    stands_still: bool

    @property
    def ruling_due(self) -> datetime:
        """Tell from when the bonuses were counted."""
        return self.docket.rank_at + timedelta(hours=sum(self.docket.terms.values()))


def entries(rows: Iterable[Docket], me: Mediator, at: datetime) -> list[Entry]:
    """Add to each row its ruling clock and the name of who holds it: two queries."""
    rows = list(rows)
    clocks = {
        clock.case_id: clock
        for clock in Clock.objects.filter(case__in=[row.case_id for row in rows], name="ruling")
    }
    names = access.names({row.holder for row in rows})
    return [_entry(row, clocks.get(row.case_id), names, me, at) for row in rows]


def _entry(row, clock, names, me, at):
    still = clock is not None and clock.remaining is not None
    left = None
    if clock is not None:
        left = clock.remaining if still else clock.due_at - at
    return Entry(
        docket=row,
        holder=names.get(row.holder, row.holder),
        mine=row.holder == me.person,
        left=left,
        stands_still=still,
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    tab: str
    marketplace: str
    language: str
    skill: str
    after: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read it.

        :raises Http404: no such tab, language or skill
        """
        given = {name: request.GET.get(name, "") for name in ("marketplace", "language", "skill")}
        tab = request.GET.get("tab", "waiting")
        unknown = given["language"] not in {"", *words.LANGUAGES} or given["skill"] not in {
            "",
            *REASONS,
        }
        if tab not in TABS or unknown:
            raise Http404
        return cls(tab=tab, after=request.GET.get("after", ""), **given)

    def lane(self) -> Q:
        """Keep the lane that was chosen."""
        lane = Q()
        if self.marketplace:
            lane &= Q(marketplace__slug=self.marketplace)
        if self.language:
            lane &= Q(language__startswith=self.language)
        return lane & Q(skill=self.skill) if self.skill else lane

    def page(self) -> Q:
        """Keep what comes after the last line of the page before."""
        if not self.after:
            return Q()
        try:
            rank, last = self.after.split("~")
            rank_at = datetime.fromisoformat(rank)
            return Q(rank_at__gte=rank_at) & (Q(rank_at__gt=rank_at) | Q(id__gt=UUID(last)))
        except ValueError:
            raise Http404 from None


class DocketAdmin(ReadOnly):
    """The queue takes the place of the admin's list; one entry is its case's page."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("claim-next/", wrap(require_POST(self.claim_next)), name="claim_next"),
            path("assign/", wrap(require_POST(shifts.assign_many)), name="assign_many"),
            path("roster/", wrap(shifts.page), name="roster"),
            path("shifts/", wrap(shift_plans.page), name="shift_plan"),
            path("shifts/add/", wrap(require_POST(shift_plans.add)), name="add_shifts"),
            path(
                "shifts/<uuid:pk>/drop/",
                wrap(require_POST(shift_plans.drop)),
                name="drop_shift",
            ),
            path("shift/", wrap(require_POST(shifts.change)), name="own_shift"),
            path("shift/<uuid:mediator_id>/", wrap(require_POST(shifts.change)), name="shift"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        me = access.required(request)
        asked = Asked.of(request)
        at = steps.database_clock()
        seen = _seen(me).filter(asked.lane())
        chosen = seen.filter(TABS[asked.tab][1](me), asked.page())
        rows = list(
            chosen.select_related("case__dispute", "marketplace").order_by("rank_at", "id")[
                : PAGE + 1
            ]
        )
        context = {
            **self.admin_site.each_context(request),
            "title": text("Docket"),
            "is_fullwidth": "1",
            "at": at,
            "asked": asked,
            "tabs": _tabs(seen, me),
            "entries": entries(rows[:PAGE], me, at),
            "next": _address(rows[PAGE - 1]) if len(rows) > PAGE else "",
            "marketplaces": list(Marketplace.objects.filter(me.sees("")).order_by("name")),
            "languages": words.LANGUAGES,
            "skills": words.choices(REASONS),
            "me": me,
            "may_claim": me.role in JUDGES,
            "judges": shifts.at_work() if me.role == Duty.SUPERVISOR else [],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "desk/docket.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request)
        entry = _seen(me).filter(pk=_uuid(object_id)).first()
        if entry is None:
            raise Http404
        return redirect("admin:cases_case_change", entry.case_id)

    def claim_next(self, request: HttpRequest) -> HttpResponse:
        """Take the next dispute, after the ones whose lease ran out went back."""
        me = access.required(request, JUDGES)
        docket.return_expired()
        answer = docket.claim_next(me)
        if answer is None:
            messages.info(request, text("Nothing waits in your lanes."))
        elif isinstance(answer, Refused):
            messages.error(request, words.refusal(answer))
        else:
            messages.success(request, text("The dispute is yours."))
            return redirect("admin:cases_case_change", answer.case.pk)
        return redirect("admin:cases_docket_changelist")


def _seen(me: Mediator) -> QuerySet[Docket]:
    """Keep what this person works for and what runs on the real clock."""
    return Docket.objects.filter(me.sees(), clock_id=None)


def _tabs(seen, me):
    """Count each tab, up to MANY: a queue may be long, a page must be quick."""
    return [
        (name, label, min(seen.filter(keep(me))[:MANY].count(), MANY))
        for name, (label, keep) in TABS.items()
    ]


def _address(row):
    return f"{row.rank_at.isoformat()}~{row.pk}"


def _uuid(given):
    try:
        return UUID(given)
    except ValueError:
        raise Http404 from None
