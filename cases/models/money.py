"""Money on the move: postings of the counters, and refunds."""

from django.db import models
from django.db.models import Q

from cases.models.base import Row, fits
from cases.models.case import Case
from cases.models.order import Order, OrderLine, Payment


class Posting(Row):
    """One change of an order line's counters, or of the order's freight when `line` is empty."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="postings", db_index=False
    )
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(
        OrderLine, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    event_id = models.UUIDField()
    claimed = models.IntegerField(default=0)  # pieces
    reserved = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    outside = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="posting_of_case"),
            models.Index(fields=["line"], name="posting_of_line"),
            models.Index(fields=["order"], condition=Q(line=None), name="posting_of_freight"),
        ]


class Refund(Row):
    """One payment out, decided by one event. Its id is the key that the gateway knows it by."""

    FIXED = frozenset({"case_id", "event_id", "kind", "amount", "currency", "payer"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=12)  # refund: to the payments; compensation: by the payer
    medium = models.CharField(max_length=10, default="money")  # coupon, points: of a compensation
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=10, blank=True)  # of a compensation
    state = models.CharField(max_length=10, default="pending")  # succeeded, failed, by_hand, void
    code = models.CharField(max_length=50, blank=True)  # the gateway's, of the last failure
    failures = models.SmallIntegerField(default=0)
    decided_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind"], name="refund_one_per_decision"),
            fits("refund_positive", Q(amount__gt=0)),
        ]
        indexes = [
            models.Index(fields=["case"], name="refund_of_case"),
            models.Index(
                fields=["decided_at"], condition=Q(state="pending"), name="refund_pending"
            ),
        ]


class RefundPart(Row):
    """What of a refund goes back to which payment."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [fits("refund_part_positive", Q(amount__gt=0))]
