"""Tokens by which past rulings are found again."""

from django.db import models

from cases.models.base import Row
from cases.models.dispute import Ruling
from cases.models.party import Marketplace


class RulingToken(Row):
    """One thing that a ruling is about (cases.wording); whoever erases its words erases these."""

    ruling = models.ForeignKey(
        Ruling, on_delete=models.CASCADE, related_name="tokens", db_index=False
    )
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # that of its case, as the invariants watch
    )
    token = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ruling", "token"], name="ruling_token_once"),
        ]
        indexes = [
            models.Index(fields=["marketplace", "token", "-ruling"], name="ruling_by_token"),
        ]

    def __str__(self) -> str:
        return self.token
