"""Carries out what follows events: claims a batch of rows, tries, books how it ended.

`outbox` says what follows which event. The next attempt is booked before this one, and no
transaction is open during it. Effects of a test clock are left to whoever moves that clock.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from mediation import letters, payouts
from mediation.ends import Ends
from mediation.models import Effect
from mediation.steps import database_clock
from notifications.attempts import claim, settle

log = logging.getLogger(__name__)

BATCH = 100

Handler = Callable[[list[Effect], Callable[[], datetime]], Ends]

HANDLERS: dict[str, Handler] = {  # in this order: letters do not wait for a slow gateway
    "notify": letters.write,
    "refund": payouts.pay,
    "voucher": payouts.pay,  # of the same gateway, which is told the medium
}


def run(
    *,
    clock: Callable[[], datetime] = database_clock,
    clock_id: UUID | None = None,
    only: Collection[UUID] | None = None,
    limit: int = BATCH,
) -> int:
    """Carry out effects that are due, one batch.

    :param clock: tells the moment, aware UTC; called before and after the attempts
    :param clock_id: a test clock; None: the live ones
    :param only: ids to choose among; None: all that are due
    :returns: how many were tried; call again until it is 0
    """
    extra = None if only is None else Q(pk__in=only)
    claimed = claim(Effect, at=clock(), limit=limit, clock_id=clock_id, extra=extra)
    for kind, handler in HANDLERS.items():
        if batch := [effect for effect in claimed if effect.kind == kind]:
            ends = _carry_out(handler, batch, clock)
            settle(Effect, at=clock(), done=ends.done, failed=ends.failed, later=ends.later)
    return len(claimed)


def _carry_out(handler: Handler, batch: list[Effect], clock: Callable[[], datetime]) -> Ends:
    """Try a batch; if it fails as a whole, each by itself, so that one holds up no other."""
    try:
        return handler(batch, clock)
    except Exception as error:
        if len(batch) == 1:
            log.exception("effect %s failed", batch[0].pk)
            return Ends(failed={batch[0].pk: error})
    ends = Ends()
    for effect in batch:
        ends.add(_carry_out(handler, [effect], clock))
    return ends
