"""What everybody may know of a shop before buying: three figures of the last 30 days."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import standing, views
from cases.models import Marketplace, Party
from cases.roles import Role
from mediation.looking import clock_of

WINDOW = timedelta(days=30)
LEAST = 20  # orders or answers: of fewer nothing is said, so that nobody's own case can be told
PERCENT = 100

FIGURES = """
    SELECT o.orders, c.mediated, c.given, a.answers, a.hours
    FROM (
        SELECT count(*) AS orders FROM cases_order
        WHERE seller_id = %(seller)s AND placed_at > %(since)s AND placed_at <= %(until)s
    ) AS o, (
        SELECT count(*) FILTER (WHERE mediation_rounds > 0) AS mediated,
            count(*) FILTER (WHERE outcome = ANY(%(given)s)) AS given
        FROM cases_case
        WHERE seller_id = %(seller)s AND opened_at > %(since)s AND opened_at <= %(until)s
    ) AS c, (
        SELECT count(*) AS answers, (percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(epoch FROM p.answered_at - p.applied_at)) / 3600)::float8 AS hours
        FROM cases_application p JOIN cases_case k ON k.id = p.case_id
        WHERE k.seller_id = %(seller)s AND k.opened_at > %(since)s AND k.opened_at <= %(until)s
            AND p.answered_by = 'seller'
    ) AS a
"""


class StandingOut(serializers.Serializer):
    """The public figures of a shop; null: of fewer than 20 orders, or answers, nothing is said."""

    seller = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    dispute_rate = serializers.FloatField(
        allow_null=True, help_text="Percent of orders: cases that came before a mediator."
    )
    refund_rate = serializers.FloatField(
        allow_null=True, help_text="Percent of orders: cases that ended with something given."
    )
    answer_hours = serializers.FloatField(
        allow_null=True, help_text="From the application to the shop's own answer; median."
    )


class ShopStanding(views.View):
    """The public figures of a shop, for everybody in its marketplace."""

    serializer_class = StandingOut

    @extend_schema(operation_id="get_standing")
    def get(self, _request: Request, ref: str) -> Response:
        """Tell how often a shop's orders end in disputes and refunds, and how fast it answers."""
        seller = self.party(Role.SELLER, ref)
        at = clock_of(Marketplace.objects.get(pk=self.marketplace_id))()
        return Response(StandingOut(public_figures(seller, at)).data)


def public_figures(seller: Party, at: datetime) -> dict[str, Any]:
    """Compute what is told of a shop: one statement."""
    since = at - WINDOW
    asked: dict[str, Any] = {
        "seller": seller.pk,
        "since": since,
        "until": at,
        "given": sorted(standing.GIVEN),
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, asked)
        [(orders, mediated, given, answers, hours)] = cursor.fetchall()
    return {
        "seller": seller.ref,
        "since": since,
        "until": at,
        "dispute_rate": _percent(mediated, orders),
        "refund_rate": _percent(given, orders),
        "answer_hours": round(hours, 1) if answers >= LEAST else None,
    }


def _percent(part: int, whole: int) -> float | None:
    """Tell a share to a tenth of a percent."""
    return round(PERCENT * part / whole, 1) if whole >= LEAST else None
