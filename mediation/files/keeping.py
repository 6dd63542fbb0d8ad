"""Takes files in and throws away those that nobody has named: bytes in the storage, a row each."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any, cast
from uuid import UUID

from django.core.files import File as Content
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet

from cases.actors import Actor
from cases.ids import new_id
from cases.models import File, FileKind
from cases.refusals import Refused
from mediation import bell, idempotency
from mediation.files.kinds import Kind, kind_of
from mediation.files.names import NAMELESS, cleaned
from mediation.idempotency import Key, Stored
from mediation.models import Thumbnail
from mediation.steps import database_clock

STORAGE = "files"  # of settings.STORAGES
KEPT = timedelta(days=7)  # a file that nothing has named
SWEPT = 100  # at a time
MAKE_THUMBNAILS = "mediation.tasks.make_thumbnails"


class TooLarge(Refused):
    """The file has more bytes than its kind may have. `most` names those."""

    code = "FILE_TOO_LARGE"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as somebody sent it: in a file of ours, not in memory."""

    content: IO[bytes]
    name: str
    size: int  # bytes
    sha256: str


def storage() -> Any:
    """Where files are kept."""
    return storages[STORAGE]


def digest(file: IO[bytes]) -> str:
    """Hash a file from its beginning, piece by piece."""
    file.seek(0)
    return hashlib.file_digest(cast("Any", file), "sha256").hexdigest()


def receive(
    upload: Upload,
    by: Actor,
    *,
    key: Key,
    answer: Callable[[File], dict[str, Any]],
    clock: Callable[[], datetime] = database_clock,
) -> Stored | File | Refused:
    """Check a file, make of it what is kept, and keep it, once for each Idempotency-Key.

    :param answer: makes what is stored under the key
    :param clock: of the marketplace
    :returns: the file; what was answered before; or why not
    :raises Refused: the content is not taken
    """
    with transaction.atomic(durable=True):
        if (said := idempotency.replay(key)) is not None:
            return said
    kind = kind_of(upload.content)
    if upload.size > kind.most:
        raise TooLarge(f"Such a file has at most {kind.most} bytes.", most=kind.most)
    with TemporaryFile() as copy:
        upload.content.seek(0)
        shutil.copyfileobj(upload.content, copy)
        with kind.make(copy) as made:
            return _keep(made, _described(made, upload, kind, by, clock()), key, answer)


def _keep(made, file, key, answer):
    """Store the bytes first: a row without them would promise too much."""
    made.seek(0)
    file.key = storage().save(file.key, Content(made))
    try:
        said = _record(file, key, answer)
    except BaseException:
        storage().delete(file.key)
        raise
    if said is not file:
        storage().delete(file.key)
    elif file.kind == FileKind.IMAGE:
        bell.ring(MAKE_THUMBNAILS)
    return said


def _described(made: IO[bytes], upload: Upload, kind: Kind, by: Actor, at: datetime) -> File:
    pk, sha256 = new_id(at), digest(made)
    return File(
        id=pk,
        marketplace_id=cast("UUID", by.marketplace_id),
        role=by.role,
        party_id=by.party_id,
        kind=kind.kind,
        media_type=kind.media_type,
        name=cleaned(upload.name),
        size=made.seek(0, 2),
        sha256=sha256,
        uploaded_sha256=upload.sha256,
        key=f"{by.marketplace_id}/{sha256[:2]}/{sha256}-{pk}",
        uploaded_at=at,
    )


@transaction.atomic(durable=True)
def _record(file, key, answer):
    if (said := idempotency.replay(key)) is not None:
        return said
    file.save(force_insert=True)
    if file.kind == FileKind.IMAGE:
        at = database_clock()  # it is work of ours, whatever clock the marketplace lives by
        Thumbnail.objects.create(file=file, due_at=at)
    idempotency.answered(key, 201, answer(file), file.uploaded_at).save(force_insert=True)
    return file


@transaction.atomic(durable=True)
def sweep(*, clock: Callable[[], datetime] = database_clock, clock_id: UUID | None = None) -> int:
    """Throw away files that nothing has named for seven days, bytes first, then the row.

    :param clock_id: of the marketplaces that are looked at; None: those of the real time
    :returns: how many; call again until it is 0
    """
    old = File.everywhere.filter(
        case=None,
        complaint=None,
        uploaded_at__lt=clock() - KEPT,
        marketplace__clock_id=clock_id,
    )
    held = old.order_by("uploaded_at").select_for_update(of=("self",), skip_locked=True)
    files = list(held[:SWEPT])
    for file in files:
        discard(file)
    File.everywhere.filter(pk__in=[file.pk for file in files]).delete()
    return len(files)


def discard(file: File) -> None:
    """Delete the bytes of a file and of its thumbnail; again does no harm."""
    storage().delete(file.key)
    storage().delete(thumbnail_key(file))


def forget(files: QuerySet[File]) -> int:
    """Erase what files show and what they are called; that they were there, and their hashes, stay.

    :returns: how many
    """
    for file in files:
        discard(file)
    return files.update(name=NAMELESS)


def thumbnail_key(file: File) -> str:
    """Name the place of a file's thumbnail."""
    return f"{file.key}-small"
