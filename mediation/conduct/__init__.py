"""What the record itself tells of how people behave: points, and figures that stand out.

Points come from what is in the timeline and in final rulings, once for each. Signals are figures
over rolling windows: they are shown to our people and refuse nothing. When the points of a seller
reach a rung of its policy's ladder, the record complains, so that the seller is heard before
anything follows. All of it may be computed again at any time and changes nothing twice.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from mediation.conduct.points import complain, give_points
from mediation.conduct.signals import look
from mediation.steps import database_clock

__all__ = ["complain", "give_points", "look", "sweep"]


def sweep(
    *, clock: Callable[[], datetime] = database_clock, clock_id: UUID | None = None
) -> dict[str, int]:
    """Give points, complain of who has too many, and look at the figures.

    :param clock_id: a test clock; None: the live marketplaces
    :returns: how many points were given, complaints brought, and signals raised or kept up
    """
    points = give_points(clock=clock, clock_id=clock_id)
    brought = complain(clock=clock, clock_id=clock_id)
    return {
        "points": points,
        "complaints": brought,
        "signals": look(clock=clock, clock_id=clock_id),
    }
