"""Webhook endpoints over HTTP, for a marketplace's own systems alone."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.filters import NewestFirst
from cases.ids import new_id
from cases.models import Marketplace
from cases.refusals import Refused
from cases.roles import Role
from cases.views import paged
from mediation import bell, commands, idempotency
from mediation.idempotency import Stored
from mediation.letters import DELIVER
from mediation.looking import clock_of
from mediation.views import KEY
from mediation.webhooks.shapes import (
    EndpointChange,
    EndpointIn,
    EndpointMade,
    EndpointOut,
    Rotation,
)
from notifications import endpoints
from notifications.channels.webhook import new_secret
from notifications.models import WebhookEndpoint

MOST = 10  # endpoints of a marketplace


class TooManyEndpoints(Refused):
    """The marketplace has as many as it may have. `most` says how many."""

    code = "TOO_MANY_ENDPOINTS"


class View(views.View):
    """A view of the endpoints of one marketplace."""

    roles = (str(Role.SERVICE),)
    queryset: Any = WebhookEndpoint.objects.none()  # for the API's description only

    @cached_property
    def market(self) -> Marketplace:
        return Marketplace.objects.get(pk=self.marketplace_id)

    @cached_property
    def at(self) -> datetime:
        return clock_of(self.market)()

    def own(self) -> QuerySet[WebhookEndpoint]:
        return endpoints.of(self.marketplace_id)

    def endpoint(self, endpoint_id: UUID) -> WebhookEndpoint:
        """:raises Http404: this marketplace has no such endpoint"""
        return get_object_or_404(self.own(), pk=endpoint_id)

    @contextmanager
    def held(self, endpoint_id: UUID) -> Any:
        """Lock an endpoint for a change.

        :raises Http404: this marketplace has no such endpoint
        """
        with transaction.atomic():
            yield get_object_or_404(self.own().select_for_update(), pk=endpoint_id)

    def once(
        self, request: Request, asked: Any, status: int, make: Callable[[], WebhookEndpoint]
    ) -> Response:
        """Make something once for each Idempotency-Key; who asks again gets the same answer."""
        key = commands.idempotency_key(request, self.actor, asked)
        with transaction.atomic(durable=True):
            said = idempotency.replay(key)
            if isinstance(said, Refused):
                raise said
            if isinstance(said, Stored):
                return Response(said.body, said.status, headers={"Idempotent-Replayed": "true"})
            body = dict(EndpointMade(make()).data)
            idempotency.answered(key, status, body, self.at).save(force_insert=True)
        return Response(body, status)


class Endpoints(View):
    """Where a marketplace hears of its cases."""

    serializer_class = EndpointOut
    pagination_class = NewestFirst
    parameters = paged(NewestFirst)
    problems = {"POST": (409, 422)}

    @extend_schema(operation_id="list_webhook_endpoints", responses=EndpointOut(many=True))
    def get(self, _request: Request) -> Response:
        """List the endpoints, the newest first."""
        page = self.paginate_queryset(self.own())
        return self.get_paginated_response(EndpointOut(page, many=True).data)

    @extend_schema(
        operation_id="create_webhook_endpoint",
        request=EndpointIn,
        responses={201: EndpointMade},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """Make an endpoint. Its secret is in this answer and in no other."""
        asked = EndpointIn(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = self.once(request, asked.validated_data, 201, lambda: self._make(asked))
        answer.headers["Location"] = f"/api/v1/webhook-endpoints/{answer.data['id']}"
        return answer

    def _make(self, asked):
        # Locked, so that two requests at once do not both find room.
        Marketplace.objects.select_for_update(no_key=True).get(pk=self.marketplace_id)
        if self.own().count() >= MOST:
            raise TooManyEndpoints(f"A marketplace has at most {MOST} endpoints.", most=MOST)
        return WebhookEndpoint.objects.create(
            id=new_id(self.at),
            marketplace_id=self.marketplace_id,
            secret=new_secret(),
            **asked.validated_data,
        )


class OneEndpoint(View):
    """One endpoint."""

    serializer_class = EndpointOut

    @extend_schema(operation_id="get_webhook_endpoint", responses=EndpointOut)
    def get(self, _request: Request, endpoint_id: UUID) -> Response:
        """Show an endpoint, and whether it fails or was switched off, and why."""
        return Response(EndpointOut(self.endpoint(endpoint_id)).data)

    @extend_schema(
        operation_id="change_webhook_endpoint", request=EndpointChange, responses=EndpointOut
    )
    def patch(self, request: Request, endpoint_id: UUID) -> Response:
        """Change where it is, of what it hears, or switch it off or on.

        Switched on again it gets what it has missed before it was off; what happened meanwhile is
        in the feed of events.
        """
        asked = EndpointChange(data=request.data)
        asked.is_valid(raise_exception=True)
        told = dict(asked.validated_data)
        active = told.pop("active", None)
        if "url" in told:
            told["failing_since"] = None  # nothing has failed there yet
        with self.held(endpoint_id) as found:
            if told:
                self.own().filter(pk=found.pk).update(**told)
            if active is not None and active != found.active:
                self._switch(found, on=active)
        bell.ring(DELIVER)
        return Response(EndpointOut(self.endpoint(endpoint_id)).data)

    def _switch(self, found, *, on):
        if on:
            endpoints.switch_on(found, at=self.at)
            return
        rows = self.own().filter(pk=found.pk)
        endpoints.switch_off(rows, at=self.at, because="by the marketplace", tell=False)

    @extend_schema(operation_id="remove_webhook_endpoint", responses={204: None})
    def delete(self, _request: Request, endpoint_id: UUID) -> Response:
        """Remove an endpoint. What waits for it is not sent any more."""
        with self.held(endpoint_id) as found:
            endpoints.remove(found, at=self.at)
        return Response(status=204)


class Secret(View):
    """The secret of an endpoint."""

    @extend_schema(
        operation_id="rotate_webhook_secret",
        request=Rotation,
        responses={200: EndpointMade},
        parameters=[KEY],
    )
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        """Make a new secret. For a while deliveries are signed with the one before as well."""
        asked = Rotation(data=request.data)
        asked.is_valid(raise_exception=True)
        overlap = timedelta(hours=asked.validated_data["overlap_hours"])

        def rotate():
            with self.held(endpoint_id) as found:
                endpoints.rotate(found, at=self.at, overlap=overlap)
            return found

        return self.once(request, asked.validated_data, 200, rotate)
