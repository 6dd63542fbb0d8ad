"""What is sent to endpoints, over HTTP: a ping, the deliveries, those that were given up again."""

import json
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.filters import Keyset
from cases.ids import new_id
from cases.refusals import Refused
from cases.views import paged
from mediation import bell
from mediation.letters import DELIVER
from mediation.webhooks.shapes import PING, STANDINGS, DeliveryOut
from mediation.webhooks.views import View
from notifications import attempts, deliveries
from notifications.attempts import PENDING
from notifications.models import Delivery

HOW = {
    "waiting": PENDING,
    "delivered": Q(done_at__isnull=False),
    "dead": Q(dead_at__isnull=False),
}


class EndpointOff(Refused):
    """Nothing is sent to an endpoint that is switched off."""

    code = "ENDPOINT_OFF"


class Ping(View):
    """A delivery to try an endpoint with."""

    @extend_schema(operation_id="ping_webhook_endpoint", request=None, responses={202: DeliveryOut})
    def post(self, _request: Request, endpoint_id: UUID) -> Response:
        """Send a delivery of type `ping`; what is answered there is seen in `deliveries`."""
        found, ping_id = self.endpoint(endpoint_id), new_id(self.at)
        if not found.active:
            raise EndpointOff("The endpoint is switched off.")
        body = {"id": str(ping_id), "type": PING, "at": self.at.isoformat()}
        made = deliveries.ping(
            found, ping_id, json.dumps(body), at=self.at, clock_id=self.market.clock_id
        )
        bell.ring(DELIVER)
        return Response(DeliveryOut(made).data, status=202)


class ByEvent(Keyset):
    """Ids of events sort by their moment, and so does the index of an endpoint's deliveries."""

    ordering = "-event_id"


class DeliveryFilter(django_filters.FilterSet):
    """How deliveries are cut down."""

    standing = django_filters.ChoiceFilter(
        choices=[(name, name) for name in STANDINGS], method="that_stand", label="how they stand"
    )

    class Meta:
        model = Delivery
        fields = ("standing",)

    def that_stand(self, rows: QuerySet, _name: str, standing: str) -> QuerySet:
        return rows.filter(HOW[standing])


class Deliveries(View):
    """What was sent to an endpoint, or will be."""

    queryset = Delivery.objects.none()  # for the API's description only
    serializer_class = DeliveryOut
    filterset_class = DeliveryFilter
    filter_backends = (DjangoFilterBackend,)
    pagination_class = ByEvent
    parameters = paged(ByEvent, *DeliveryFilter.Meta.fields)

    @extend_schema(operation_id="list_webhook_deliveries", responses=DeliveryOut(many=True))
    def get(self, _request: Request, endpoint_id: UUID) -> Response:
        """List deliveries, the latest event first, with what was answered."""
        rows = Delivery.objects.filter(endpoint=self.endpoint(endpoint_id))
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(DeliveryOut(page, many=True).data)


REPLAYED = inline_serializer("Replayed", {"replayed": serializers.IntegerField()})


class Replay(View):
    """Deliveries that were given up."""

    @extend_schema(operation_id="replay_webhook_deliveries", request=None, responses=REPLAYED)
    def post(self, _request: Request, endpoint_id: UUID) -> Response:
        """Try all deliveries again that were given up."""
        with self.held(endpoint_id) as found:
            if not found.active:
                raise EndpointOff("The endpoint is switched off.")
            count = attempts.replay(Delivery.objects.filter(endpoint=found), at=self.at)
        bell.ring(DELIVER)
        return Response({"replayed": count})
