"""What files may be: one row each, told by how they begin. The rest of it is checked afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from cases.models import FileKind
from cases.refusals import Refused
from mediation.files import images, pdfs, videos

MEGABYTE = 1024 * 1024
HEAD = 16  # bytes that tell what a file is


class NotSupported(Refused):
    """The content is of no kind that is taken here, whatever the file is called."""

    code = "FILE_NOT_SUPPORTED"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of content. `make` checks a file and gives it as it is to be kept."""

    kind: FileKind
    media_type: str
    suffix: str
    most: int  # bytes
    begins: Callable[[bytes], bool]
    make: Callable[[IO[bytes]], IO[bytes]]


KINDS = (
    Kind(
        kind=FileKind.IMAGE,
        media_type="image/jpeg",
        suffix=".jpg",
        most=20 * MEGABYTE,
        begins=lambda head: head.startswith(b"\xff\xd8\xff"),
        make=images.rebuilt,
    ),
    Kind(
        kind=FileKind.IMAGE,
        media_type="image/png",
        suffix=".png",
        most=20 * MEGABYTE,
        begins=lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
        make=images.rebuilt,
    ),
    Kind(
        kind=FileKind.IMAGE,
        media_type="image/jpeg",  # WebP is kept as JPEG
        suffix=".jpg",
        most=20 * MEGABYTE,
        begins=lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
        make=images.rebuilt,
    ),
    Kind(
        kind=FileKind.VIDEO,
        media_type="video/mp4",  # and QuickTime, its elder brother
        suffix=".mp4",
        most=50 * MEGABYTE,
        begins=videos.begins,
        make=videos.cleaned,
    ),
    Kind(
        kind=FileKind.PDF,
        media_type="application/pdf",
        suffix=".pdf",
        most=20 * MEGABYTE,
        begins=lambda head: head.startswith(b"%PDF-"),
        make=pdfs.checked,
    ),
)
MOST = max(kind.most for kind in KINDS)  # bytes
SUFFIXES = {kind.media_type: kind.suffix for kind in KINDS}


def kind_of(file: IO[bytes]) -> Kind:
    """Tell what a file is from its first bytes.

    :raises NotSupported: nothing that is taken here
    """
    file.seek(0)
    head = file.read(HEAD)
    for kind in KINDS:
        if kind.begins(head):
            return kind
    raise NotSupported("Files are JPEG, PNG or WebP images, MP4 videos, or PDF.")
