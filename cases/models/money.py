"""Money on the move: postings of the counters, and refunds."""

from django.db import models
from django.db.models import F, Q

from cases.models.base import Row, fits
from cases.models.case import Case
from cases.models.order import Order, OrderLine, Payment
from cases.models.parcel import Parcel
from cases.models.party import Marketplace, Party


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

    FIXED = frozenset({"case_id", "event_id", "kind", "amount", "currency", "payer", "is_advance"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="refunds", db_index=False)
    event_id = models.UUIDField()
    kind = models.CharField(max_length=12)  # refund: to the payments; compensation: by the payer
    medium = models.CharField(max_length=10, default="money")  # coupon, points: of a compensation
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = models.CharField(max_length=10, blank=True)  # of a compensation, or by guarantee
    is_advance = models.BooleanField(default=False)  # decided by a ruling that was not final
    reversed = models.BigIntegerField(default=0)  # of an advance: what the final ruling denies
    state = models.CharField(max_length=10, default="pending")  # succeeded, failed, by_hand, void
    code = models.CharField(max_length=50, blank=True)  # the gateway's, of the last failure
    failures = models.SmallIntegerField(default=0)
    decided_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "kind"], name="refund_one_per_decision"),
            fits("refund_positive", Q(amount__gt=0)),
            fits(
                "refund_reversed",
                Q(reversed=0) | Q(is_advance=True, reversed__gt=0, reversed__lte=F("amount")),
            ),
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


class Recovery(Row):
    """What somebody owes because of a decision. The marketplace carries it out and tells us.

    The seller to the platform, which has paid first; the platform to the seller, whose money was
    paid out by a ruling that an appeal has reversed; the carrier to whoever has paid.
    """

    FIXED = frozenset(
        {"case_id", "marketplace_id", "seller_id", "event_id", "refund_id", "parcel_id", "debtor"}
        | {"creditor", "amount", "currency", "decided_at"}
    )

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recoveries")
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # that of its case, as the invariants watch
    )
    seller = models.ForeignKey(
        Party, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    event_id = models.UUIDField()
    refund = models.ForeignKey(  # the advance that it follows
        Refund, on_delete=models.PROTECT, null=True, related_name="recoveries"
    )
    parcel = models.ForeignKey(  # that a carrier has lost or damaged; NULL: the order's own
        Parcel, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    debtor = models.CharField(max_length=10)
    creditor = models.CharField(max_length=10)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, default="open")  # paid, refused
    reference = models.CharField(max_length=100, blank=True)  # the marketplace's own
    decided_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id", "debtor"], name="recovery_once"),
            fits("recovery_positive", Q(amount__gt=0)),
            fits(
                "recovery_between_two",
                Q(debtor__in=["seller", "platform", "carrier"])
                & Q(creditor__in=["seller", "platform"])
                & ~Q(debtor=F("creditor")),
            ),
            fits(
                "recovery_settled",
                Q(state="open", settled_at__isnull=True)
                | Q(state__in=["paid", "refused"], settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["marketplace", "id"], name="recovery_of_marketplace"),
            models.Index(
                fields=["seller"],
                condition=Q(debtor="seller") & ~Q(state="paid"),
                name="recovery_of_seller",
            ),
        ]
