"""Policies at the desk: all versions, a form for a new one; a scheduled one is cancelled."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.views.decorators.http import require_POST

from cases.models import Marketplace, PolicyVersion
from cases.models.policy import LAST_MINUTE, cancel, publish
from cases.policies import comparing
from mediation import steps
from mediation.desk import access, record
from mediation.desk.policy_check import (
    Checked,
    Upload,
    check,
    parsed,
    running_version,
    sections,
)
from mediation.models import Deed, Duty, Mediator
from mediation.oversight import deeds

AUTHORS = frozenset({Duty.SUPERVISOR})  # who may schedule a version
CHECK, SCHEDULE = "check", "schedule"


def state(version: PolicyVersion, at: datetime, running: PolicyVersion | None) -> str:
    """Name how a version stands: cancelled, scheduled, in_force or past."""
    if version.cancelled_at is not None:
        return "cancelled"
    if version.effective_from > at:
        return "scheduled"
    return "in_force" if running is not None and running.pk == version.pk else "past"


def may_schedule(me: Mediator, name: str) -> bool:
    """Say whether somebody may change a policy: only with all marketplaces that live by it."""
    if me.role not in AUTHORS:
        return False
    using = Marketplace.objects.filter(policy_name=name)
    if me.everywhere:
        return True
    return using.exists() and not using.exclude(me.sees("")).exists()


class PolicyAdmin(record.PolicyAdmin):
    """All versions; a version is a page of ours, and a new one is scheduled from a form."""

    def get_urls(self) -> list[URLPattern]:
        new = self.admin_site.admin_view(self.new)
        take_back = self.admin_site.admin_view(require_POST(self.cancel))
        return [
            path("new/", new, name="new_policy"),
            path("<uuid:pk>/cancel/", take_back, name="cancel_policy"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        me = access.required(request, access.OFFICE)
        at = steps.database_clock()
        rows = list(PolicyVersion.objects.order_by("name", "-version").defer("source", "bases"))
        users: dict[str, list[str]] = {}
        for market in Marketplace.objects.filter(me.sees("")).order_by("name"):
            users.setdefault(market.policy_name, []).append(market.name)
        context = {
            **self.admin_site.each_context(request),
            "title": text("Policies"),
            "at": at,
            "policies": [_listed(name, list(found), at, users) for name, found in _by_name(rows)],
            "may": me.role in AUTHORS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "desk/policies.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any
    ) -> HttpResponse:
        me = access.required(request, access.OFFICE)
        version = _found(object_id)
        at = steps.database_clock()
        older = PolicyVersion.objects.filter(
            name=version.name, cancelled_at=None, effective_from__lt=version.effective_from
        )
        before = older.order_by("effective_from").last()
        after = parsed(version)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "at": at,
            "version": version,
            "policy": after,
            "state": state(version, at, running_version(version.name, at)),
            "before": before,
            "sections": sections(parsed(before), after) if before is not None else [],
            "text": comparing.in_text(before.source, version.source) if before is not None else [],
            "deeds": _deeds_of(version),
            "may": me.role in AUTHORS,
            "may_cancel": may_schedule(me, version.name)
            and version.cancelled_at is None
            and version.effective_from > at + LAST_MINUTE,
        }
        return TemplateResponse(request, "desk/policy.html", context)

    def new(self, request: HttpRequest) -> HttpResponse:
        """Check a file, and schedule it if that is what was asked for."""
        me = access.required(request, AUTHORS)
        at = steps.database_clock()
        if request.method != "POST":
            return self._form(request, at, Upload(initial=_initial(request), label_suffix=""))
        form = Upload(request.POST, request.FILES, label_suffix="")
        if not form.is_valid():
            return self._form(request, at, form, status=422)
        checked = check(form.cleaned_data["source"], at)
        form.data = {**request.POST.dict(), "source": checked.source}  # that of a file, too
        if request.POST.get("do") != SCHEDULE or checked.policy is None:
            return self._form(request, at, form, checked, status=422 if checked.mistakes else 200)
        version = _schedule(me, form, checked, at)
        if version is None:
            return self._form(request, at, form, checked, status=422)
        messages.success(request, text("Scheduled: %s") % version)
        return redirect("admin:cases_policyversion_change", version.pk)

    def _form(
        self,
        request: HttpRequest,
        at: datetime,
        form: Upload,
        checked: Checked | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": text("New version of a policy"),
            "at": at,
            "form": form,
            "checked": checked,
        }
        return TemplateResponse(request, "desk/new_policy.html", context, status=status)

    def cancel(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Take a scheduled version back before it begins."""
        me = access.required(request, AUTHORS)
        with transaction.atomic():
            version = PolicyVersion.objects.select_for_update().filter(pk=pk).first()
            if version is None:
                raise Http404
            if not may_schedule(me, version.name):
                raise PermissionDenied
            at = steps.database_clock()
            if cancel(version, at=at):
                deeds.note(me, "cancel_policy", at=at, **_told(version))
                messages.success(request, text("Cancelled: %s") % version)
            else:
                messages.error(request, text("It has begun, begins this minute or was cancelled."))
        return redirect("admin:cases_policyversion_change", pk)


def _schedule(me, form, checked, at):
    """Store a version; None: it cannot be, and the form says why."""
    start, name = form.cleaned_data.get("effective_from"), checked.policy.name
    if not may_schedule(me, name):
        raise PermissionDenied
    if start is None or start <= at + LAST_MINUTE:
        form.add_error("effective_from", text("Choose a moment to come."))
        return None
    try:
        with transaction.atomic():
            version = publish(checked.source, effective_from=start, at=at)
            if version.published_at != at:
                form.add_error(None, text("This is what the latest version says already."))
                return None
            deeds.note(me, "schedule_policy", at=at, **_told(version))
    except ValueError:
        form.add_error("effective_from", text("A later version is scheduled or in force."))
    except IntegrityError:
        form.add_error(None, text("Somebody has just scheduled another version."))
    else:
        return version
    return None


def _told(version):
    return {
        "policy": version.name,
        "number": version.version,
        "version": version.pk,
        "sha256": version.sha256,
        "effective_from": version.effective_from,
    }


def _deeds_of(version):
    """List who scheduled and cancelled a version: two queries."""
    found = list(Deed.objects.filter(details__version=str(version.pk)).order_by("id"))
    names = access.names(deed.person for deed in found)
    return [(deed, names.get(deed.person, deed.person)) for deed in found]


def _listed(name, versions, at, users):
    standing = [v for v in versions if v.cancelled_at is None and v.effective_from <= at]
    running = max(standing, key=lambda v: v.effective_from, default=None)
    rows = [(version, state(version, at, running)) for version in versions]
    return {"name": name, "rows": rows, "users": users.get(name, [])}


def _by_name(rows):
    return groupby(rows, lambda version: version.name)


def _initial(request):
    """Begin with the text of a version, if the address names one."""
    if given := request.GET.get("from"):
        return {"source": _found(given).source}
    return {}


def _found(given):
    try:
        return PolicyVersion.objects.get(pk=given)
    except (PolicyVersion.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None
