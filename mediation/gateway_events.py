"""What refund gateways tell us by themselves: signed, and each event counts once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.models import Marketplace, Refund
from cases.refusals import NotNow, Refused
from mediation import gateways, payouts, steps
from mediation.errors import Problem
from mediation.gateways import Failed, Succeeded, signatures, webhook
from mediation.gateways.models import GatewayAccount
from mediation.idempotency import Key
from mediation.looking import clock_of
from notifications.models import WebhookEndpoint

Signer = GatewayAccount | WebhookEndpoint

LONGEST = 20_000  # bytes
LONGEST_CODE = 50
MALFORMED = (
    signatures.BadSignature,
    ValueError,
    LookupError,
    RecursionError,  # brackets in brackets in brackets
    RequestDataTooBig,
)


class GatewayEventIn(serializers.Serializer):
    """What a gateway sends; the headers are those of Standard Webhooks 1.0."""

    type = serializers.ChoiceField(["refund.succeeded", "refund.failed"])
    refund = serializers.UUIDField(help_text="The key that the gateway was asked with.")
    code = serializers.CharField(max_length=LONGEST_CODE, required=False, allow_blank=True)


class GatewayEventOut(serializers.Serializer):
    accepted = serializers.BooleanField()


class GatewayEvents(APIView):
    """Calls of gateways. The signature says who it is; nobody else may know what is wrong."""

    authentication_classes = ()
    permission_classes = ()
    rated_as = {"POST": "callback"}
    problems = {"POST": (401, 409, 422)}

    @extend_schema(
        operation_id="gateway_event", request=GatewayEventIn, responses={200: GatewayEventOut}
    )
    def post(self, request: Request) -> Response:
        """Tell what became of a refund. The same event again changes nothing.

        401 whenever anything about it is not as it must be; 409 while the same event is being
        worked on.
        """
        try:
            body = request._request.body  # noqa: SLF001 -- the very bytes that were signed
            told = hear(request.headers, body, at=steps.database_clock())
        except MALFORMED:
            raise Problem(401, "BAD_SIGNATURE", "This is not a signed event of ours.") from None
        return _answer(told)


def hear(headers: Mapping[str, str], body: bytes, *, at: datetime) -> Any:
    """Take what a gateway tells, once; answer as `payouts.settle` does.

    :param at: now, for the age of the signature; what follows happens on the case's own clock
    :raises signatures.BadSignature: it is not signed by the refund's gateway
    :raises ValueError: it cannot be read
    :raises LookupError: there is no such refund, or its marketplace has no such gateway
    """
    refund, signer, told = _read(body)
    event_id = signatures.verify(headers, body, signer.secrets(at), at=at)
    key = _key(signer, event_id, body)
    return payouts.settle(refund, told, clock_of(refund.case), key=key)


def _read(body: bytes) -> tuple[Refund, Signer, Succeeded | Failed]:
    """Find out what it is about; whether it is true is checked afterwards.

    :raises ValueError: it cannot be read
    :raises LookupError: there is no such refund, or its marketplace has no such gateway
    """
    if len(body) > LONGEST:
        raise ValueError("too long")
    given = GatewayEventIn(data=json.loads(body))
    if not given.is_valid():
        raise ValueError("not an event")
    data = given.validated_data
    refunds = Refund.objects.select_related("case__marketplace__gateway_account")
    refund = refunds.filter(pk=data["refund"]).first()
    if refund is None:
        raise LookupError("no such refund")
    signer = _signer(refund.case.marketplace)
    if data["type"] == "refund.succeeded":
        return refund, signer, Succeeded()
    return refund, signer, Failed(code=data.get("code") or "failed")


def _signer(market: Marketplace) -> Signer:
    """Find whose secret signs: that of the account, or of the endpoint that is instructed.

    :raises LookupError: neither is there
    """
    name, options = gateways.choice(market)
    if name == gateways.WEBHOOK:
        return webhook.endpoint_of({"marketplace": market.pk, **options})
    account: GatewayAccount | None = getattr(market, "gateway_account", None)
    if account is None:
        raise LookupError("no gateway")
    return account


def _key(signer: Signer, event_id: str, body: bytes) -> Key:
    return Key(
        caller=f"gateway:{signer.pk}",
        route="gateway-events",
        key=event_id,
        fingerprint=hashlib.sha256(body).hexdigest(),
    )


def _answer(told: Any) -> Response:
    if isinstance(told, Refused) and not isinstance(told, NotNow):
        raise told
    return Response({"accepted": True})
