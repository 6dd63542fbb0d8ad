"""Refunds for the tests: decided, carried out by their effects, told of by the gateway."""

from datetime import timedelta

from django.test import Client

from cases.models import Refund
from mediation import effects, steps
from mediation.gateways import models, sandbox
from mediation.models import Effect
from tests import world
from tests.world import at, day


def refunding(market, when=None):
    """A case whose refund has been decided at a moment, and the refund."""
    when = when or day(1)
    bought = world.order(market, delivered=when - timedelta(days=1))
    found = world.open_case(bought, when=when, remedy="refund_only")
    world.do(found, "approve", "seller", when=when)
    return world.case(found.pk), Refund.objects.get(case=found)


def run(moment):
    """Carry out the refunds that are due."""
    due = Effect.objects.due(moment).filter(kind="refund")
    return effects.run(clock=at(moment), only=list(due.values_list("pk", flat=True)))


def run_until_done(moment):
    """Go from attempt to attempt; give the moment of the last."""
    while True:
        run(moment)
        effect = Effect.objects.get(kind="refund")
        if effect.done_at or effect.dead_at:
            return moment
        moment = max(effect.due_at, moment + timedelta(seconds=1))


def books():
    return models.SandboxRefund.objects.get()


def names(found):
    return list(found.events.order_by("sequence").values_list("name", flat=True))


def call(headers, body):
    """Call us as a gateway does."""
    return Client().post(
        "/api/v1/gateway-events", body, content_type="application/json", headers=headers
    )


def signed(account, body, *, event_id="evt_1", moment=None, secret=None):
    moment = moment or steps.database_clock()
    signer = sandbox.Webhook(secret or account.secret)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signer.sign(event_id, moment, body),
    }
