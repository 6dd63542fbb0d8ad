"""Members of staff, and disputes for them."""

import json
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from cases.ids import new_id
from cases.models import Case, Ruling
from mediation.models import BlindReview, Calibration, Mediator
from mediation.steps import database_clock, lapse
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


def ruled(case, by, *, at=None, instance=1, state="final", amount=0, **content):
    """Write a ruling as such, where it does not matter how the case came to it."""
    at = at or database_clock()
    told = {
        "remedy": "none",
        "amounts": {},
        "compensation": 0,
        "payer": "seller",
        "freight_payer": "seller",
        "freight_out": None,
        "fault": {"buyer": 100},
        "rule": "Article 4",
        "evidence": [],
    }
    return Ruling.objects.create(
        id=new_id(at),
        case=case,
        round=1,
        instance=instance,
        content=json.dumps(told | content),
        sha256="0" * 64,
        statement_id=uuid4(),
        ruled_by=by.person,
        ruled_at=at,
        amount=amount,
        state=state,
    )


def drawn(by, ruling, *, reviewer=None, at=None, **decided):
    """Draw a ruling for a blind review, and let somebody take it up or write it."""
    at = at or database_clock()
    told = {"reviewer": reviewer.person, "taken_at": at} if reviewer else {}
    if decided:
        told |= {"reviewed_at": at, **decided}
    return BlindReview.objects.create(
        id=new_id(at),
        case=ruling.case,
        ruling=ruling,
        marketplace=ruling.case.marketplace,
        drawn_at=at,
        drawn_by=by.person,
        ruled_by=ruling.ruled_by,
        excluded=[ruling.ruled_by],
        **told,
    )


def calibrating(by, ruling, **expected):
    """Make a calibration case of a case that was ruled on."""
    at = database_clock()
    told = {"remedy": "none", "amount": 0, "fault": {"buyer": 100}, "reasons": "So it is."}
    return Calibration.objects.create(
        id=new_id(at),
        case=ruling.case,
        ruling=ruling,
        marketplace=ruling.case.marketplace,
        picked_at=at,
        picked_by=by.person,
        excluded=[ruling.ruled_by],
        **told | expected,
    )
