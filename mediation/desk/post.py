"""The post office, to look at: letters, deliveries, and who is reached where."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from cases.models import Case
from mediation.desk import access, letters, recipients, words
from mediation.desk.filters import ByChannel, ByOutcome
from mediation.desk.readonly import ReadOnly, stamp, written
from notifications.masks import masked
from notifications.models import Contact, Delivery, Letter

DUE = stamp("due_at", _("Due"))
DONE = stamp("done_at", _("Done"))
DEAD = stamp("dead_at", _("Given up"))
BECAUSE = written("disabled_because", _("Switched off because"))
TEMPLATE, PARAMS = written("template", _("Text")), written("params", _("Filled in"))
ERROR, ZONE = written("last_error", _("Last error")), written("time_zone", _("Time zone"))


class LetterAdmin(ReadOnly):
    readers = access.OFFICE
    scope = "marketplace_id"
    ordering = ("-due_at", "pk")
    list_display = (
        *("about_", "recipient_", "channel_", "outcome_", "attempts_"),
        *(DUE, DONE, DEAD),
    )
    list_filter = (ByChannel, ByOutcome)
    search_fields = ("template",)  # what else is searched for: get_search_results
    search_help_text = _("An address as it is shown here, or a whole one; or a case number")
    fields = (
        *("about_", TEMPLATE, "recipient_", "channel_", "language_", "outcome_", "attempts_"),
        *("due_at", "done_at", "dead_at", ERROR, "case_", PARAMS, "body_"),
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

    def title_of(self, row: Letter) -> str:
        return self.about_(row)

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

    @admin.display(description=_("Language"))
    def language_(self, letter: Letter) -> str:
        return words.language(letter.locale)

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
        *("endpoint", "case_", "sequence", "status", written("answer", _("Answer")), "attempts"),
        *("due_at", "done_at", "dead_at", ERROR, written("body", _("Body"))),
    )

    def title_of(self, row: Delivery) -> str:
        return f"{self.case_(row)} · {row.sequence}"

    @admin.display(description=_("Case"))
    def case_(self, delivery: Delivery) -> str:
        return Case(id=delivery.case_id).number


class EndpointAdmin(ReadOnly):
    """Where marketplaces hear of their cases; the secrets are shown to nobody."""

    readers = access.OFFICE
    scope = "marketplace_id"
    list_display = ("url", "active", "failing_since", "disabled_at")
    fields = ("url", "active", "failing_since", "disabled_at", BECAUSE)


class ContactAdmin(ReadOnly):
    """How people are reached, masked."""

    def title_of(self, row: Contact) -> str:
        return self.masked_(row)

    readers = access.OFFICE
    scope = "marketplace_id"
    list_display = fields = (
        *("masked_", "channel_", "language_", ZONE, "verified_at", "bounced_at"),
    )

    @admin.display(description=_("Address"))
    def masked_(self, contact: Contact) -> str:
        return masked(contact.address)

    @admin.display(description=_("Channel"))
    def channel_(self, contact: Contact) -> str:
        return words.say(words.KINDS, contact.channel)

    @admin.display(description=_("Language"))
    def language_(self, contact: Contact) -> str:
        return words.language(contact.locale)
