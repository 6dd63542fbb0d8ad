"""The outbox, to look at. The one exception: what was given up is sent again, or put aside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mediation import steps
from mediation.desk import access, letters, words
from mediation.desk.filters import ByEffect
from mediation.desk.post import DEAD, DONE, DUE, ERROR
from mediation.desk.readonly import ReadOnly
from mediation.models import Effect, Mediator, Thumbnail
from mediation.oversight import deeds
from notifications import attempts
from notifications.models import Delivery, Letter

MOST = 100  # dead letters of a kind on the page


class EffectAdmin(ReadOnly):
    """What follows events outside; and the page of all dead letters."""

    def title_of(self, row: Effect) -> str:
        return self.kind_(row)

    readers = access.OFFICE
    scope = "case__marketplace"
    ordering = ("-pk",)
    list_display = ("case", "kind_", "attempts", DUE, DONE, DEAD, ERROR)
    list_select_related = ("case",)
    list_filter = (ByEffect,)
    fields = ("case", "kind_", "attempts", "due_at", "done_at", "dead_at", "discarded_at", ERROR)

    @admin.display(description=_("What"))
    def kind_(self, effect: Effect) -> str:
        return words.say(words.KINDS, effect.kind)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.dead)
        replay = self.admin_site.admin_view(require_POST(self.replay))
        discard = self.admin_site.admin_view(require_POST(self.discard))
        return [
            path("dead/", page, name="dead_letters"),
            path("dead/<slug:table>/", replay, name="replay_all"),
            path("dead/<slug:table>/<uuid:pk>/", replay, name="replay"),
            path("dead/<slug:table>/<uuid:pk>/discard/", discard, name="discard"),
            *super().get_urls(),
        ]

    def dead(self, request: HttpRequest) -> HttpResponse:
        """List what was given up, of the three queues."""
        me = access.required(request, access.OFFICE)
        context = {
            **self.admin_site.each_context(request),
            "title": text("Dead letters"),
            "at": steps.database_clock(),
            "queues": [(queue, *_listed(queue, me)) for queue in QUEUES.values()],
            "may_replay": me.role in access.REPAIRS,
        }
        return TemplateResponse(request, "desk/dead_letters.html", context)

    def replay(self, request: HttpRequest, table: str, pk: UUID | None = None) -> HttpResponse:
        """Give one dead letter, those that were ticked, or all of a queue, their attempts again."""
        me = access.required(request, access.REPAIRS)
        rows = _dead(me, table, pk)
        if ticked := request.POST.getlist("row"):
            rows = rows.filter(pk__in=[found for found in map(_uuid, ticked) if found])
        count = _done(me, "replay_dead", table, rows, attempts.replay)
        told = ngettext("%d is tried again.", "%d are tried again.", count) % count
        messages.success(request, told)
        return redirect("admin:dead_letters")

    def discard(self, request: HttpRequest, table: str, pk: UUID) -> HttpResponse:
        """Put one dead letter aside: it stays dead and leaves the list."""
        me = access.required(request, access.REPAIRS)
        count = _done(me, "discard_dead", table, _dead(me, table, pk), attempts.discard)
        told = ngettext("%d was put aside.", "%d were put aside.", count) % count
        messages.success(request, told)
        return redirect("admin:dead_letters")


def _dead(me, table, pk):
    """Find the dead rows of a queue, or one of them.

    :raises Http404: there is no such queue
    """
    if table not in QUEUES:
        raise Http404
    rows = QUEUES[table].dead(me)
    return rows if pk is None else rows.filter(pk=pk)


@transaction.atomic
def _done(me, act, table, rows, do):
    """Do something with dead letters, and write down who did it."""
    at = steps.database_clock()
    ids = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    count = do(rows.model.objects.filter(pk__in=ids), at=at)
    if count:
        deeds.note(me, act, at=at, table=table, count=count, rows=ids[:MOST])
    return count


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One of the queues whose rows can die."""

    table: str
    title: str | Promise
    model: type[attempts.Attempt]
    scope: str
    what: Callable[[Any], Any]  # names a row in words

    def dead(self, me: Mediator) -> QuerySet[Any]:
        """Keep the dead rows of the marketplaces that somebody works for."""
        return self.model.objects.dead().filter(me.sees(self.scope))


QUEUES = {
    queue.table: queue
    for queue in (
        Queue(
            table="letters",
            title=_("Letters"),
            model=Letter,
            scope="marketplace_id",
            what=lambda row: letters.subject(row.template),
        ),
        Queue(
            table="deliveries",
            title=_("Webhook deliveries"),
            model=Delivery,
            scope="endpoint__marketplace_id",
            what=lambda row: row.sequence,
        ),
        Queue(
            table="effects",
            title=_("Effects"),
            model=Effect,
            scope="case__marketplace",
            what=lambda row: words.say(words.KINDS, row.kind),
        ),
        Queue(
            table="thumbnails",
            title=_("Thumbnails"),
            model=Thumbnail,
            scope="file__marketplace",
            what=lambda row: row.file_id,
        ),
    )
}


def _listed(queue, me):
    found = queue.dead(me).order_by("-dead_at", "pk")
    if queue.table == "thumbnails":
        found = found.select_related("file")
    rows = list(found[: MOST + 1])
    for row in rows:
        row.what = queue.what(row)
        row.of_case = row.file.case_id if queue.table == "thumbnails" else row.case_id
    return rows[:MOST], len(rows) > MOST


def _uuid(given):
    try:
        return UUID(given)
    except ValueError:
        return None
