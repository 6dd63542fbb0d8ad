"""The post office and the outbox, to look at. The one exception: dead letters are sent again."""

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
from unfold.views import ChangeList

from cases.models import Case
from mediation import steps
from mediation.desk import access, letters, recipients, words
from mediation.desk.readonly import ReadOnly, stamp
from mediation.models import Effect, Mediator, Thumbnail
from mediation.oversight import deeds
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
    list_display = (
        *("about_", "recipient_", "channel_", "outcome_", "attempts_"),
        *(DUE, DONE, DEAD),
    )
    list_filter = ("channel", "outcome")
    search_fields = ("template",)  # what else is searched for: get_search_results
    search_help_text = _("An address as it is shown here, or a whole one; or a case number")
    fields = (
        *("about_", "template", "recipient_", "channel_", "locale", "outcome_", "attempts"),
        *("due_at", "done_at", "dead_at", "last_error", "case_", "params", "body_"),
    )

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 -- Django's signature
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        return recipients.search(queryset, search_term.strip()), False

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return recipients.LetterList

    @admin.display(description=_("About"))
    def about_(self, letter: Letter) -> str:
        return letters.subject(letter.template)

    @admin.display(description=_("Attempts"))
    def attempts_(self, letter: Letter) -> int:
        return letter.attempts

    @admin.display(description=_("To"))
    def recipient_(self, letter: Letter) -> str:
        return recipients.address_of(letter)

    @admin.display(description=_("Case"))
    def case_(self, letter: Letter) -> str:
        return Case(id=letter.case_id).number

    @admin.display(description=_("Body"))
    def body_(self, letter: Letter) -> str:
        return recipients.without_addresses(letter.rendered) or "-"

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
    list_display = ("endpoint", "case_", "sequence", "status", "attempts", DUE, DONE, DEAD)
    list_select_related = ("endpoint",)
    list_filter = ("status",)
    fields = (
        *("endpoint", "case_", "sequence", "status", "answer", "attempts"),
        *("due_at", "done_at", "dead_at", "last_error", "body"),
    )

    @admin.display(description=_("Case"))
    def case_(self, delivery: Delivery) -> str:
        return Case(id=delivery.case_id).number


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
