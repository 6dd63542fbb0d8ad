"""The tables of the record, to look at: orders, events, clocks, policies, marketplaces."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from cases.models import Clock, Event, Marketplace, OrderLine, Payment
from mediation.desk import access, sentences, showing, words
from mediation.desk.readonly import ReadOnly, stamp

AT = stamp("at", _("When"))
DUE = stamp("due_at", _("Due"))
STARTED = stamp("started_at", _("Started"))
PLACED = stamp("placed_at", _("Placed"))
FROM = stamp("effective_from", _("In force from"))
PUBLISHED = stamp("published_at", _("Published"))


class InWords(admin.SimpleListFilter):
    """Filter by a code; the choices are shown in words."""

    parameter_name: str
    codes: ClassVar[words.Words]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(code, str(said)) for code, said in self.codes.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = self.value()
        return queryset.filter(**{self.parameter_name: chosen}) if chosen else queryset


class ByState(InWords):
    title, parameter_name, codes = _("State"), "after", words.STATES


class ByClock(InWords):
    title, parameter_name, codes = _("Clock"), "name", words.CLOCKS


class Inline(TabularInline):
    """Rows of a parent; nothing to edit."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return access.is_staff(request)


class Lines(Inline):
    model = OrderLine
    fields = ("ref", "title", "quantity", "paid", "claimed", "reserved", "refunded", "outside")


class Payments(Inline):
    model = Payment
    fields = ("ref", "method", "amount", "given_back", "captured_at")


class OrderAdmin(ReadOnly):
    list_display = ("ref", "marketplace", "buyer", "seller", "currency", PLACED)
    list_select_related = ("marketplace", "buyer", "seller")
    search_fields = ("=ref",)
    inlines = (Lines, Payments)


class EventAdmin(ReadOnly):
    list_display = ("case", "sequence", "sentence_", "role_", "state_", AT, DUE)
    list_select_related = ("case",)
    list_filter = (ByState,)
    exclude = ("previous", "hash", "xact")

    @admin.display(description=_("What happened"))
    def sentence_(self, event: Event) -> str:
        return sentences.sentence(event, sentences.payload(event))

    @admin.display(description=_("By"))
    def role_(self, event: Event) -> str:
        return words.say(words.ROLES, event.role)

    @admin.display(description=_("State"))
    def state_(self, event: Event) -> str:
        return words.say(words.STATES, event.after)


class ClockAdmin(ReadOnly):
    scope = "case__marketplace"
    ordering = ("next_at", "pk")
    list_display = ("case", "name_", "party_", "length", STARTED, DUE, "left_")
    list_select_related = ("case",)
    list_filter = (ByClock,)

    @admin.display(description=_("Clock"))
    def name_(self, clock: Clock) -> str:
        return words.say(words.CLOCKS, clock.name)

    @admin.display(description=_("Stands still with"))
    def left_(self, clock: Clock) -> str:
        return showing.span(clock.remaining) if clock.remaining is not None else "-"

    @admin.display(description=_("Side"))
    def party_(self, clock: Clock) -> str:
        return words.say(words.ROLES, clock.party)


class PolicyAdmin(ReadOnly):
    readers = access.OFFICE
    scope = None
    list_display = ("name", "version", FROM, PUBLISHED)


class MarketplaceAdmin(ReadOnly):
    """A tenant; its secret is shown to nobody."""

    readers = access.OFFICE
    scope = ""
    list_display = ("name", "slug", "issuer", "policy_name", "language", "secret_")
    fields = ("slug", "name", "issuer", "secret_", "jwks_url", "policy_name", "language")

    @admin.display(description=_("Secret"))
    def secret_(self, row: Marketplace) -> str:
        return "••••••••" if row.secret else "-"


class PartyAdmin(ReadOnly):
    list_display = ("ref", "role", "marketplace", "language")
    list_select_related = ("marketplace",)
    search_fields = ("=ref",)
