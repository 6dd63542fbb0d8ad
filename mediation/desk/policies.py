"""Policies at the desk: check a file, see what it changes, schedule it, take it back."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from cases import policies
from cases.models import Marketplace, PolicyVersion
from cases.models.policy import LAST_MINUTE, cancel, in_force, publish
from cases.policies import BadPolicy, comparing
from cases.policies.sheet import LONGEST
from cases.policy import Policy
from mediation import steps
from mediation.desk import access, policy_words, record
from mediation.desk.fields import Moment
from mediation.models import Deed, Duty, Mediator
from mediation.oversight import deeds

AUTHORS = frozenset({Duty.SUPERVISOR})  # who may schedule a version
MOST_BYTES = 4 * LONGEST  # of UTF-8
CHECK, SCHEDULE = "check", "schedule"


class Upload(forms.Form):
    """A policy file, typed or brought, and the moment from which it shall hold."""

    source = forms.CharField(
        label=_("Policy (TOML)"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "class": "code"}),
    )
    file = forms.FileField(label=_("Or a file"), required=False)
    effective_from = Moment(label=_("In force from (UTC)"), required=False)

    def clean(self) -> dict[str, Any]:
        """Put what was brought in the place of what was typed.

        :raises ValidationError: there is neither, or the file is no text
        """
        told = self.cleaned_data
        if (brought := told.get("file")) is not None:
            told["source"] = _read(brought)
        source = told.get("source", "").replace("\r\n", "\n")
        if not source.strip():
            raise ValidationError(text("Type a policy, or choose a file."), code="nothing")
        return {**told, "source": source}


def _read(brought):
    if brought.size > MOST_BYTES:
        raise ValidationError(text("The file is too large."), code="large")
    try:
        return brought.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(text("The file is no text in UTF-8."), code="no_text") from None


@dataclass(kw_only=True)
class Checked:
    """What is to be known of a policy file before it is scheduled."""

    source: str
    policy: Policy | None = None
    mistakes: tuple[tuple[int, str, str], ...] = ()  # line, what is wrong, the line's text
    running: PolicyVersion | None = None  # the version in force
    sections: list[tuple[str, list[comparing.Change]]]
    text: list[tuple[str, str]]

    @property
    def is_new(self) -> bool:
        """Whether no policy of this name is in force."""
        return self.policy is not None and self.running is None

    @property
    def is_same(self) -> bool:
        return self.running is not None and not self.sections and not self.text


def check(source: str, at: datetime) -> Checked:
    """Read a file and compare it with the version that is in force; nothing is stored."""
    try:
        policy = policies.parse(source)
    except BadPolicy as bad:
        rows = source.splitlines()
        mistakes = tuple(
            (m.line, policy_words.said(m), rows[m.line - 1] if m.line <= len(rows) else "")
            for m in bad.mistakes
        )
        return Checked(source=source, mistakes=mistakes, sections=[], text=[])
    running = _in_force(policy.name, at)
    before = _parsed(running) if running is not None else None
    return Checked(
        source=source,
        policy=policy,
        running=running,
        sections=sections(before, policy),
        text=comparing.in_text(running.source if running is not None else "", source),
    )


def sections(before: Policy | None, after: Policy) -> list[tuple[str, list[comparing.Change]]]:
    """Group what differs by section."""
    found = comparing.differences(before, after)
    return [(name, list(rows)) for name, rows in groupby(found, lambda change: change.section)]


def _in_force(name: str, at: datetime) -> PolicyVersion | None:
    try:
        return in_force(name, at)
    except PolicyVersion.DoesNotExist:
        return None


def _parsed(version: PolicyVersion) -> Policy:
    return policies.parse(version.source, bases=version.bases, version=version.version)


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
        after = _parsed(version)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "at": at,
            "version": version,
            "policy": after,
            "state": state(version, at, _in_force(version.name, at)),
            "before": before,
            "sections": sections(_parsed(before), after) if before is not None else [],
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
