"""Parcels of a case, and what carriers tell of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from cases.models.base import Row
from cases.models.case import Case
from cases.models.order import Order
from cases.models.party import Marketplace


class Parcel(Row):
    """One parcel on its way: the return, or goods that the seller owes."""

    FIXED = frozenset({"case_id", "marketplace_id", "kind"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parcels")
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12)  # return, replacement, reship, repaired, sent_back
    carrier = models.CharField(max_length=100)
    tracking_no = models.CharField(max_length=60)
    state = models.CharField(max_length=12, default="sent")  # sent, delivered, lost, ended
    sent_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=12, blank=True)  # handed over: hand, pickup_point
    moved_at = models.DateTimeField(null=True)  # by the latest scan
    scans = models.IntegerField(default=0)
    corrections = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(  # whatever the carrier is called
                "marketplace",
                Upper("tracking_no"),
                condition=Q(kind="return"),
                name="parcel_serves_one_return",
            ),
        ]
        indexes = [
            models.Index("marketplace", Upper("tracking_no"), name="parcel_by_number"),
        ]


class Consignment(Row):
    """One parcel in which an order was sent out, as the marketplace tells it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="consignments")
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    carrier = models.CharField(max_length=100)
    tracking_no = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint("order", Upper("tracking_no"), name="consignment_once"),
        ]
        indexes = [
            models.Index("marketplace", Upper("tracking_no"), name="consignment_by_number"),
        ]


class ParcelEvent(Row):
    """One message of a carrier, once by the sender's own id.

    Those of a parcel that nobody knows yet wait for it; the order's own have none.
    """

    FIXED = frozenset({"marketplace_id", "source_id", "carrier", "tracking_no", "code"})

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, null=True, related_name="scans_of")
    source_id = models.CharField(max_length=100)
    carrier = models.CharField(max_length=100)
    tracking_no = models.CharField(max_length=60)
    code = models.CharField(max_length=20)  # in_transit, delivered, lost, stuck, …
    happened_at = models.DateTimeField()  # as the carrier says
    recorded_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    how = models.CharField(max_length=12, blank=True)  # handed over: hand, pickup_point
    signed_by = models.CharField(max_length=100, blank=True)  # as the carrier writes it
    too_old = models.BooleanField(default=False)  # older than the agreement: it counts for nothing

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "source_id"], name="parcel_event_once"),
        ]
        indexes = [
            models.Index("marketplace", Upper("tracking_no"), name="parcel_event_by_number"),
        ]
