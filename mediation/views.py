"""The API's writing side. A view translates; whatever moves a case goes through the writer."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.functional import SimpleLazyObject
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers as drf
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases import history, inputs, serializers, views
from cases.actions import STEPS
from cases.actors import voice_for
from cases.compiled import Blank, Compiled
from cases.fields import Strict
from cases.filters import bad_cursor, rows
from cases.ids import new_id
from cases.models import Marketplace, Order, OrderLine
from cases.models.policy import in_force, pinned, preload
from cases.process import process
from cases.roles import Role
from cases.serializing import represent, validated
from cases.snapshots import Snapshot
from cases.views import SEEN
from mediation import commands, events, orders
from mediation.commands import DRY_RUN
from mediation.looking import clock_of, look
from mediation.steps import Wish

SERVICE = (str(Role.SERVICE),)
KEY = OpenApiParameter(
    "Idempotency-Key", str, "header", required=True, description="1 to 200 visible characters."
)
IF_MATCH = OpenApiParameter(
    "If-Match", str, "header", required=True, description='The case\'s version, such as "3".'
)
DRY = OpenApiParameter(
    DRY_RUN, bool, description="Say what would happen; needs no Idempotency-Key, no If-Match."
)
LINES = Compiled(OrderLine.objects.filter(order=Blank("order")))


def lines_of(order_id: UUID) -> Any:
    """Give our ids of an order's lines by the marketplace's; read when a line is named."""
    return SimpleLazyObject(lambda: {line.ref: line.id for line in LINES(order=order_id)})


class Cases(views.Cases):
    """The list of cases, and opening one."""

    rated_as = {"POST": "open"}
    parameters = (*views.Cases.parameters, DRY_RUN)
    problems = {"POST": (404, 409, 422)}

    @extend_schema(
        operation_id="open_case",
        request=inputs.Open,
        responses={201: serializers.Receipt},
        parameters=[KEY, DRY],
    )
    def post(self, request: Request) -> Response:
        """Open a case about lines of an order."""
        order = self._order(request.data)
        context = {"currency": order.currency, "lines": lines_of(order.id)}
        asked = validated(inputs.Open, request.data, context)
        values = {name: value for name, value in asked.items() if name != "order"}
        wish = Wish(
            case_id=new_id(clock_of(order.marketplace)()),
            order_id=order.id,
            step="open",
            by=self.actor,
            inputs=values,
        )
        return commands.command(request, self.actor, wish, parties=order, status=201)

    def _order(self, data: Any) -> Order:
        """Find the order that is spoken of.

        :raises ValidationError: none is named
        :raises NotFound: one is named that the actor may not know
        """
        ref = data.get("order") if isinstance(data, dict) else None
        if not isinstance(ref, str):
            raise inputs.mistake("order", "required", "Name the order.")
        try:
            return self.order(ref.replace("\0", ""), "seller", "marketplace")
        except Http404:
            raise NotFound("There is no such order.", "ORDER_NOT_FOUND") from None


class OneCase(views.View):
    """One case, as it stands for whoever asks."""

    serializer_class = serializers.CaseDetail

    @extend_schema(operation_id="get_case")
    def get(self, _request: Request, case_id: UUID) -> Response:
        """Show a case with everything that the actor may do now, and why not the rest."""
        find = partial(self.case, case_id, *SEEN, having=serializers.with_past)
        case = look(find, self.actor)
        context = {"actor": self.actor, "statements": history.statements(case, self.actor)}
        data = represent(serializers.CaseDetail, case, context)
        return Response(data, headers={"ETag": f'"{case.version}"'})


class TakeStep(views.View):
    """One step of a case. Each step has its own path and input."""

    parameters = (DRY_RUN,)
    problems = {"POST": (403, 409, 410, 412, 422, 428)}
    step = ""  # given by the path

    def get_serializer_class(self) -> type[Strict]:
        return inputs.FOR[self.step]

    @extend_schema(responses={200: serializers.Receipt}, parameters=[KEY, IF_MATCH, DRY])
    def post(self, request: Request, case_id: UUID) -> Response:
        """Take the step, or say what would happen."""
        case = self.case(case_id, "buyer", "seller")
        needed = not commands.is_dry_run(request)
        version = commands.expected_version(request, required=needed)
        context = {"currency": case.currency, "lines": lines_of(case.order_id)}
        asked = validated(self.get_serializer_class(), request.data, context)
        wish = Wish(
            case_id=case.id,
            step=self.step,
            by=voice_for(self.actor, STEPS[self.step].rule.by),
            inputs=asked,
            version=version,
        )
        return commands.command(request, self.actor, wish, parties=case)


class OneOrder(views.OneOrder):
    """An order: told by the marketplace's service, read by its parties."""

    problems = {"PUT": (403, 409, 422)}

    def initial(self, request: Request, *args: Any, **options: Any) -> None:
        self.roles = SERVICE if request.method == "PUT" else self.roles
        super().initial(request, *args, **options)

    @extend_schema(
        operation_id="put_order",
        request=Snapshot,
        responses={200: serializers.OrderOut, 201: serializers.OrderOut},
    )
    def put(self, request: Request, ref: str) -> Response:
        """Tell of an order, or bring it up to date; the same again changes nothing."""
        told = Snapshot(data=request.data, context={})
        told.is_valid(raise_exception=True)
        clock = clock_of(Marketplace.objects.get(pk=self.marketplace_id))
        _, is_new = orders.keep(self.marketplace_id, ref, told.validated_data, clock=clock)
        answer = self.get(request, ref)
        answer.status_code = 201 if is_new else 200
        return answer


class Events(views.View):
    """Everything that happens in a marketplace, for its own systems."""

    roles = SERVICE
    parameters = ("after", "limit")
    most = 500

    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter("after", str, description="`next` of the last answer."),
            OpenApiParameter("limit", int, description="1 to 500; 100 by default."),
        ],
        responses=inline_serializer(
            "Feed",
            {
                "results": inline_serializer(
                    "FeedEvent",
                    {
                        "id": drf.UUIDField(),
                        "case": drf.UUIDField(),
                        "sequence": drf.IntegerField(help_text="Without gaps in a case."),
                        "name": drf.CharField(),
                        "role": drf.CharField(),
                        "before": drf.CharField(),
                        "after": drf.CharField(),
                        "at": drf.DateTimeField(),
                        "decided_at": drf.DateTimeField(),
                    },
                    many=True,
                ),
                "next": drf.CharField(help_text="Ask again with it, also when there is no more."),
            },
        ),
    )
    def get(self, request: Request) -> Response:
        """Read on behind a cursor; nothing is ever skipped."""
        limit = rows(request.query_params.get("limit", "100"), self.most)
        try:
            found, cursor = events.after(request.query_params.get("after", ""), self.actor, limit)
        except ValueError:
            raise bad_cursor() from None
        return Response({"results": [_fed(event) for event in found], "next": cursor})


def _fed(event):
    due_at = event.pop("due_at")
    return {**event, "case": event.pop("case_id"), "decided_at": due_at or event["at"]}


class Process(views.View):
    """The rules as data."""

    @extend_schema(operation_id="get_process", responses={200: dict})
    def get(self, _request: Request) -> Response:
        """Show both machines, all clocks and reasons, and the policy for cases opened now."""
        market = Marketplace.objects.get(pk=self.marketplace_id)
        version = in_force(market.policy_name, clock_of(market)())
        preload([version.id])
        return Response(process(pinned(version.id)))
