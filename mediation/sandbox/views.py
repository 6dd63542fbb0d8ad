"""The sandbox over HTTP, for the service of the marketplace whose sandbox it is.

To every other marketplace there is nothing here.
"""

from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.filters import Keyset
from cases.models import Marketplace, Parcel
from cases.roles import Role
from cases.serializers import Receipt
from cases.serializers.complaints import ComplaintReceipt
from mediation import commands
from mediation.complaints import answering
from mediation.gateways import sandbox
from mediation.looking import clock_of
from mediation.sandbox import asked, carrier, caused, judge, time
from mediation.sandbox.models import PlannedScan
from mediation.sandbox.queues import next_due
from mediation.views import lines_of
from notifications.models import Letter


class View(views.View):
    """A view of a sandbox."""

    roles = (str(Role.SERVICE),)
    problems = {
        "GET": (404,),
        "PUT": (404,),
        "POST": (404, 409, 422),
    }

    def initial(self, request: Request, *args: Any, **options: Any) -> None:
        """:raises NotFound: the marketplace is a live one"""
        super().initial(request, *args, **options)
        self.market = Marketplace.objects.get(pk=self.marketplace_id)
        if not self.market.is_sandbox:
            raise NotFound("This marketplace is live.", "NOT_A_SANDBOX")

    @property
    def clock_id(self) -> UUID:
        return cast("UUID", self.market.clock_id)

    @property
    def clock(self) -> Any:
        return clock_of(self.market)


class Clock(View):
    """The sandbox's clock."""

    @extend_schema(operation_id="get_sandbox_clock", responses=asked.SandboxClock)
    def get(self, _request: Request) -> Response:
        """Tell what time it is, and when something falls due next."""
        stands = {"at": self.clock(), "next_at": next_due(self.clock_id)}
        return Response(asked.SandboxClock(stands).data)


class Advance(View):
    """Moving the clock."""

    @extend_schema(
        operation_id="advance_sandbox_clock", request=asked.Advance, responses=asked.Advanced
    )
    def post(self, request: Request) -> Response:
        """Let time pass: what falls due happens in order; everything it caused is told."""
        wanted = asked.Advance(data=request.data)
        wanted.is_valid(raise_exception=True)
        moved = time.advance(self.market, self.clock_id, wanted.validated_data.get("to"))
        told = {"since": moved.since, "at": moved.at, "more": moved.more, **moved.caused}
        return Response(asked.Advanced({**told, "next_at": next_due(self.clock_id)}).data)


class LatestFirst(Keyset):
    """Letters by their moment."""

    ordering = ("-due_at", "id")


class Letters(View):
    """Letters that were written, and sent to nobody."""

    serializer_class = asked.SandboxLetter
    pagination_class = LatestFirst
    parameters = views.paged(LatestFirst, "case")

    def get_queryset(self) -> QuerySet[Letter]:
        mine = Letter.objects.filter(clock_id=self.clock_id, done_at__isnull=False)
        case = self.request.query_params.get("case")
        try:
            return mine if case is None else mine.filter(case_id=UUID(case))
        except ValueError:
            raise ParseError("case is the id of a case.", "INVALID") from None

    @extend_schema(
        operation_id="list_sandbox_letters",
        responses=asked.SandboxLetter(many=True),
        parameters=[OpenApiParameter("case", UUID, description="Only letters about this one.")],
    )
    def get(self, _request: Request) -> Response:
        """List the letters, the latest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(caused.letters(page or []))


class ParcelPlan(View):
    """What the carrier does with a parcel."""

    @extend_schema(
        operation_id="plan_sandbox_parcel",
        request=asked.Plan,
        responses=inline_serializer("SandboxPlan", {"messages": asked.CarrierMessage(many=True)}),
    )
    def post(self, request: Request, parcel_id: UUID) -> Response:
        """Tell the carrier, in place of what it was told before; what is due it says at once."""
        wanted = asked.Plan(data=request.data)
        wanted.is_valid(raise_exception=True)
        parcel = get_object_or_404(Parcel, pk=parcel_id, marketplace=self.marketplace_id)
        at = self.clock()
        if name := wanted.validated_data.get("plan"):
            carrier.plan(parcel, name, self.clock_id, at)
        else:
            listed = [(each["code"], each["at"]) for each in wanted.validated_data["messages"]]
            carrier.plan_each(parcel, listed, self.clock_id, at)
        carrier.speak(self.clock, self.clock_id, asked.MOST_MESSAGES)
        told = PlannedScan.objects.filter(parcel=parcel).order_by("due_at", "id")
        return Response({"messages": asked.CarrierMessage(told, many=True).data})


class Gateway(View):
    """How the gateway answers."""

    @extend_schema(
        operation_id="script_sandbox_gateway", request=asked.Script, responses=asked.Script
    )
    def put(self, request: Request) -> Response:
        """Tell the gateway how to answer for refunds that it has not been asked for yet."""
        wanted = asked.Script(data=request.data)
        wanted.is_valid(raise_exception=True)
        sandbox.tell(self.market, wanted.validated_data["script"])
        return Response(wanted.validated_data)


class Verdict(View):
    """What the mediator rules."""

    @extend_schema(operation_id="rule_in_sandbox", request=asked.Verdict, responses=Receipt)
    def post(self, request: Request, case_id: UUID) -> Response:
        """Let the mediator take the dispute up and rule; a second one approves where one must."""
        case = self.case(case_id, "buyer", "seller")
        context = {"currency": case.currency, "lines": lines_of(case.order_id)}
        wanted = asked.Verdict(data=request.data, context=context)
        wanted.is_valid(raise_exception=True)
        taken = judge.decide(case, wanted.validated_data, self.clock)
        return commands.respond(request, 200, commands.receipt(taken, self.actor, case))


class Decision(View):
    """What the mediator decides on a complaint."""

    @extend_schema(
        operation_id="decide_complaint_in_sandbox",
        request=asked.Decision,
        responses=ComplaintReceipt,
    )
    def post(self, request: Request, complaint_id: UUID) -> Response:
        """Let the mediator take a complaint up and decide it; another one decides an appeal."""
        wanted = asked.Decision(data=request.data)
        wanted.is_valid(raise_exception=True)
        found = answering.seen(self.actor, complaint_id)
        content = dict(wanted.validated_data)
        verdict = content.pop("verdict")
        taken = judge.decide_complaint(found, verdict, content, self.clock)
        body = answering.receipt(taken.complaint, found, self.actor)
        return commands.respond(request, 200, body, of="complaints")
