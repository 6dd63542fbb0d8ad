"""Complaints over HTTP. A view translates; the writer decides."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases import complaint_inputs, views
from cases.complaint_actions import STEPS
from cases.complaint_terms import ComplaintState
from cases.conduct import grounds_about
from cases.filters import NewestFirst
from cases.inputs import mistake
from cases.models import Case, Complaint, Marketplace, Order, Party
from cases.roles import Role, other
from cases.serializers.complaints import ComplaintDetail, ComplaintOut, ComplaintReceipt
from cases.views import paged
from mediation import commands
from mediation.commands import DRY_RUN
from mediation.complaints.answering import JOINED, answered, context, look, seen
from mediation.complaints.looking import clock_of_complaint, filing
from mediation.complaints.writer import Wish
from mediation.looking import clock_of
from mediation.steps import database_clock
from mediation.views import DRY, IF_MATCH, KEY

SIDES = ("accused", "reporter")


class ComplaintFilter(django_filters.FilterSet):
    """Filters of the list of complaints; an unknown one is refused, not ignored."""

    state = django_filters.MultipleChoiceFilter(
        choices=[c for c in ComplaintState.choices if c[0] != "new"], label="one or more states"
    )
    side = django_filters.ChoiceFilter(
        choices=[(side, side) for side in SIDES], method="of_side", label="what you are in it"
    )

    class Meta:
        model = Complaint
        fields = ("state", "side")

    def of_side(self, rows: QuerySet, _name: str, side: str) -> QuerySet:
        """Keep what somebody has brought, or what was brought against it."""
        actor = self.request.user
        if actor.role == Role.SERVICE:
            return rows.filter(reporter_role=Role.SERVICE) if side == "reporter" else rows.none()
        return rows.filter(**{side: actor.party_id})


class Complaints(views.View):
    """Complaints that the actor is a side of; a service sees those of its marketplace."""

    queryset = Complaint.everywhere.none()  # for the API's description only
    serializer_class = ComplaintOut
    filterset_class = ComplaintFilter
    filter_backends = (DjangoFilterBackend,)
    pagination_class = NewestFirst
    parameters = (*paged(NewestFirst, *ComplaintFilter.Meta.fields), DRY_RUN)
    problems = {"POST": (404,)}

    def get_queryset(self) -> QuerySet[Complaint]:
        return Complaint.objects.visible_to(self.actor).select_related(*JOINED)

    @extend_schema(operation_id="list_complaints", responses=ComplaintOut(many=True))
    def get(self, _request: Request) -> Response:
        """List complaints, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.listed(page)

    @extend_schema(
        operation_id="file_complaint",
        request=complaint_inputs.Filing,
        responses={201: ComplaintReceipt},
        parameters=[KEY, DRY],
    )
    def post(self, request: Request) -> Response:
        """Complain of a party. It names a case at most, and never moves or stops it."""
        is_service = self.actor.role == Role.SERVICE
        asked = complaint_inputs.Filing(data=request.data, context={"is_service": is_service})
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        accused, case_id = self._accused(values)
        if values["ground"] not in grounds_about(accused.role):
            raise mistake("ground", "not_of_this_side", "This is not said of this side.")
        market = Marketplace.objects.get(pk=self.marketplace_id)
        clock = clock_of(market)
        wish = filing(
            accused, ground=values["ground"], by=self.actor, at=clock(), market=market, case=case_id
        )
        said = {name: values[name] for name in ("statement", "evidence") if name in values}
        return answered(request, self.actor, replace(wish, inputs=said), clock, 201, values)

    def _accused(self, values: dict[str, Any]) -> tuple[Party, UUID | None]:
        """Find whom it is about, and the case that it names.

        :raises NotFound: no such party, case or order for this actor
        """
        actor, case_id = self.actor, values.get("case")
        if actor.role == Role.SERVICE:
            named = values["party"]
            found = self.party(named["role"], named["ref"])
            cases = Case.objects.filter(**{found.role: found})
            if case_id is not None and not cases.filter(pk=case_id).exists():
                raise NotFound("The party has no such case.", "CASE_NOT_FOUND")
            return found, case_id
        side = other(actor.role)
        if case_id is not None:
            return getattr(self.case(case_id, side), side), case_id
        own = {f"{actor.role}_id": actor.party_id, "ref": values["order"]}
        order = Order.objects.select_related(side).filter(**own).first()
        if order is None:
            raise NotFound("There is no such order.", "ORDER_NOT_FOUND")
        return getattr(order, side), None


class OneComplaint(views.View):
    """One complaint, as it stands for whoever asks."""

    serializer_class = ComplaintDetail

    @extend_schema(operation_id="get_complaint")
    def get(self, _request: Request, complaint_id: UUID) -> Response:
        """Show a complaint with what was said, what followed, and what the actor may do."""
        complaint = look(self.actor, complaint_id)
        told = {**context(complaint, self.actor), "links_at": database_clock()}
        data = ComplaintDetail(complaint, context=told).data
        return Response(data, headers={"ETag": f'"{complaint.version}"'})


class StepOfComplaint(views.View):
    """One step of a complaint. Each step has its own path and input."""

    parameters = (DRY_RUN,)
    verb = ""  # given by the path

    def get_serializer_class(self) -> Any:
        return complaint_inputs.FOR[self.verb]

    def post(self, request: Request, complaint_id: UUID) -> Response:
        """Take the step, or say what would happen."""
        body = request.data  # too large is too large, whatever the path names
        needed = not commands.is_dry_run(request)
        found = seen(self.actor, complaint_id)
        version = commands.expected_version(request, required=needed)
        asked = self.get_serializer_class()(data=body)
        asked.is_valid(raise_exception=True)
        wish = Wish(
            complaint_id=found.pk,
            step=self.verb,
            by=self.actor,
            inputs=dict(asked.validated_data),
            version=version,
        )
        return answered(request, self.actor, wish, clock_of_complaint(found))


def step_view(verb: str) -> Any:
    """Make the view of one step."""
    view: Any = type(f"{verb.title()}Complaint", (StepOfComplaint,), {"verb": verb})
    described = extend_schema(
        operation_id=f"{verb}_complaint",
        description=STEPS[verb].doc,
        responses={200: ComplaintReceipt},
        parameters=[KEY, IF_MATCH, DRY],
    )
    return extend_schema_view(post=described)(view).as_view()
