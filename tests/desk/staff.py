"""Members of staff, and disputes for them."""

from uuid import UUID

from django.contrib.auth import get_user_model
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from cases.models import Case
from mediation.models import Mediator
from mediation.steps import lapse
from tests import world
from tests.world import at, day


def hire(name, role="mediator", *, marketplaces=(), everywhere=True, **more):
    """Make a member of staff with a log-in and a phone for the second factor."""
    user = get_user_model().objects.create_user(
        name, password="secret", is_staff=True, first_name=name.title()
    )
    everywhere = everywhere and not marketplaces
    found = Mediator.objects.create(user=user, role=role, everywhere=everywhere, **more)
    found.marketplaces.set(marketplaces)
    TOTPDevice.objects.create(user=user, name="phone")
    return found


def let_in(client, user):
    """Let a browser be one that has shown the second factor as well."""
    device, _made = TOTPDevice.objects.get_or_create(user=user, defaults={"name": "phone"})
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()


def disputes(number, market=None, *, now=None, **inputs):
    """Let so many sellers be silent until `now` (day 3), so that disputes wait in the docket."""
    market = market or world.marketplace()
    cases = [world.open_case(world.order(market), **inputs) for _ in range(number)]
    while lapse(clock=at(now or day(3))):
        pass
    return [world.case(case.pk) for case in cases]


def lease_of(case: Case) -> UUID | None:
    """Read the token of the lease that holds a dispute."""
    return Case.everywhere.get(pk=case.pk).docket.lease
