"""The archive, written while it is sent: no more of it than one piece is ever in memory."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from cases.models import File
from mediation.export.record import Record
from mediation.files import keeping

CASE, MANIFEST = "case.json", "manifest.sha256"
PIECE = 64 * 1024


class Pipe(io.RawIOBase):
    """What was written and not yet sent. It cannot be sought in, as no archive needs to."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def taken(self) -> bytes:
        """Give what waits, and forget it."""
        found = bytes(self.waiting)
        self.waiting.clear()
        return found


def streamed(record: Record) -> Iterator[bytes]:
    """Write the archive: the case, the hash of everything (as `sha256sum -c` reads it), the files.

    :returns: pieces; reads no row, and each file once
    """
    case = json.dumps(record.told, cls=JSONEncoder, ensure_ascii=False, indent=2).encode()
    listed = {CASE: hashlib.sha256(case).hexdigest()}
    listed |= {place: file.sha256 for place, file in record.files.items()}
    manifest = "".join(f"{digest}  {place}\n" for place, digest in listed.items()).encode()
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for name, content in ((CASE, case), (MANIFEST, manifest)):
            archive.writestr(_entry(name, record.at, zipfile.ZIP_DEFLATED), content)
            yield pipe.taken()
        for place, file in record.files.items():
            entry = _entry(place, file.uploaded_at, zipfile.ZIP_STORED)  # it is packed already
            with archive.open(entry, "w") as target:
                for piece in _pieces(file):
                    target.write(piece)
                    yield pipe.taken()
    yield pipe.taken()


def _entry(name: str, at: datetime, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
    entry.compress_type = how
    return entry


def _pieces(file: File) -> Iterable[bytes]:
    with keeping.storage().open(file.key) as content:
        while piece := content.read(PIECE):
            yield piece
