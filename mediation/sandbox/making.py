"""Making a sandbox. Only here does a marketplace get a clock of its own, and never later."""

import secrets
from datetime import datetime

from cases.ids import new_id
from cases.models import Marketplace, TestClock
from mediation.gateways import sandbox


def marketplace(slug: str, *, name: str, policy: str, start: datetime, at: datetime) -> Marketplace:
    """Make a marketplace whose time begins at `start` and whose gateway pays nobody.

    :param policy: the name of one that is in force at `start`
    :param at: now
    """
    clock_id = new_id(at)
    found = Marketplace.objects.create(
        id=new_id(at),
        slug=slug,
        name=name,
        issuer=f"https://{slug}.example",
        secret=secrets.token_urlsafe(48),
        policy_name=policy,
        clock_id=clock_id,
    )
    TestClock.objects.create(id=clock_id, marketplace=found, at=start)
    sandbox.tell(found, "ok")
    return found
