"""Batches that one bad row does not hold up: it is found by halves, put off, and reported."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

logger = logging.getLogger(__name__)

PARK = timedelta(minutes=1)  # doubles with each failure
LONGEST_PARK = timedelta(hours=6)

Done = TypeVar("Done")


def run(
    batch: Callable[[int, dict[UUID, Any]], Done], park: Callable[[UUID], None], *, limit: int
) -> tuple[int, Done | None]:
    """Carry out a batch; one that fails is halved until the bad row stands alone and is parked.

    :param batch: one transaction; it takes how many rows it may claim, and a dict that it fills
        with them, by id, before anything can fail for one of them
    :param park: puts one row off, so that others come before it
    :returns: how many rows were dealt with, and what the batch has returned (None: one is parked)
    :raises Exception: whatever the batch raised with nothing claimed: no row is to blame
    """
    while True:
        claimed: dict[UUID, Any] = {}
        try:
            done = batch(limit, claimed)
        except Exception:
            if not claimed:
                raise
            if len(claimed) == 1:
                [bad] = claimed
                logger.exception("a clock of %s could not run out; it is parked", bad)
                park(bad)
                return 1, None
            logger.warning("a batch of clocks failed; trying halves", exc_info=True)
            limit = len(claimed) // 2
        else:
            return len(claimed), done


def back_off(failures: int) -> timedelta:
    """Tell how long a row is put off that has failed so many times before."""
    return min(PARK * 2 ** min(failures, 20), LONGEST_PARK)  # else too long for a timedelta
