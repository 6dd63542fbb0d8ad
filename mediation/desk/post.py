"""The post office and the outbox, to look at. The one exception: dead letters are sent again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
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
from mediation.desk import access, words
from mediation.desk.readonly import ReadOnly, stamp
from mediation.models import Effect, Mediator
from notifications import attempts
from notifications.masks import masked
from notifications.models import Contact, Delivery, Letter

DUE = stamp("due_at", _("Due"))
DONE = stamp("done_at", _("Done"))
DEAD = stamp("dead_at", _("Given up"))
MOST = 100  # dead letters of a kind on the page


class LetterAdmin(ReadOnly):
    readers = access.OFFICE
    scope = "marketplace_id"
    ordering = ("-due_at", "pk")
    list_display = ("template", "channel_", "outcome_", "attempts", DUE, DONE, DEAD)
    list_filter = ("channel", "outcome")

    @admin.display(description=_("Channel"))
    def channel_(self, letter: Letter) -> str:
        return words.say(words.KINDS, letter.channel)

    @admin.display(description=_("Outcome"))
    def outcome_(self, letter: Letter) -> str:
        return words.say(words.STANDINGS, letter.outcome)


class DeliveryAdmin(ReadOnly):
    readers = access.OFFICE
    scope = "endpoint__marketplace_id"
    ordering = ("-due_at", "pk")
    list_display = ("endpoint", "sequence", "status", "attempts", DUE, DONE, DEAD)
    list_select_related = ("endpoint",)


class EndpointAdmin(ReadOnly):
    """Where marketplaces hear of their cases; the secrets are shown to nobody."""

    readers = access.OFFICE
    scope = "marketplace_id"
    list_display = ("url", "active", "failing_since", "disabled_at")
    fields = ("url", "active", "failing_since", "disabled_at", "disabled_because")


class ContactAdmin(ReadOnly):
    """How people are reached, masked."""

    readers = access.OFFICE
    scope = "marketplace_id"
    list_display = ("masked_", "channel", "locale", "time_zone", "verified_at", "bounced_at")
    fields = ("masked_", "channel", "locale", "time_zone", "verified_at", "bounced_at")

    @admin.display(description=_("Address"))
    def masked_(self, contact: Contact) -> str:
        return masked(contact.address)


class EffectAdmin(ReadOnly):
    """What follows events outside; and the page of all dead letters."""

    readers = access.OFFICE
    scope = "case__marketplace"
    ordering = ("-pk",)
    list_display = ("case", "kind", "attempts", DUE, DONE, DEAD, "last_error")
    list_select_related = ("case",)
    list_filter = ("kind",)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.dead)
        replay = self.admin_site.admin_view(require_POST(self.replay))
        return [
            path("dead/", page, name="dead_letters"),
            path("dead/<slug:table>/", replay, name="replay_all"),
            path("dead/<slug:table>/<uuid:pk>/", replay, name="replay"),
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
        """Give one dead letter, or all of a queue, their attempts again."""
        me = access.required(request, access.REPAIRS)
        if table not in QUEUES:
            raise Http404
        rows = QUEUES[table].dead(me)
        if pk is not None:
            rows = rows.filter(pk=pk)
        count = attempts.replay(rows, at=steps.database_clock())
        told = ngettext("%d is tried again.", "%d are tried again.", count) % count
        messages.success(request, told)
        return redirect("admin:dead_letters")


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One of the queues whose rows can die."""

    table: str
    title: str | Promise
    model: type[attempts.Attempt]
    scope: str
    what: str  # the column that names what a row is

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
            what="template",
        ),
        Queue(
            table="deliveries",
            title=_("Webhook deliveries"),
            model=Delivery,
            scope="endpoint__marketplace_id",
            what="sequence",
        ),
        Queue(
            table="effects",
            title=_("Effects"),
            model=Effect,
            scope="case__marketplace",
            what="kind",
        ),
    )
}


def _listed(queue, me):
    rows = list(queue.dead(me).order_by("-dead_at", "pk")[: MOST + 1])
    for row in rows:
        row.what = getattr(row, queue.what)
    return rows[:MOST], len(rows) > MOST
