"""How a seller does: figures of the last 90 days, with the points and restrictions in force."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, Sum
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases import standing, views
from cases.aftercare import DIMENSIONS
from cases.conduct import POINTS
from cases.models import Case, Event, Marketplace, Order, Party, Penalty, Rating
from cases.replies import slow
from cases.roles import Role
from mediation.looking import clock_of

WINDOW = timedelta(days=90)
PERCENT = 100


class Marks(serializers.Serializer):
    """What buyers think: means of 1 to 5; null: nobody has said."""

    ratings = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    efficiency = serializers.FloatField(allow_null=True)
    attitude = serializers.FloatField(allow_null=True)
    timeliness = serializers.FloatField(allow_null=True)
    content = serializers.FloatField(allow_null=True)


class ScorecardOut(serializers.Serializer):
    """The figures of a seller. Shares are percent of the line above; null: of nothing."""

    seller = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    orders = serializers.IntegerField()
    cases = serializers.IntegerField()
    refund_rate = serializers.IntegerField(allow_null=True, help_text="Percent of orders.")
    not_answered = serializers.IntegerField(help_text="Cases in which its time ran out.")
    slow_first_replies = serializers.IntegerField(
        help_text="Cases in which it said nothing in the policy's `first_reply`."
    )
    in_mediation = serializers.IntegerField(help_text="Cases that came before a mediator.")
    ruled_for_seller = serializers.IntegerField()
    counts_against = serializers.IntegerField(help_text="Cases that ended with something given.")
    marks = Marks()
    points = serializers.IntegerField(help_text="In force now.")
    restrictions = serializers.ListField(child=serializers.CharField())


class Scorecard(views.View):
    """The scorecard of a seller, for the seller itself and for the marketplace."""

    roles = (str(Role.SELLER), str(Role.SERVICE))
    serializer_class = ScorecardOut

    @extend_schema(operation_id="get_scorecard")
    def get(self, _request: Request, ref: str) -> Response:
        """Show how a seller does."""
        seller = self.party(Role.SELLER, ref)
        if self.actor.role == Role.SELLER and seller.pk != self.actor.party_id:
            raise NotFound("There is no such seller.", "PARTY_NOT_FOUND")
        at = clock_of(Marketplace.objects.get(pk=self.marketplace_id))()
        return Response(ScorecardOut(scorecard(seller, at)).data)


def scorecard(seller: Party, at: datetime) -> dict[str, Any]:
    """Compute the figures of a seller: five statements."""
    since = at - WINDOW
    recent = {"seller": seller, "opened_at__gte": since, "opened_at__lte": at}
    lapsed = Event.objects.filter(role="clock", before="awaiting_seller", clock__isnull=False)
    late = Q(Exists(lapsed.filter(case=OuterRef("pk"))))
    cases = Case.everywhere.filter(**recent).aggregate(
        cases=Count("pk"),
        orders=Count("order", distinct=True),
        not_answered=Count("pk", filter=late),
        in_mediation=Count("pk", filter=Q(mediation_rounds__gt=0)),
        ruled_for_seller=Count("pk", filter=Q(outcome="ruled_for_seller")),
        counts_against=Count("pk", filter=Q(outcome__in=standing.GIVEN)),
    )
    orders = Order.everywhere.filter(seller=seller, placed_at__gte=since, placed_at__lte=at).count()
    with_case = cases.pop("orders")
    marks = Rating.objects.filter(
        role="buyer", case__seller=seller, rated_at__gte=since, rated_at__lte=at
    ).aggregate(ratings=Count("pk"), **{name: Avg(name) for name in ("score", *DIMENSIONS)})
    penalties = Penalty.objects.in_force(at).filter(party=seller)
    held = penalties.values("kind").annotate(total=Sum("points")).order_by("kind")
    in_force = {row["kind"]: row["total"] for row in held}
    return {
        "seller": seller.ref,
        "since": since,
        "until": at,
        "orders": orders,
        "refund_rate": min(PERCENT, PERCENT * with_case // orders) if orders else None,
        **cases,
        "slow_first_replies": slow(Case.everywhere.filter(**recent), at),
        "marks": marks,
        "points": in_force.pop(POINTS, 0),
        "restrictions": sorted(in_force),
    }
