"""The log of what staff does beside the cases. Whoever does such a thing writes it down here."""

from datetime import datetime
from typing import Any

from cases.ids import new_id
from cases.models import Marketplace
from mediation.models import Deed, Mediator
from mediation.timeline import plain

ACTS = frozenset(
    {
        "schedule_policy",
        "cancel_policy",
        "replay_dead",
        "discard_dead",
        "begin_pause",
        "lift_pause",
        "retry_parked",
        "draw_reviews",
        "pick_calibration",
        "close_calibration",
        "plan_shifts",
        "drop_shift",
    }
)


def note(
    by: Mediator, act: str, *, at: datetime, marketplace: Marketplace | None = None, **details: Any
) -> Deed:
    """Write down what somebody did, in the transaction in which it is done.

    :param act: of ACTS
    :param details: codes, ids, counts and moments; never words, names or addresses
    :raises ValueError: there is no such act
    """
    if act not in ACTS:
        raise ValueError(f"no such act: {act}")
    return Deed.objects.create(
        id=new_id(at),
        at=at,
        person=by.person,
        role=by.role,
        act=act,
        marketplace=marketplace,
        details=plain(details),
    )
