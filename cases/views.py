"""Reading the record. What also writes inherits from here (mediation/views.py)."""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from django_scopes import scope
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from cases import history, serializers
from cases.actors import Actor
from cases.compiled import Blank, Compiled
from cases.filters import BySequence, CaseFilter, NewestFirst
from cases.hearing import DisputeOut, dispute_of
from cases.models import Case, Event, Order, Party, Refund
from cases.roles import Role
from cases.serializers.clocks import WITH_CLOCKS
from cases.serializing import represent
from cases.tokens import ROLES

SEEN = ("order", "buyer", "seller")
SHOWN = (*(field.name for field in Case._meta.concrete_fields), *(f"{name}__ref" for name in SEEN))
Having = Callable[[QuerySet[Case]], QuerySet[Case]]


def as_stored(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases


class View(GenericAPIView):
    """A view of one marketplace: everything it reads is scoped to that of the token."""

    roles: Collection[str] = ROLES
    rated_as: Mapping[str, str] = {}  # of rates (mediation/throttling.py), by method
    parameters: Collection[str] = ()  # of the query; others are refused
    problems: Mapping[str, Collection[int]] = {}  # method → statuses that are not every view's
    filter_backends: Any = ()
    filterset_class: Any = None
    pagination_class: Any = None
    queryset: Any = Case.everywhere.none()  # for the API's description only

    def dispatch(self, request: Any, *args: Any, **options: Any) -> Any:
        with ExitStack() as self.scopes:
            return super().dispatch(request, *args, **options)

    def initial(self, request: Request, *args: Any, **options: Any) -> None:
        """:raises PermissionDenied: the role of the token has no business here"""
        super().initial(request, *args, **options)
        self.scopes.enter_context(scope(marketplace=self.marketplace_id))
        if self.actor.role not in self.roles:
            allowed = ", ".join(sorted(self.roles))
            raise PermissionDenied(f"This is for: {allowed}.", "NOT_YOUR_ROLE")
        if unknown := set(request.query_params) - set(self.parameters):
            raise ParseError(f"There is no parameter {min(unknown)}.", "UNKNOWN_PARAMETER")

    def filter_queryset(self, queryset: Any) -> Any:
        """:raises ParseError: a filter is empty"""
        filters = getattr(self.filterset_class, "base_filters", ())
        if empty := [name for name in filters if self.request.query_params.get(name) == ""]:
            raise ParseError(f"{min(empty)} is empty; leave it out.", "INVALID")
        return super().filter_queryset(queryset)

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {**super().default_response_headers, "Cache-Control": "no-store"}

    @property
    def actor(self) -> Actor:
        return cast("Actor", self.request.user)

    @property
    def marketplace_id(self) -> UUID:
        return cast("UUID", self.actor.marketplace_id)

    def case(self, case_id: UUID, *joined: str, having: Having = as_stored) -> Case:
        """Find a case that the actor may see. To all others it does not exist.

        :param having: adds to what is read
        :raises Http404: no such case for this actor
        """
        actor, find = self.actor, _one_case(self.actor.role, joined, having)
        found = find.first(id=case_id, marketplace=actor.marketplace_id, party=actor.party_id)
        if found is None:
            raise Http404
        return found

    def order(self, ref: str, *joined: str) -> Order:
        """Find an order that the actor is a party to; a service finds all of its marketplace.

        :raises Http404: no such order for this actor
        """
        actor, find = self.actor, _one_order(self.actor.role, joined)
        found = find.first(ref=ref, marketplace=actor.marketplace_id, party=actor.party_id)
        if found is None:
            raise Http404
        return found

    def party(self, role: str, ref: str) -> Party:
        """Find a party of the marketplace.

        :raises NotFound: there is none
        """
        found = Party.objects.filter(role=role, ref=ref).first()
        if found is None:
            raise NotFound(f"There is no such {role}.", "PARTY_NOT_FOUND")
        return found

    def listed(self, page: Any) -> Response:
        """Answer with a page of a list."""
        context, kind = self.get_serializer_context(), cast("Any", self.get_serializer_class())
        return self.get_paginated_response([represent(kind, row, context) for row in page])

    def get_serializer_context(self) -> dict[str, Any]:
        return {"actor": getattr(self.request, "user", None)}


@cache
def _one_case(role, joined, having):
    """Prepare to find one case of those that somebody may see."""
    anybody: Any = {"marketplace_id": Blank("marketplace"), "party_id": Blank("party")}
    visible = Case.everywhere.visible_to(Actor(role=role, **anybody))
    return Compiled(having(visible.select_related(*joined)).filter(pk=Blank("id")))


@cache
def _one_order(role, joined):
    """Prepare to find one order of those that somebody is a party to."""
    mine = {"marketplace": Blank("marketplace"), "ref": Blank("ref")}
    if role != Role.SERVICE:
        mine[role] = Blank("party")
    return Compiled(Order.everywhere.select_related("buyer", *joined).filter(**mine))


def paged(page: type, *more: str) -> tuple[str, ...]:
    """Name the query parameters of a list."""
    return ("cursor", page.page_size_query_param, *more)  # type: ignore[attr-defined]


class Cases(View):
    """Cases that the actor is a party to; a service sees those of its marketplace."""

    serializer_class = serializers.CaseOut
    filterset_class = CaseFilter
    filter_backends = (DjangoFilterBackend,)
    pagination_class = NewestFirst
    parameters = paged(NewestFirst, *CaseFilter.Meta.fields)

    def get_queryset(self) -> QuerySet[Case]:
        cases = Case.objects.visible_to(self.actor).select_related(*SEEN)
        return cases.only(*SHOWN).prefetch_related(WITH_CLOCKS)

    @extend_schema(operation_id="list_cases", responses=serializers.CaseOut(many=True))
    def get(self, _request: Request) -> Response:
        """List cases, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.listed(page)


class OneOrder(View):
    """An order as the marketplace told it."""

    serializer_class = serializers.OrderOut

    @extend_schema(operation_id="get_order")
    def get(self, _request: Request, ref: str) -> Response:
        """Show an order and the cases about it."""
        order = self.order(ref, "seller")
        return Response(represent(serializers.OrderOut, order, self.get_serializer_context()))


class Timeline(View):
    """What happened to a case, in order."""

    serializer_class = serializers.EntryOut
    pagination_class = BySequence
    parameters = paged(BySequence)

    @extend_schema(operation_id="list_timeline", responses=serializers.EntryOut(many=True))
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List the events of a case that the actor may see."""
        case = self.case(case_id, "order")
        page = self.paginate_queryset(Event.objects.filter(case=case))
        entries = history.entries(case, page or [], self.actor)
        return self.listed(entries)


class Clocks(View):
    """The clocks of a case: those that run or stand still, and those that have ended."""

    serializer_class = serializers.Ledger

    @extend_schema(operation_id="get_clocks")
    def get(self, _request: Request, case_id: UUID) -> Response:
        """Show a case's clocks, running and ended."""
        case = self.case(case_id)
        events = Event.objects.filter(case=case).order_by("sequence")
        ledger = {
            "running": serializers.visible_clocks(case, self.actor.role),
            "ended": list(history.ended_clocks(events, self.actor.role)),
            "changes": list(history.clock_changes(events)),
        }
        context = {**self.get_serializer_context(), "case": case}
        return Response(serializers.Ledger(ledger, context=context).data)


class Refunds(View):
    """What was paid out for a case."""

    serializer_class = serializers.RefundOut

    @extend_schema(operation_id="list_refunds", responses=serializers.RefundsOut)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List the refunds of a case; the first decided comes first."""
        refunds = Refund.objects.filter(case=self.case(case_id)).order_by("id")
        refunds = refunds.prefetch_related("parts__payment")
        return Response({"results": self.get_serializer(refunds, many=True).data})


class OneDispute(View):
    """The dispute of a case as a party may see it."""

    serializer_class = DisputeOut

    @extend_schema(operation_id="get_dispute")
    def get(self, _request: Request, case_id: UUID) -> Response:
        """Show what is asked, proposed and ruled; nothing of our internals, no sealed bid."""
        case = self.case(case_id, "order")
        found = dispute_of(case, self.actor)
        if found is None:
            raise NotFound("The case has never been in mediation.", "NO_DISPUTE")
        return Response(DisputeOut(found, context=self.get_serializer_context()).data)
