"""What must follow which event outside the transaction: one row each, written with the event.

Delivery is at least once; the row's id is the key that makes it look like once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cases.ids import new_id
from cases.models import Case
from mediation.changes import Changes, row_type
from mediation.models import Effect


@dataclass(frozen=True, kw_only=True)
class Follows:
    """One kind of effect and the events that it follows."""

    kind: str
    after: Callable[[Case, Any], bool]


def _a_refund_was_decided(case: Case, event: Any) -> bool:
    refund = case.facts.refund
    return refund is not None and refund.event_id == event.id


FOLLOWS = (
    Follows(kind="notify", after=lambda _case, _event: True),  # letters and webhooks
    Follows(kind="refund", after=_a_refund_was_decided),  # the gateway is told to pay
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
    from mediation import tasks  # noqa: PLC0415 -- tasks import effects

    live = [effect.id for effect in changes.added[Effect] if effect.clock_id is None]
    if live:
        tasks.ring(live)
