"""What others owe because of decisions: the marketplace reads it, carries it out and tells us."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.actors import Actor
from cases.fields import Strict
from cases.filters import NewestFirst
from cases.models import Case, Recovery
from cases.refusals import NotNow
from cases.roles import Role
from cases.serializers.orders import RecoveryOut
from cases.views import paged
from mediation import stepping
from mediation.changes import Changes
from mediation.looking import clock_of
from mediation.steps import for_each

NAME = "recovery_settled"  # of the event
ENDS = ("paid", "refused")
DEBTORS = ("seller", "platform", "carrier")
LONGEST = 100  # characters of a reference


class RecoveryFilter(django_filters.FilterSet):
    """Filters of the list of recoveries; an unknown one is refused, not ignored."""

    state = django_filters.ChoiceFilter(choices=[(s, s) for s in ("open", *ENDS)], label="which")
    debtor = django_filters.ChoiceFilter(choices=[(d, d) for d in DEBTORS], label="who owes")

    class Meta:
        model = Recovery
        fields = ("state", "debtor")


class ResultIn(Strict):
    """What became of a recovery."""

    state = serializers.ChoiceField(choices=ENDS)
    reference = serializers.CharField(
        max_length=LONGEST, required=False, allow_blank=True, default="", help_text="Your own."
    )


class Recoveries(views.View):
    """What is owed in the marketplace, to the platform or to sellers."""

    roles = (Role.SERVICE,)
    queryset = Recovery.objects.none()  # for the API's description only
    serializer_class = RecoveryOut
    filterset_class = RecoveryFilter
    filter_backends = (DjangoFilterBackend,)
    pagination_class = NewestFirst
    parameters = paged(NewestFirst, *RecoveryFilter.Meta.fields)

    def get_queryset(self) -> QuerySet[Recovery]:
        return _of(self.actor).select_related("case__order", "seller", "parcel")

    @extend_schema(operation_id="list_recoveries", responses=RecoveryOut(many=True))
    def get(self, _request: Request) -> Response:
        """List recoveries and claims against carriers, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.listed(page)


class RecoveryResult(views.View):
    """What the marketplace tells of a recovery, by its id."""

    roles = (Role.SERVICE,)
    serializer_class = ResultIn
    problems = {"POST": (409,)}

    @extend_schema(
        operation_id="tell_recovery_result", request=ResultIn, responses={200: RecoveryOut}
    )
    def post(self, request: Request, recovery_id: UUID) -> Response:
        """Tell that it was paid or refused. The same again changes nothing; another is 409."""
        asked = ResultIn(data=request.data)
        row = get_object_or_404(_of(self.actor).select_related("case"), pk=recovery_id)
        asked.is_valid(raise_exception=True)
        settle(row, by=self.actor, clock=clock_of(row.case), **asked.validated_data)
        row = _of(self.actor).select_related("case__order", "seller", "parcel").get(pk=row.pk)
        return Response(RecoveryOut(row, context=self.get_serializer_context()).data)


def _of(actor: Actor) -> QuerySet[Recovery]:
    return Recovery.objects.filter(marketplace=actor.marketplace_id)


def settle(
    row: Recovery, *, state: str, reference: str, by: Actor, clock: Callable[[], datetime]
) -> None:
    """Note what became of a recovery, in the timeline of its case as well.

    :param state: "paid" or "refused"
    :raises NotNow: the opposite was told before
    """
    found: list[Recovery] = []

    def note(case: Case, changes: Changes) -> Any:
        owed = Recovery.objects.get(pk=row.pk)
        found.append(owed)
        if owed.state != "open":
            return None
        owed.state, owed.reference, owed.settled_at = state, reference, changes.at
        changes.touch(owed)
        told = {"recovery": owed.pk, "amount": owed.amount, "debtor": owed.debtor, "how": state}
        return stepping.note(case, NAME, by, changes, **told)

    for_each(
        Case.everywhere.filter(pk=row.case_id).select_for_update(of=("self",))[:1],
        note,
        clock=clock,
    )
    if found[0].state != state:
        raise NotNow(f"It was told before that this is {found[0].state}.")
