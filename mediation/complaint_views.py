"""Complaints, restrictions and scorecards over HTTP. A view translates; the writer decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from cases import complaint_inputs, schemas, views
from cases.actors import Actor
from cases.complaints import TERMS, ComplaintState, loser, side_of
from cases.conduct import grounds_about
from cases.filters import NewestFirst
from cases.inputs import mistake
from cases.models import Case, Complaint, Marketplace, Order, Party, Penalty
from cases.refusals import Refused
from cases.roles import Role, other
from cases.serializers.complaints import (
    API,
    ComplaintDetail,
    ComplaintOut,
    ComplaintReceipt,
    PenaltyOut,
)
from cases.views import paged
from mediation import commands, complaints, errors
from mediation.complaint_looking import clock_of_complaint, filing, stand
from mediation.complaints import STEPS, Taken, Wish
from mediation.idempotency import Stored
from mediation.looking import clock_of
from mediation.views import IF_MATCH, KEY

SIDES = ("accused", "reporter")
JOINED = ("accused", "reporter")


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
    parameters = paged(NewestFirst, *ComplaintFilter.Meta.fields)
    problems = {"POST": (404,)}

    def get_queryset(self) -> QuerySet[Complaint]:
        return Complaint.objects.visible_to(self.actor).select_related(*JOINED)

    @extend_schema(operation_id="list_complaints", responses=ComplaintOut(many=True))
    def get(self, _request: Request) -> Response:
        """List complaints, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="file_complaint",
        request=complaint_inputs.Filing,
        responses={201: ComplaintReceipt},
        parameters=[KEY],
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
            found = Party.objects.filter(role=named["role"], ref=named["ref"]).first()
            if found is None:
                raise NotFound("There is no such party.", "PARTY_NOT_FOUND")
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
        data = ComplaintDetail(complaint, context=context(complaint, self.actor)).data
        return Response(data, headers={"ETag": f'"{complaint.version}"'})


class StepOfComplaint(views.View):
    """One step of a complaint. Each step has its own path and input."""

    verb = ""  # given by the path

    def get_serializer_class(self) -> Any:
        return complaint_inputs.FOR[self.verb]

    def post(self, request: Request, complaint_id: UUID) -> Response:
        """Take the step."""
        body = request.data  # too large is too large, whatever the path names
        found = seen(self.actor, complaint_id)
        version = commands.expected_version(request, required=True)
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
        parameters=[KEY, IF_MATCH],
    )
    return extend_schema_view(post=described)(view).as_view()


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

    @extend_schema(
        operation_id="appeal_restriction",
        request=complaint_inputs.Words,
        responses={200: ComplaintReceipt},
        parameters=[KEY],
    )
    def post(self, request: Request, penalty_id: UUID) -> Response:
        """Have another, senior mediator look at it."""
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
            ground="objection",
            by=self.actor,
            at=at,
            market=market,
            case=row.case_id,
            step="object",
            penalty=row.pk,
        )


# How a complaint is seen and answered


def of_actor(actor: Actor) -> QuerySet[Penalty]:
    """Keep the penalties that somebody may see."""
    rows = Penalty.objects.filter(marketplace=actor.marketplace_id)
    if actor.role != Role.SERVICE:
        rows = rows.filter(party=actor.party_id)
    return rows.select_related("party", "complaint")


def seen(actor: Actor, complaint_id: UUID) -> Complaint:
    """Find a complaint that somebody may see.

    :raises Http404: no such complaint for this actor
    """
    rows = Complaint.objects.visible_to(actor).select_related(*JOINED)
    return get_object_or_404(rows, pk=complaint_id)


def look(actor: Actor, complaint_id: UUID) -> Complaint:
    """Read a complaint as it stands at this moment; what has run out is shown as run out."""
    found = seen(actor, complaint_id)
    stand(found)
    found.facts.begin(actor)
    return found


def context(complaint: Complaint, actor: Actor) -> dict[str, Any]:
    """Give what the serializers ask for."""

    def actions(row):
        row.facts.begin(actor)
        return [_action(row, step, actor) for step in complaints.available(row)]

    return {"actor": actor, "at": complaint.facts.at, "actions": actions}


def _action(complaint, step, actor):
    term = TERMS.get(complaint.state)
    waits_on = term and (loser(complaint) if term.waits_on == "loser" else term.waits_on)
    is_mine = waits_on == side_of(complaint, actor) and step.name != "withdraw"
    return {
        "name": step.name,
        "href": f"{API}/complaints/{complaint.id}/steps/{step.name}",
        "mandatory": is_mine and step.name == "answer",
        "due_at": complaint.due_at if is_mine else None,
        "on_expiry": term.then if term and is_mine else None,
        "limits": {},
        "input_schema": schemas.of(complaint_inputs.FOR[step.name]()),
    }


def answered(  # noqa: PLR0917 -- as `commands.command`
    request: Request,
    actor: Actor,
    wish: Wish,
    clock: Callable[[], datetime],
    status: int = 200,
    given: dict[str, Any] | None = None,
) -> Response:
    """Carry out a wish and answer; the answer is stored under the Idempotency-Key.

    :param given: what a repeated request is compared by; None: the inputs of the wish
    """
    made: list[tuple[int, dict[str, Any]]] = []
    parties = wish.new or seen(actor, wish.complaint_id)

    def answer(complaint, said):
        complaint.accused, complaint.reporter = parties.accused, parties.reporter
        made.append(_made(complaint, said, actor, status))
        return made[-1]

    key = commands.idempotency_key(request, actor, given or wish.inputs)
    said = complaints.take(replace(wish, key=key, answer=answer), clock=clock)
    if isinstance(said, Stored):
        return _respond(request, said.status, said.body, {"Idempotent-Replayed": "true"})
    if not made:  # refused before the complaint was looked at
        status, body, headers = errors.refusal(said)
        return _respond(request, status, body, headers)
    return _respond(request, *made[-1], {})


def _made(complaint, said, actor, status):
    if isinstance(said, Taken):
        return status, dict(ComplaintReceipt(complaint, context=context(complaint, actor)).data)
    status, body, _headers = errors.refusal(type(said)(str(said), **_plain(said)))
    if status in errors.TELLS_ACTIONS and complaint.state != "new":
        actions = context(complaint, actor)["actions"](complaint)
        body |= {"version": complaint.version, "state": str(complaint.state), "actions": actions}
    return status, body


def _plain(refusal: Refused) -> dict[str, Any]:
    return {k: v for k, v in refusal.details.items() if k not in {"version", "state"}}


def _respond(request, status, body, headers):
    if "code" in body and "title" in body:
        return errors.answer(request, status, body, headers)
    headers = {**headers, "ETag": f'"{body["version"]}"'}
    if status == 201:  # noqa: PLR2004
        headers["Location"] = f"{API}/complaints/{body['id']}"
    return Response(body, status=status, headers=headers)
