"""Who is at work: the roster, going on and off shift, giving several disputes to somebody."""

import re
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as text
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases.models import Marketplace
from cases.refusals import Refused
from cases.roles import JUDGES
from mediation import roster
from mediation.desk import access, words
from mediation.models import Duty, Mediator

CHOSEN = re.compile(r"([0-9a-f-]{36})~(\d{1,9})")  # a case, and the version that was shown


def at_work() -> list[Mediator]:
    """List the mediators that disputes may be given to."""
    return list(_judges().filter(on_shift=True).select_related("user").order_by("user__username"))


def under(me: Mediator) -> QuerySet[Mediator]:
    """Keep the mediators who work nowhere but where this person does."""
    if me.everywhere:
        return _judges()
    beyond = Marketplace.objects.exclude(pk__in=me.marketplaces.values("pk"))
    return _judges().filter(everywhere=False).exclude(marketplaces__in=beyond)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show who is at work, with what each of them holds."""
    me = access.required(request, access.OFFICE)
    context = {
        **admin.site.each_context(request),
        "title": text("Roster"),
        "people": roster.workload(under(me)),
        "may_change": me.role == Duty.SUPERVISOR,
    }
    return TemplateResponse(request, "desk/roster.html", context)


def change(request: HttpRequest, mediator_id: UUID | None = None) -> HttpResponse:
    """Go on or off shift, or send somebody: as a supervisor."""
    if mediator_id is None:
        me = mediator = access.required(request, JUDGES)
    else:
        me = access.required(request, {Duty.SUPERVISOR})
        mediator = get_object_or_404(under(me), pk=mediator_id)
    wanted = request.POST.get("on_shift")
    if wanted not in {"yes", "no"}:
        raise Http404
    if wanted == "yes":
        roster.come(mediator)
        messages.success(request, text("%s is on shift.") % mediator)
    else:
        count = roster.leave(mediator, by=me)
        told = ngettext(
            "%(who)s is off shift; %(count)d dispute went back to the docket.",
            "%(who)s is off shift; %(count)d disputes went back to the docket.",
            count,
        )
        messages.success(request, told % {"who": mediator, "count": count})
    return redirect("admin:cases_docket_changelist" if mediator_id is None else "admin:roster")


def assign_many(request: HttpRequest) -> HttpResponse:
    """Give the ticked disputes to a mediator, each as it was shown."""
    me = access.required(request, {Duty.SUPERVISOR})
    to = _judges().filter(pk=_uuid(request.POST.get("mediator", ""))).first()
    ticked = [CHOSEN.fullmatch(value) for value in request.POST.getlist("chosen")]
    if to is None or not ticked or None in ticked:
        messages.error(request, text("Tick disputes and choose a mediator."))
        return redirect("admin:cases_docket_changelist")
    chosen = [(UUID(found[1]), int(found[2])) for found in ticked if found]
    answers = roster.assign_all(me, chosen, to)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    for told in dict.fromkeys(words.refusal(answer) for answer in refused):
        messages.error(request, told)
    given = len(answers) - len(refused)
    told = ngettext("%(count)d dispute for %(who)s.", "%(count)d disputes for %(who)s.", given)
    messages.success(request, told % {"count": given, "who": to})
    return redirect("admin:cases_docket_changelist")


def _judges():
    return Mediator.objects.filter(role__in=JUDGES, user__is_active=True)


def _uuid(given):
    try:
        return UUID(given)
    except ValueError:
        return None
