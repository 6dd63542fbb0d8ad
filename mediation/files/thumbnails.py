"""Small images of photos, made by a worker. The queue is a table: no broker can lose one."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.core.files import File as Content

from cases.models import File
from mediation.files import images, keeping
from mediation.models import Thumbnail
from mediation.steps import database_clock
from notifications.attempts import claim, settle

log = logging.getLogger(__name__)

BATCH = 10


def make(*, clock: Callable[[], datetime] = database_clock, limit: int = BATCH) -> int:
    """Make thumbnails that are due, one batch.

    :returns: how many were tried; call again until it is 0
    """
    claimed = claim(Thumbnail, at=clock(), limit=limit)
    files = File.everywhere.in_bulk([row.file_id for row in claimed])
    done, failed = [], {}
    for row in claimed:
        try:
            _make(files[row.file_id])
        except Exception as error:
            log.exception("file %s has no thumbnail", row.file_id)
            failed[row.pk] = error
        else:
            done.append(row)
    at = clock()
    File.everywhere.filter(pk__in=[row.file_id for row in done]).update(thumbnail_at=at)
    settle(Thumbnail, at=at, done=[row.pk for row in done], failed=failed)
    return len(claimed)


def _make(file):
    storage, key = keeping.storage(), keeping.thumbnail_key(file)
    with storage.open(file.key) as content, images.small(content) as made:
        made.seek(0)
        storage.delete(key)  # of an attempt that was not settled
        storage.save(key, Content(made))
