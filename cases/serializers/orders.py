"""Orders, and what was paid back of them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import Order
from cases.serializers.base import Amount, Priced
from cases.serializing import represent


class OrderLineOut(serializers.Serializer):
    ref = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    flags = serializers.ListField(child=serializers.CharField())
    quantity = serializers.IntegerField()
    claimed = serializers.IntegerField()
    paid = Amount()
    discounts = Amount()
    reserved = Amount()
    refunded = Amount()
    outside = Amount()


class PaymentOut(serializers.Serializer):
    ref = serializers.CharField()
    method = serializers.CharField()
    amount = Amount()
    captured_at = serializers.DateTimeField()
    given_back = Amount()


class OrderOut(Priced):
    """An order as it was told, with what has been claimed and given back of it."""

    ref = serializers.CharField()
    buyer = serializers.CharField(source="buyer.ref")
    seller = serializers.CharField(source="seller.ref")
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    placed_at = serializers.DateTimeField()
    promised_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    listing_hash = serializers.CharField()
    freight = Amount()
    freight_refunded = Amount()
    lines = serializers.SerializerMethodField()
    payments = serializers.SerializerMethodField()
    cases = serializers.SerializerMethodField()

    @extend_schema_field(OrderLineOut(many=True))
    def get_lines(self, order: Order) -> Any:
        lines = sorted(order.lines.all(), key=lambda line: line.ref)
        return [represent(OrderLineOut, line, self.context) for line in lines]

    @extend_schema_field(PaymentOut(many=True))
    def get_payments(self, order: Order) -> Any:
        payments = sorted(order.payments.all(), key=lambda payment: payment.captured_at)
        return [represent(PaymentOut, payment, self.context) for payment in payments]

    def get_cases(self, order: Order) -> list[str]:
        return [str(case_id) for case_id in sorted(case.id for case in order.cases.all())]


class RefundPartOut(serializers.Serializer):
    payment = serializers.CharField(source="payment.ref")
    method = serializers.CharField(source="payment.method")
    amount = Amount()


class RefundOut(Priced):
    """One payment out; its parts go back to the original payments."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    medium = serializers.CharField(help_text="money; of a compensation also coupon or points.")
    amount = Amount()
    payer = serializers.CharField()
    is_advance = serializers.BooleanField(help_text="Paid before the ruling is final.")
    state = serializers.CharField()
    decided_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    parts = RefundPartOut(many=True)


class RecoveryOut(Priced):
    """What somebody owes because of a decision: to be carried out by the marketplace."""

    id = serializers.UUIDField(help_text="The key by which it is carried out once.")
    case = serializers.UUIDField(source="case_id")
    order = serializers.CharField(source="case.order.ref")
    seller = serializers.CharField(source="seller.ref")
    debtor = serializers.CharField(help_text="seller, platform or carrier.")
    creditor = serializers.CharField(help_text="platform or seller.")
    amount = Amount()
    refund = serializers.UUIDField(
        source="refund_id", allow_null=True, help_text="The advance that it follows."
    )
    parcel = serializers.UUIDField(
        source="parcel_id",
        allow_null=True,
        help_text="That the carrier lost or damaged; null: one of the order itself.",
    )
    carrier = serializers.CharField(source="parcel.carrier", default="")
    tracking_no = serializers.CharField(source="parcel.tracking_no", default="")
    state = serializers.CharField(help_text="open, paid or refused.")
    reference = serializers.CharField()
    decided_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class RefundsOut(serializers.Serializer):
    results = RefundOut(many=True)
