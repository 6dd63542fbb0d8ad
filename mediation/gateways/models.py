"""What is kept about gateways: accounts, what was asked and answered; the sandbox's own books."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from cases.models import Marketplace, Refund
from cases.models.base import Row, fits


class GatewayAccount(Row):
    """Which gateway pays for a marketplace, and the secret that signs what it tells us."""

    marketplace = models.OneToOneField(
        Marketplace, on_delete=models.CASCADE, related_name="gateway_account"
    )
    gateway = models.CharField(max_length=30)  # a key of settings.GATEWAYS
    secret = models.CharField(max_length=100, blank=True)  # "whsec_…" as in Standard Webhooks
    former_secret = models.CharField(max_length=100, blank=True)
    former_until = models.DateTimeField(null=True, blank=True)  # both sign until then
    options = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return f"{self.gateway} of {self.marketplace_id}"

    def secrets(self, at: datetime) -> list[str]:
        """List the secrets that sign at a moment, the newest first."""
        former = self.former_until is not None and at < self.former_until
        return [s for s in (self.secret, self.former_secret if former else "") if s]


class Payout(models.Model):
    """What a gateway was asked for one refund, noted before the first call, and what it last said.

    The refund's own state is the writer's business; this is the correspondence.
    """

    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, primary_key=True, related_name="payout"
    )
    asked_at = models.DateTimeField()  # first
    answered_at = models.DateTimeField(null=True)  # last
    answer = models.CharField(max_length=10, blank=True)  # pending, succeeded, failed
    code = models.CharField(max_length=50, blank=True)
    reference = models.CharField(max_length=100, blank=True)  # the gateway's own

    def __str__(self) -> str:
        return f"{self.refund_id}: {self.answer or 'asked'}"


class SandboxRefund(models.Model):
    """The books of the sandbox gateway, which stands for somebody else's computer."""

    key = models.UUIDField(primary_key=True)
    clock_id = models.UUIDField(null=True)
    order_ref = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    script = models.JSONField(default=list)  # how it answers the first request, the second, …
    asked = models.IntegerField(default=0)  # requests
    paid = models.IntegerField(default=0)  # times that the money went: never more than once
    state = models.CharField(max_length=10, default="unheard")  # pending, succeeded, failed
    code = models.CharField(max_length=50, blank=True)
    answers_at = models.DateTimeField(null=True)  # of an answer that comes late
    first_asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            fits("sandbox_pays_once", Q(paid__in=[0, 1])),
            fits(
                "sandbox_paid_what_it_says",
                Q(paid=1, state="succeeded") | Q(paid=0) & ~Q(state="succeeded"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"
