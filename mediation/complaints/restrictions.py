"""Points and restrictions over HTTP, and the appeal against them."""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cases import complaint_inputs, views
from cases.actors import Actor
from cases.conduct import OBJECTION
from cases.filters import NewestFirst
from cases.models import Marketplace, Penalty
from cases.roles import Role
from cases.serializers.complaints import ComplaintReceipt, PenaltyOut
from cases.views import paged
from mediation.commands import DRY_RUN, is_dry_run
from mediation.complaints.answering import answered
from mediation.complaints.looking import filing
from mediation.complaints.writer import Wish
from mediation.looking import clock_of
from mediation.views import DRY, KEY


class Restrictions(views.View):
    """Points and restrictions of whoever asks; a service sees those of its marketplace."""

    serializer_class = PenaltyOut
    pagination_class = NewestFirst
    parameters = paged(NewestFirst)

    def get_queryset(self) -> QuerySet[Penalty]:
        return of_actor(self.actor)

    @extend_schema(operation_id="list_restrictions", responses=PenaltyOut(many=True))
    def get(self, _request: Request) -> Response:
        """List points and restrictions, those of the past too; the newest first."""
        at = clock_of(Marketplace.objects.get(pk=self.marketplace_id))()
        page = self.paginate_queryset(self.get_queryset())
        told = {**self.get_serializer_context(), "at": at}
        return self.get_paginated_response(PenaltyOut(page, many=True, context=told).data)


class AppealRestriction(views.View):
    """An appeal against points or a restriction: of its complaint, or the beginning of one."""

    serializer_class = complaint_inputs.Words
    parameters = (DRY_RUN,)

    @extend_schema(
        operation_id="appeal_restriction",
        request=complaint_inputs.Words,
        responses={200: ComplaintReceipt},
        parameters=[KEY, DRY],
    )
    def post(self, request: Request, penalty_id: UUID) -> Response:
        """Have another, senior mediator look at it."""
        is_dry_run(request)  # that it is yes or no is seen before what it is about
        asked = complaint_inputs.Words(data=request.data)
        if self.actor.role == Role.SERVICE:
            raise PermissionDenied("This is for: buyer, seller.", "NOT_YOUR_ROLE")
        row = get_object_or_404(of_actor(self.actor), pk=penalty_id)
        asked.is_valid(raise_exception=True)
        market = Marketplace.objects.get(pk=self.marketplace_id)
        clock = clock_of(market)
        wish = self._wish(row, market, clock())
        wish = replace(wish, inputs=dict(asked.validated_data))
        return answered(request, self.actor, wish, clock)

    def _wish(self, row, market, at):
        if row.complaint_id is not None:
            return Wish(complaint_id=row.complaint_id, step="appeal", by=self.actor)
        return filing(
            row.party,
            ground=OBJECTION,
            by=self.actor,
            at=at,
            market=market,
            case=row.case_id,
            step="object",
            penalty=row.pk,
        )


def of_actor(actor: Actor) -> QuerySet[Penalty]:
    """Keep the penalties that somebody may see."""
    rows = Penalty.objects.filter(marketplace=actor.marketplace_id)
    if actor.role != Role.SERVICE:
        rows = rows.filter(party=actor.party_id)
    return rows.select_related("party", "complaint")
