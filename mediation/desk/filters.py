"""Filters of lists by a code; the choices are shown in words."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.models import Marketplace
from cases.reasons import REASONS
from mediation.desk import access, words
from mediation.desk import oversight_words as said
from mediation.outbox import FOLLOWS
from mediation.recoveries import DEBTORS, ENDS
from notifications.models import Letter


class InWords(admin.SimpleListFilter):
    """Filter by a code of one column."""

    parameter_name: str
    codes: ClassVar[words.Words]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(code, str(said)) for code, said in self.codes.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = self.value()
        return queryset.filter(**{self.parameter_name: chosen}) if chosen else queryset


class ByState(InWords):
    title, parameter_name, codes = _("State"), "state", words.STATES


class ByStateReached(InWords):
    title, parameter_name, codes = _("State"), "after", words.STATES


class ByReason(InWords):
    title, parameter_name, codes = _("Reason"), "reason", {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return words.choices(REASONS)


class ByClock(InWords):
    title, parameter_name, codes = _("Clock"), "name", words.CLOCKS


class ByChannel(InWords):
    title, parameter_name = _("Channel"), "channel"
    codes: ClassVar[words.Words] = {key: words.KINDS[key] for key in ("email", "sms")}


class ByOutcome(InWords):
    title, parameter_name = _("Outcome"), "outcome"
    codes: ClassVar[words.Words] = {key: words.STANDINGS[key] for key in Letter.Outcome.values}


class ByEffect(InWords):
    title, parameter_name = _("What"), "kind"
    codes: ClassVar[words.Words] = {follows.kind: words.KINDS[follows.kind] for follows in FOLLOWS}


class ByDeed(InWords):
    title, parameter_name, codes = _("What"), "act", said.DEEDS


class ByDebtor(InWords):
    title, parameter_name = _("Owed by"), "debtor"
    codes: ClassVar[words.Words] = {key: words.ROLES[key] for key in DEBTORS}


class ByRecoveryState(InWords):
    title, parameter_name = _("State"), "state"
    codes: ClassVar[words.Words] = {key: words.STANDINGS[key] for key in ("open", *ENDS)}


class ByMarketplace(InWords):
    """One of the marketplaces that somebody works for."""

    title, parameter_name, codes = _("Marketplace"), "marketplace__slug", {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        me = access.required(request)
        rows = Marketplace.objects.filter(me.sees("")).order_by("name")
        return list(rows.values_list("slug", "name"))
