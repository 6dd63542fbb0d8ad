"""Every Celery task, one line of work each."""

from uuid import UUID


def ring(effect_ids: list[UUID]) -> None:
    """Tell the workers that effects are due."""
    del effect_ids
