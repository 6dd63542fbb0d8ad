"""Every Celery task, one line of work each. They take ids and read no clock."""

from uuid import UUID

from celery import shared_task

from mediation import (
    conduct,
    docket,
    effects,
    letters,
    notices,
    pauses,
    roster,
    shift_plans,
    steps,
)
from mediation.complaints import writer as complaints
from mediation.files import keeping, thumbnails
from notifications import deliveries, post_office


@shared_task
def lapse() -> None:
    """Let every due clock run out. Run by the bootstep in time, by beat every 30 s for safety."""
    while steps.lapse():  # how many; a failing batch is halved until the bad case stands alone
        pass
    while complaints.lapse():
        pass


@shared_task
def run_effects(ids: list[str] | None = None) -> None:
    """Carry out the effects that were rung for, or all that are due."""
    only = None if ids is None else [UUID(text) for text in ids]
    while effects.run(only=only):
        pass


@shared_task
def deliver() -> None:
    """Carry letters to their readers, and webhooks to their marketplaces."""
    wanted = letters.still_wanted
    while post_office.deliver(clock=steps.database_clock, still_wanted=wanted, words=notices.words):
        pass
    while deliveries.deliver(clock=steps.database_clock):
        pass


@shared_task
def return_leases() -> None:
    """Put disputes back that their mediators do not touch; tell of those that nobody may take.

    Those whose shift begins or ends come and go before.
    """
    while shift_plans.sweep():
        pass
    while docket.return_expired() or roster.call_supervisor():
        pass


@shared_task
def sweep_pauses() -> None:
    """Let cases stand still or go on as the pauses say."""
    while pauses.sweep():
        pass


@shared_task
def make_thumbnails() -> None:
    """Make small images of the photos that have come."""
    while thumbnails.make():
        pass


@shared_task
def sweep_files() -> None:
    """Throw away files that nothing has named for too long."""
    while keeping.sweep():
        pass


@shared_task
def watch_conduct() -> None:
    """Give points for what the record tells, and look at the figures that stand out."""
    conduct.sweep()
