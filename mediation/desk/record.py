"""The tables of the record, to look at: orders, events, clocks, policies, marketplaces."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from cases.models import Clock, Event, Marketplace, OrderLine, Party, Payment
from mediation.desk import access, sentences, showing, words
from mediation.desk.filters import ByClock, ByStateReached
from mediation.desk.readonly import ReadOnly, amount, stamp, written

AT = stamp("at", _("When"))
DUE = stamp("due_at", _("Due"))
STARTED = stamp("started_at", _("Started"))
PLACED = stamp("placed_at", _("Placed"))
FROM = stamp("effective_from", _("In force from"))
PUBLISHED = stamp("published_at", _("Published"))
PAID, AMOUNT = amount("paid", _("Paid")), amount("amount", _("Amount"))
RESERVED, REFUNDED = amount("reserved", _("To be refunded")), amount("refunded", _("Refunded"))
ZONE, METHOD = written("time_zone", _("Time zone")), written("method", _("Means of payment"))
ISSUER = written("issuer", _("issuer of tokens"))
OUTSIDE = amount("outside", _("Given back elsewhere"))
GIVEN_BACK = amount("given_back", _("Given back"))
FREIGHT = amount("freight", _("Outbound freight"))
RESERVED_FREIGHT = amount("freight_reserved", _("Freight to be refunded"))
REFUNDED_FREIGHT = amount("freight_refunded", _("Freight refunded"))


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
    fields = readonly_fields = (
        *("ref", "title", "quantity", PAID, "claimed", RESERVED, REFUNDED, OUTSIDE),
    )


class Payments(Inline):
    model = Payment
    fields = readonly_fields = ("ref", METHOD, AMOUNT, GIVEN_BACK, "captured_at")


class OrderAdmin(ReadOnly):
    list_display = ("ref", "marketplace", "buyer", "seller", "currency", PLACED)
    list_select_related = ("marketplace", "buyer", "seller")
    search_fields = ("=ref",)
    inlines = (Lines, Payments)
    fields = (
        *("ref", "marketplace", "buyer", "seller", "currency", ZONE),
        *("region", "placed_at", "promised_at", "shipped_at", "delivered_at", "listing_hash"),
        *(FREIGHT, RESERVED_FREIGHT, REFUNDED_FREIGHT),
    )


class EventAdmin(ReadOnly):
    list_display = ("case", "sequence", "sentence_", "role_", "state_", AT, DUE)
    list_select_related = ("case",)
    list_filter = (ByStateReached,)
    fields = (
        *("case", "sequence", "sentence_", "role_", "before_", "state_"),
        *("at", "due_at", written("payload", _("Payload"))),
    )

    def title_of(self, row: Event) -> str:
        return self.sentence_(row)

    @admin.display(description=_("What happened"))
    def sentence_(self, event: Event) -> str:
        return sentences.sentence(event, sentences.payload(event))

    @admin.display(description=_("By"))
    def role_(self, event: Event) -> str:
        return words.say(words.ROLES, event.role)

    @admin.display(description=_("State"))
    def state_(self, event: Event) -> str:
        return words.say(words.STATES, event.after)

    @admin.display(description=_("State before"))
    def before_(self, event: Event) -> str:
        return words.say(words.STATES, event.before)


class ClockAdmin(ReadOnly):
    scope = "case__marketplace"
    ordering = ("next_at", "pk")
    list_display = ("case", "name_", "party_", "length", STARTED, DUE, "left_")
    list_select_related = ("case",)
    list_filter = (ByClock,)
    fields = (
        *("case", "name_", "party_", "length", "started_at", "due_at", "next_at", "left_"),
        *("stood_still", "extensions", "taken", "granted", "asked_hours", "parked"),
    )

    def title_of(self, row: Clock) -> str:
        return self.name_(row)

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
    list_display = ("name", "slug", ISSUER, "policy_name", "language_", "secret_")
    fields = ("slug", "name", ISSUER, "secret_", "jwks_url", "policy_name", "language_")

    @admin.display(description=_("Language"))
    def language_(self, row: Marketplace) -> str:
        return words.language(row.language)

    @admin.display(description=_("Secret"))
    def secret_(self, row: Marketplace) -> str:
        return "••••••••" if row.secret else "-"


class PartyAdmin(ReadOnly):
    list_display = ("ref", "role_", "marketplace", "language_")
    list_select_related = ("marketplace",)
    search_fields = ("=ref",)
    fields = ("ref", "role_", "marketplace", "language_", "return_address")

    @admin.display(description=_("Role"))
    def role_(self, party: Party) -> str:
        return words.say(words.ROLES, party.role)

    @admin.display(description=_("Language"))
    def language_(self, party: Party) -> str:
        return words.language(party.language)
