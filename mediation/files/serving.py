"""Answers with the bytes of a file: as an attachment, in parts where a player asks for them."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import HttpResponseBase, StreamingHttpResponse

from cases.links import THUMBNAIL
from cases.models import File
from mediation.errors import Problem
from mediation.files import keeping
from mediation.files.kinds import SUFFIXES
from mediation.files.names import saved_as

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
SEVERAL = re.compile(r"bytes=[\d\s-]*,", re.ASCII)
PIECE = 64 * 1024
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # front ends show what they have links to
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}


def respond(request: Any, file: File, form: str) -> HttpResponseBase:
    """Answer with a file or with its thumbnail, whole or in part.

    :param request: whose `Range` and `If-Range` count (RFC 9110, section 14)
    :raises Problem: the bytes are not there, or no such part
    """
    small = form == THUMBNAIL
    key = keeping.thumbnail_key(file) if small else file.key
    storage = keeping.storage()
    if (small and file.thumbnail_at is None) or not storage.exists(key):
        raise Problem(404, "NOT_FOUND", "There is nothing here.")
    size = storage.size(key)
    tag = f'"{file.sha256[:32]}{"-small" if small else ""}"'
    part = _part(request, size, tag)
    start, end = part or (0, size)
    answer = StreamingHttpResponse(
        _pieces(storage, key, start, end),
        status=206 if part else 200,
        content_type="image/jpeg" if small else file.media_type,
        headers={**HEADERS, "ETag": tag, "Content-Length": str(end - start)},
    )
    answer["Content-Disposition"] = _disposition(file, small=small)
    if part:
        answer["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer


def _part(request, size, tag):
    """Tell which part is asked for, from where up to where; None: all of it.

    What is not understood is passed over, and so is a part of what has changed since.
    """
    asked = request.headers.get("Range", "").strip()
    if request.headers.get("If-Range", tag) != tag:
        return None
    found = RANGE.fullmatch(asked)
    if SEVERAL.match(asked):
        raise _no_part("Ask for one part at a time.", size)
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:  # the last so many
        start, end = max(0, size - int(found[2])), size
    else:
        start = int(found[1])
        end = min(int(found[2]) + 1, size) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None  # no range at all
    if start >= size:
        raise _no_part("The file has no such part.", size)
    return start, end


def _no_part(why, size):
    return Problem(416, "NO_SUCH_PART", why, headers={"Content-Range": f"bytes */{size}"})


def _pieces(storage: Any, key: str, start: int, end: int) -> Iterator[bytes]:
    """Read a part of a file, a piece at a time."""
    with storage.open(key) as content:
        content.seek(start)
        while start < end:
            piece = content.read(min(PIECE, end - start))
            if not piece:
                return
            start += len(piece)
            yield piece


def _disposition(file, *, small):
    if small:
        return "inline"
    name = saved_as(file.name, SUFFIXES[file.media_type])
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"
