"""What must follow which event outside the transaction: one row each, written with the event.

Delivery is at least once; the row's id is the key that makes it look like once. `effects` carries
the rows out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from cases.ids import new_id
from cases.models import Case
from cases.terms import MONEY
from mediation import bell
from mediation.changes import Changes, row_type
from mediation.models import Effect

RUN_EFFECTS = "mediation.tasks.run_effects"
IDS_PER_MESSAGE = 100  # a message per row takes the broker 46 times as long


@dataclass(frozen=True, kw_only=True)
class Follows:
    """One kind of effect and the events that it follows."""

    kind: str
    after: Callable[[Case, Any], bool]


def _is_decided(case: Case, event: Any, *, in_money: bool) -> bool:
    refund = case.facts.refund
    if refund is None or refund.event_id != event.id:
        return False
    return (refund.medium == MONEY) == in_money


FOLLOWS = (
    Follows(kind="notify", after=lambda _case, _event: True),  # letters and webhooks
    # The gateway is told to pay, or to issue a coupon or points.
    Follows(kind="refund", after=partial(_is_decided, in_money=True)),
    Follows(kind="voucher", after=partial(_is_decided, in_money=False)),
)


def plan(case: Case, event: Any, changes: Changes) -> None:
    """Write down what must follow an event; it is due at once."""
    for follows in FOLLOWS:
        if follows.after(case, event):
            changes.added[Effect].append(
                row_type(Effect)(
                    id=new_id(event.at),
                    due_at=event.at,
                    attempts=0,
                    done_at=None,
                    dead_at=None,
                    discarded_at=None,
                    last_error="",
                    clock_id=case.clock_id,
                    case_id=case.id,
                    event_id=event.id,
                    kind=follows.kind,
                )
            )


def ring(changes: Changes) -> None:
    """Wake the workers for what was just committed. If the broker is down the sweep finds it."""
    live = [str(effect.id) for effect in changes.added[Effect] if effect.clock_id is None]
    pieces = range(0, len(live), IDS_PER_MESSAGE)
    if live:
        bell.ring(RUN_EFFECTS, [[live[start : start + IDS_PER_MESSAGE]] for start in pieces])
