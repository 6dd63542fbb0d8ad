"""The carrier of a sandbox: it says of a parcel what it was told to say, when its time comes."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from cases.actors import Actor
from cases.ids import new_id
from cases.models import Parcel
from cases.roles import Role
from mediation.carriers.scan import Scan
from mediation.sandbox.models import PlannedScan
from mediation.steps import Wish, take

# What a carrier may be told to do: the messages, and how many hours after it is told.
PLANS: dict[str, tuple[tuple[str, int], ...]] = {
    "deliver": (("accepted", 0), ("in_transit", 12), ("out_for_delivery", 44), ("delivered", 48)),
    "deliver_now": (("delivered", 0),),
    "lose": (("accepted", 0), ("in_transit", 12), ("lost", 120)),
    "delay": (("accepted", 0), ("stuck", 72), ("in_transit", 288), ("delivered", 480)),
}


def plan(parcel: Parcel, name: str, clock_id: UUID, at: datetime) -> list[PlannedScan]:
    """Tell the carrier what to do with a parcel from now on, in place of what it was told before.

    :param name: of PLANS
    """
    hours = [(code, at + timedelta(hours=after)) for code, after in PLANS[name]]
    return plan_each(parcel, hours, clock_id, at)


def plan_each(
    parcel: Parcel, messages: Iterable[tuple[str, datetime]], clock_id: UUID, at: datetime
) -> list[PlannedScan]:
    """The same, message by message: code and moment."""
    PlannedScan.objects.filter(parcel=parcel, done_at=None).delete()
    return PlannedScan.objects.bulk_create(
        PlannedScan(id=new_id(at), clock_id=clock_id, parcel=parcel, code=code, due_at=due_at)
        for code, due_at in messages
    )


def speak(clock: Callable[[], datetime], clock_id: UUID, limit: int) -> int:
    """Send the messages that are due, in order, up to `limit` of them; give how many."""
    due = PlannedScan.objects.filter(clock_id=clock_id, done_at=None, due_at__lte=clock())
    planned = list(due.select_related("parcel").order_by("due_at", "id")[:limit])
    for each in planned:
        take([_wish(each)], clock=clock)  # once, by the message's id
        PlannedScan.objects.filter(pk=each.pk).update(done_at=clock())
    return len(planned)


def _wish(planned):
    parcel = planned.parcel
    return Wish(
        case_id=parcel.case_id,
        step="",
        by=Actor(
            role=str(Role.CARRIER), marketplace_id=parcel.marketplace_id, person="sandbox-carrier"
        ),
        scans=(
            Scan(
                source_id=str(planned.pk),
                carrier=parcel.carrier,
                tracking_no=parcel.tracking_no,
                code=planned.code,
                happened_at=planned.due_at,
            ),
        ),
    )
