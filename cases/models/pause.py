"""Pauses: the clocks of a marketplace or of a region stand still, for a holiday or a flood."""

from django.db import models
from django.db.models import Q

from cases.models.base import Row, fits
from cases.models.party import Marketplace


class Pause(Row):
    """One pause, from its beginning until somebody lifts it."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    region = models.CharField(max_length=20, blank=True)  # of orders; empty: everywhere
    reason = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    began_by = models.CharField(max_length=100)  # a pseudonym of one of our people
    until = models.DateTimeField(null=True)  # when it ends by itself; NULL: when somebody lifts it
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["marketplace", "region"],
                condition=Q(ended_at=None),
                name="pause_one_at_a_time",
            ),
            fits("pause_lasts", Q(until__isnull=True) | Q(until__gt=models.F("began_at"))),
            fits(
                "pause_is_ended_by_somebody",
                Q(ended_at__isnull=True, ended_by="") | Q(ended_at__isnull=False) & ~Q(ended_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.marketplace} {self.region}".strip()

    @property
    def runs(self) -> bool:
        return self.ended_at is None


def concerning(marketplace: object, region: object) -> Q:
    """Keep the running pauses that concern an order.

    :param marketplace: its id, or an expression for it
    :param region: the same
    """
    return Q(marketplace=marketplace, ended_at=None) & (Q(region="") | Q(region=region))
