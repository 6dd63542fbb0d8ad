"""What was bought: an order as the marketplace tells it, and what has been given back of it."""

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from cases.models.base import Row, fits
from cases.models.party import Marketplace, Party
from cases.policy_terms import Limits


class Order(Row):
    """One buyer's purchase from one seller. Amounts in minor units of its currency."""

    FIXED = frozenset({"marketplace_id", "ref", "buyer_id", "seller_id", "currency"})

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    ref = models.CharField(max_length=100)
    buyer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=50, default="UTC")
    region = models.CharField(max_length=20, blank=True)  # where the buyer is, such as "CN-SC"
    placed_at = models.DateTimeField()
    promised_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    listing_hash = models.CharField(max_length=64, blank=True)  # of the page as it was sold from
    freight = models.BigIntegerField(default=0)  # outbound, as paid
    freight_reserved = models.BigIntegerField(default=0)
    freight_refunded = models.BigIntegerField(default=0)

    objects = ScopedManager(marketplace="marketplace")
    everywhere = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "ref"], name="order_once"),
            fits(
                "order_freight_within_paid",
                Q(freight__gte=F("freight_reserved") + F("freight_refunded"))
                & Q(freight_reserved__gte=0, freight_refunded__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class OrderLine(Row):
    """One line of an order with its counters: each equals the sum of its postings."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    ref = models.CharField(max_length=100)
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    category = models.CharField(max_length=100, blank=True)
    flags = models.JSONField(default=list, blank=True)  # custom_made, perishable, presale, …
    quantity = models.IntegerField()
    paid = models.BigIntegerField()  # after discounts, for all pieces
    discounts = models.BigIntegerField(default=0)
    claimed = models.IntegerField(default=0)  # pieces under a claim or given back
    reserved = models.BigIntegerField(default=0)  # agreed, not yet paid out
    refunded = models.BigIntegerField(default=0)
    outside = models.BigIntegerField(default=0)  # given back by others than us
    applications = models.IntegerField(default=0)  # ever, withdrawn ones included
    edits = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "ref"], name="order_line_once"),
            fits("order_line_bought", Q(quantity__gt=0, paid__gte=0)),
            fits("order_line_claimed", Q(claimed__gte=0, claimed__lte=F("quantity"))),
            fits(
                "order_line_within_paid",
                Q(paid__gte=F("reserved") + F("refunded") + F("outside"))
                & Q(reserved__gte=0, refunded__gte=0, outside__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def left(self) -> int:
        """What of the price has not been given back or promised yet, in minor units."""
        return self.paid - self.reserved - self.refunded - self.outside

    def tries_left(self, counter: str, limits: Limits) -> int:
        """Tell how many more "applications" or "edits" the policy allows."""
        return limits.left(counter, applications=self.applications, edits=self.edits)

    def limit_of(self, counter: str, limits: Limits) -> str:
        """Name the limit that leaves the fewest more of them: its own, or that of both together."""
        own = getattr(limits, counter) - getattr(self, counter)
        is_own = self.tries_left(counter, limits) == own
        return counter if is_own else "applications_and_edits"


class Payment(Row):
    """One payment for an order; refunds go back to them in the order of their capture."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    ref = models.CharField(max_length=100)
    method = models.CharField(max_length=50)
    amount = models.BigIntegerField()
    captured_at = models.DateTimeField()
    given_back = models.BigIntegerField(default=0)  # by refunds that have not failed for good

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "ref"], name="payment_once"),
            fits("payment_within_captured", Q(given_back__gte=0, given_back__lte=F("amount"))),
        ]

    def __str__(self) -> str:
        return self.ref
