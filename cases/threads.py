"""Applications, all attempts of a family together: whatever was asked, answered and handed in.

A family is a case with those that were split off from it; it is one thread.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases.filters import ApplicationFilter, NewestFirst
from cases.models import Audience, Case, Evidence, Statement
from cases.serializers.clocks import WITH_CLOCKS
from cases.serializers.threads import Family
from cases.views import SEEN, View, paged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cases.models import Application

Data = dict[str, Any]


class Applications(View):
    """All that somebody has applied for, or was asked, across all orders."""

    serializer_class = Family
    filterset_class = ApplicationFilter
    filter_backends = (DjangoFilterBackend,)
    pagination_class = NewestFirst
    parameters = paged(NewestFirst, *ApplicationFilter.Meta.fields)

    def get_queryset(self) -> QuerySet[Case]:
        return Case.objects.visible_to(self.actor)

    @extend_schema(operation_id="list_applications", responses=Family(many=True))
    def get(self, request: Request) -> Response:
        """List applications by family, the newest first; a filter asks each case of a family."""
        heads = self.get_queryset().filter(family=None)
        if set(request.query_params) & set(ApplicationFilter.Meta.fields):
            found = self.filter_queryset(self.get_queryset())
            heads = heads.filter(pk__in=found.values(first=Coalesce("family_id", "id")))
        page = self.paginate_queryset(heads) or []
        return self.get_paginated_response(_shown(self, [head.pk for head in page]))


class ApplicationsOfCase(View):
    """One thread."""

    serializer_class = Family

    @extend_schema(operation_id="list_applications_of_case", responses=Family)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """Show all applications of a case and of its family."""
        [family] = _shown(self, [self.case(case_id).first_id])
        return Response(family)


def _shown(view: View, heads: list[UUID]) -> list[Data]:
    """Show families in the order of their heads; the statements do not depend on how many."""
    found = Case.objects.visible_to(view.actor).filter(Q(pk__in=heads) | Q(family__in=heads))
    rows = found.select_related(*SEEN).order_by("id")
    cases = list(rows.prefetch_related(WITH_CLOCKS, "attempts__items__line"))
    by_head: dict[UUID, list[Case]] = {head: [] for head in heads}
    for case in cases:
        by_head[case.first_id].append(case)
    attempts = [attempt for case in cases for attempt in case.attempts.all()]
    context = {"actor": view.actor, **_papers(attempts)}
    families = [{"id": head, "cases": members} for head, members in by_head.items()]
    return list(Family(families, many=True, context=context).data)


def _papers(attempts: "Iterable[Application]") -> Data:
    """Read the words of applications and answers, and what was handed in along with them."""
    ids = {each for a in attempts for each in (a.statement_id, a.answer_statement_id) if each}
    words = Statement.objects.filter(pk__in=ids, audience=Audience.ALL)
    events = {row.event_id: row for row in words}
    slots: dict[UUID, list[str]] = defaultdict(list)
    cases = {row.case_id for row in words}
    for slot in Evidence.objects.filter(case__in=cases, event_id__in=events).order_by("slot"):
        slots[events[slot.event_id].pk].append(slot.slot)
    return {"words": {row.pk: row.text for row in words}, "slots": slots}
