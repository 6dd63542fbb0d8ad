"""The parcels of a case with all that carriers have told of them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Upper
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.models import Case, Parcel, ParcelEvent
from cases.models.parcel import Consignment
from cases.parcels import ORDER
from cases.serializers.papers import ParcelOut


class TraceOut(serializers.Serializer):
    """One message of a carrier."""

    code = serializers.CharField()
    happened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    place = serializers.CharField()
    handed_over = serializers.CharField(
        source="how", help_text="hand or pickup_point; empty: the carrier does not say."
    )
    signed_by = serializers.CharField()
    counts = serializers.SerializerMethodField(
        help_text="False: it is older than the agreement, so it tells of another parcel."
    )

    def get_counts(self, row: ParcelEvent) -> bool:
        return not row.too_old


class TrackedOut(ParcelOut):
    """A parcel of the case, or one in which the order was sent out (`kind` is "order")."""

    id = serializers.UUIDField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    scans = serializers.IntegerField()
    trace = TraceOut(many=True)


class TrackedPage(serializers.Serializer):
    results = TrackedOut(many=True)


class Parcels(views.View):
    """The parcels of a case, and of its order."""

    serializer_class = TrackedOut

    @extend_schema(operation_id="list_parcels", responses=TrackedPage)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List the parcels of a case in the order of their sending; first those of the order."""
        return Response(TrackedPage({"results": tracked(self.case(case_id))}).data)


def tracked(case: Case) -> list[dict[str, Any]]:
    """Give the parcels with their traces, each in the order in which things happened."""
    out = list(Consignment.objects.filter(order=case.order_id).order_by("id"))
    own = list(Parcel.objects.filter(case=case).order_by("id"))
    numbers = {row.tracking_no.upper() for row in out}
    rows = ParcelEvent.objects.alias(number=Upper("tracking_no")).filter(
        Q(parcel__in=own) | Q(parcel=None, marketplace=case.marketplace_id, number__in=numbers)
    )
    traces: dict[Any, list[ParcelEvent]] = defaultdict(list)
    for row in rows.order_by("happened_at", "id"):
        traces[row.parcel_id or row.tracking_no.upper()].append(row)
    return [
        *(_of_order(row, traces[row.tracking_no.upper()]) for row in out),
        *({**_columns(row), "trace": traces[row.id]} for row in own),
    ]


def _columns(parcel):
    names: Any = ParcelOut().fields
    return {name: getattr(parcel, name) for name in names}


def _of_order(row, trace):
    arrived = [event.happened_at for event in trace if event.code == "delivered"]
    return {
        "id": None,
        "kind": ORDER,
        "carrier": row.carrier,
        "tracking_no": row.tracking_no,
        "state": None,
        "sent_at": None,
        "delivered_at": max(arrived, default=None),
        "scans": len(trace),
        "trace": trace,
    }
