"""The log of what staff has done beside the cases, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mediation.desk import access, words
from mediation.desk import oversight_words as said
from mediation.desk.filters import ByDeed
from mediation.desk.readonly import ReadOnly, stamp, written
from mediation.models import Deed

WHEN, WRITTEN = stamp("at", _("When")), written("details", _("Details"))
PLAIN = ("policy", "number", "region", "table", "count", "effective_from", "until")  # of details


class DeedAdmin(ReadOnly):
    """Who did what; rows that concern several marketplaces are for who works for all of them."""

    readers = access.OFFICE
    list_display = (WHEN, "person_", "role_", "act_", "marketplace", "details_")
    list_select_related = ("marketplace",)
    list_filter = (ByDeed,)
    fields = ("at", "person_", "role_", "act_", "marketplace", "details_", WRITTEN)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        self.names: dict[str, str] = {}
        return super().get_queryset(request)

    def title_of(self, row: Deed) -> str:
        return self.act_(row)

    @admin.display(description=_("By"))
    def person_(self, deed: Deed) -> str:
        if deed.person not in self.names:
            self.names |= access.names(_everybody())
        return self.names.get(deed.person, deed.person)

    @admin.display(description=_("Role"))
    def role_(self, deed: Deed) -> str:
        return words.say(words.ROLES, deed.role)

    @admin.display(description=_("What"))
    def act_(self, deed: Deed) -> str:
        return words.say(said.DEEDS, deed.act)

    @admin.display(description=_("About"))
    def details_(self, deed: Deed) -> str:
        return ", ".join(str(deed.details[key]) for key in PLAIN if deed.details.get(key))


def _everybody():
    return set(Deed.objects.order_by().values_list("person", flat=True).distinct())
