"""What others owe because of decisions, to look at: the marketplace carries it out and tells us."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases.models import Recovery
from mediation.desk import access, words
from mediation.desk.filters import ByDebtor, ByMarketplace, ByRecoveryState
from mediation.desk.readonly import ReadOnly, amount, stamp, written

AMOUNT, REFERENCE = amount("amount", _("Amount")), written("reference", _("Reference"))
DECIDED, SETTLED = stamp("decided_at", _("Decided")), stamp("settled_at", _("Result told"))


class RecoveryAdmin(ReadOnly):
    """Who owes what to whom, with a link to the case that it comes from."""

    readers = access.OFFICE
    list_display = (
        *("case_", "marketplace", "debtor_", "creditor_", AMOUNT, "state_"),
        *(DECIDED, SETTLED, REFERENCE),
    )
    list_display_links = (AMOUNT,)
    list_filter = (ByDebtor, ByRecoveryState, ByMarketplace)
    list_select_related = ("case", "marketplace")
    search_fields = ("=reference",)
    fields = (
        *("case_", "marketplace", "debtor_", "creditor_", AMOUNT, "state_"),
        *("decided_at", "settled_at", REFERENCE),
    )

    def title_of(self, row: Recovery) -> str:
        return row.case.number

    @admin.display(description=_("Case"))
    def case_(self, row: Recovery) -> str:
        page = reverse("admin:cases_case_change", args=[row.case_id])
        return format_html('<a href="{}">{}</a>', page, row.case.number)

    @admin.display(description=_("Owed by"))
    def debtor_(self, row: Recovery) -> str:
        return words.say(words.ROLES, row.debtor)

    @admin.display(description=_("Owed to"))
    def creditor_(self, row: Recovery) -> str:
        return words.say(words.ROLES, row.creditor)

    @admin.display(description=_("State"))
    def state_(self, row: Recovery) -> str:
        return words.say(words.STANDINGS, row.state)
