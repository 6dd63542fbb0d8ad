"""What carriers tell of parcels, over HTTP: in our words, or in a carrier's own through an adapter.

Each message counts once, by the sender's id of it or by one that is derived.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.actors import Actor
from cases.fields import Line, Moment, Ref, Strict
from cases.lifecycle import OPEN
from cases.models import Case, Marketplace, Parcel
from cases.models.parcel import Consignment
from cases.models.policy import in_force, pinned, preload
from cases.refusals import Refused
from cases.roles import Role
from mediation import scans
from mediation.carriers import ADAPTERS, CODES, CarrierError
from mediation.carriers.names import same
from mediation.carriers.scan import HOW, Number, Scan
from mediation.looking import clock_of
from mediation.scans import Kept
from mediation.steps import Wish, take

SERVICE = (str(Role.SERVICE),)


def tell(
    market: Marketplace,
    told: Iterable[Scan],
    person: str,
    clock: Callable[[], datetime] | None = None,
) -> list[tuple[Scan, Kept]]:
    """Record messages, and move or inform the cases that they are about.

    :param told: of any number of parcels, in any order, also twice
    :param person: who passes them on
    :param clock: tells the moment; None: that of the marketplace
    :returns: one row per message, in the order in which they happened, parcel by parcel
    :raises Refused: the database did not take it
    """
    parcels: dict[tuple[str, str], dict[str, Scan]] = defaultdict(dict)
    for scan in told:
        parcels[scan.carrier.lower(), scan.tracking_no.upper()].setdefault(scan.source_id, scan)
    clock = clock or clock_of(market)
    by = Actor(role=str(Role.CARRIER), marketplace_id=market.id, person=person)
    found: list[tuple[Scan, Kept]] = []
    for of_one in parcels.values():
        ordered = tuple(sorted(of_one.values(), key=lambda s: (s.happened_at, s.source_id)))
        found += zip(ordered, _tell_one(market, ordered, by, clock), strict=True)
    return found


def _tell_one(
    market: Marketplace, told: tuple[Scan, ...], by: Actor, clock: Callable[[], datetime]
) -> list[Kept]:
    cases = _cases(market, told[0])
    if not cases:
        return scans.keep_unclaimed(told, market.id, clock())
    wishes = [Wish(case_id=case_id, step="", by=by, scans=told) for case_id in cases]
    answers = take(wishes, clock=clock)
    for answer in answers:
        if isinstance(answer, Refused):  # nothing of it is kept: it may be sent again
            raise answer
    of_scans = zip(*answers, strict=True)
    return [next((kept for kept in of_one if kept.taken), of_one[0]) for of_one in of_scans]


def _cases(market, scan):
    """Find the cases that a number concerns: of its parcel, or of the order sent out in it."""
    rows = scans.by_number(Parcel, market.id, scan.tracking_no).order_by("-id")
    parcel = next((row for row in rows if same(row.carrier, scan.carrier)), None)
    if parcel is not None:
        return [parcel.case_id]
    sent = scans.by_number(Consignment, market.id, scan.tracking_no)
    orders = [row.order_id for row in sent if same(row.carrier, scan.carrier)]
    missed = Case.everywhere.filter(order__in=orders, state__in=OPEN, reason__in=scans.AWAITS_GOODS)
    return list(missed.order_by("id").values_list("id", flat=True)) if orders else []


class ScanIn(Strict):
    """One message of a carrier; `id` is the sender's own id of it."""

    id = Ref()
    carrier = Ref()
    tracking_no = Number()
    code = serializers.ChoiceField(choices=list(CODES))
    happened_at = Moment()
    place = Line(max_length=120, required=False)
    handed_over = serializers.ChoiceField(choices=list(HOW), required=False)
    signed_by = Line(max_length=100, required=False)


class ScanOut(serializers.Serializer):
    """What has become of a message."""

    recorded = serializers.BooleanField(help_text="False: it was told before.")
    parcel = serializers.UUIDField(allow_null=True)
    case = serializers.UUIDField(allow_null=True)
    step = serializers.CharField(allow_null=True, help_text="The event that it has led to.")
    state = serializers.CharField(allow_null=True)


class CarrierErrorOut(serializers.Serializer):
    """An error of the carrier's own: it was understood, and told of no parcel."""

    code = serializers.CharField(help_text="CARRIER_ERROR")
    carrier_code = serializers.CharField(help_text="As the carrier says it; may be empty.")


class ReadOut(serializers.Serializer):
    """What an adapter has read in a body."""

    scans = ScanOut(many=True)
    error = CarrierErrorOut(allow_null=True)


def _shown(kept: Kept) -> dict[str, Any]:
    taken = kept.taken
    return {
        "recorded": kept.is_new,
        "parcel": kept.parcel and str(kept.parcel.id),
        "case": kept.case_id and str(kept.case_id),
        "step": taken and taken.event.name,
        "state": taken and str(taken.case.state),
    }


class View(views.View):
    """For the marketplace's service, which passes on what carriers tell."""

    roles = SERVICE
    problems = {"POST": (409, 422)}

    def market(self) -> Marketplace:
        return Marketplace.objects.get(pk=self.marketplace_id)


class ParcelEvents(View):
    """What carriers tell of parcels, in our words."""

    serializer_class = ScanIn

    @extend_schema(operation_id="tell_parcel_event", responses={200: ScanOut, 201: ScanOut})
    def post(self, request: Request) -> Response:
        """Record a message once, and move the case where it means a step that is possible now."""
        asked = ScanIn(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        source_id, how = values.pop("id"), values.pop("handed_over", "")
        scan = Scan(source_id=source_id, how=how, **values)
        [(_, kept)] = tell(self.market(), [scan], self.actor.person)
        return Response(_shown(kept), status=201 if kept.is_new else 200)


class CarrierBodies(View):
    """What carriers and tracking services send, as they send it."""

    serializer_class = ReadOut

    @extend_schema(
        operation_id="tell_carrier_body",
        request=OpenApiTypes.OBJECT,
        responses={200: ReadOut},
        parameters=[OpenApiParameter("adapter", str, "path", enum=list(ADAPTERS))],
    )
    def post(self, request: Request, adapter: str) -> Response:
        """Read a body in the carrier's own shape, and record each scan in it once.

        Moments without an offset are local time where the marketplace is, by its policy. A body
        that is an error of the carrier's is answered with it and changes nothing.
        """
        market = self.market()
        try:
            told = ADAPTERS[adapter].read(request.data, zone_of(market))
        except CarrierError as error:
            answer = {"code": "CARRIER_ERROR", "carrier_code": error.code}
            return Response({"scans": [], "error": answer})
        found = tell(market, told, self.actor.person)
        return Response({"scans": [_shown(kept) for _, kept in found], "error": None})


def zone_of(market: Marketplace) -> str:
    """Name the time zone of a marketplace, by the policy that is in force."""
    version = in_force(market.policy_name, clock_of(market)())
    preload([version.id])
    return pinned(version.id).time_zone
