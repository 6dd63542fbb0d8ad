"""Videos: whether a file is built as MP4 (ISO 14496-12) says, with a picture and all of it inside.

What tells where and by whom it was taken is blanked in place, so that nothing moves: the boxes of
metadata, and tracks that are neither picture nor sound, with their samples.
"""

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from mediation.files.damage import Damaged

IMAGES = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
HOLDS_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"moof", b"traf"}
TELLING = {b"udta", b"meta", b"uuid", b"loci", b"free", b"skip", b"wide", b"\xa9xyz"}
KEPT_TRACKS = {b"vide", b"soun"}
ELSEWHERE = {b"rmra", b"rmda", b"rdrf"}  # QuickTime: the film is somewhere else
MOST_BOXES = 100_000
PIECE = 64 * 1024


class Box(NamedTuple):
    """A box from `start` to `end`; what it holds begins at `body`."""

    kind: bytes
    start: int
    body: int
    end: int


def begins(head: bytes) -> bool:
    """Say whether a file begins like a video of this family; its still images begin alike."""
    return head[4:8] == b"ftyp" and head[8:12] not in IMAGES


def cleaned(file: IO[bytes]) -> IO[bytes]:
    """Check a video and blank what it tells besides picture and sound, in the file itself.

    :raises Damaged: it is cut off, holds no picture, or points to something elsewhere
    """
    found = list(_all(file, 0, file.seek(0, 2)))
    kinds = {box.kind for box in found}
    if not {b"ftyp", b"moov", b"mdat"} <= kinds or kinds & ELSEWHERE:
        raise Damaged("The video is not complete in itself.")
    _all_is_inside(file, found)
    tracks = [box for box in found if box.kind == b"trak"]
    others = [track for track in tracks if _handler(file, track, found) not in KEPT_TRACKS]
    if not any(_handler(file, track, found) == b"vide" for track in tracks):
        raise Damaged("The video has no picture.")
    if others and b"moof" in kinds:
        raise Damaged("The video has tracks that are neither picture nor sound.")
    for track in others:
        for start, size in _chunks(file, track, found):
            _blank(file, start, start + size)
    for box in (*others, *(box for box in found if box.kind in TELLING)):
        _free(file, box)
    return file


def _all(file: IO[bytes], start: int, end: int, depth: int = 0) -> Iterator[Box]:
    """Go through all boxes, the outer before the inner.

    :raises Damaged: they do not fill their place
    """
    count = 0
    while start < end:
        box = _box(file, start, end)
        count += 1
        if count > MOST_BOXES:
            raise Damaged("The video is cut into too many pieces.")
        yield box
        if box.kind in HOLDS_BOXES and depth < len(HOLDS_BOXES):
            yield from _all(file, box.body, box.end, depth + 1)
        start = box.end


def _box(file, start, end):
    file.seek(start)
    head = file.read(16)
    if len(head) < 8:  # noqa: PLR2004
        raise Damaged("The video is cut off.")
    size, kind = struct.unpack(">I4s", head[:8])
    body = 8
    if size == 1 and len(head) == 16:  # noqa: PLR2004 -- a long one
        size, body = struct.unpack(">Q", head[8:])[0], 16
    elif size == 0:
        size = end - start
    if size < body or start + size > end:
        raise Damaged("The video is cut off.")
    return Box(kind, start, start + body, start + size)


def _inside(outer, boxes, kind):
    return [b for b in boxes if b.kind == kind and outer.body <= b.start and b.end <= outer.end]


def _read(file, box, most=1024 * 1024):
    file.seek(box.body)
    return file.read(min(box.end - box.body, most))


def _handler(file, track, boxes):
    """Tell what a track is: `vide`, `soun` or else. QuickTime has another handler inside minf."""
    deeper = _inside(track, boxes, b"minf")
    found = [
        box
        for box in _inside(track, boxes, b"hdlr")
        if not any(outer.body <= box.start < outer.end for outer in deeper)
    ]
    return _read(file, found[0])[8:12] if found else b""


def _all_is_inside(file, boxes):
    """See that no track names another file: entries are flagged as in this very one."""
    for box in boxes:
        if box.kind == b"dref":
            entries = _read(file, box)[8:]
            while len(entries) >= 12:  # noqa: PLR2004
                size, _kind, flags = struct.unpack(">I4sI", entries[:12])
                if not flags & 1 or size < 12:  # noqa: PLR2004
                    raise Damaged("The video names other files.")
                entries = entries[size:]


def _chunks(file, track, boxes):
    """Find where the samples of a track are: start and size of each chunk, in bytes."""
    tables = {}
    for kind in (b"stsc", b"stsz", b"stco", b"co64"):
        found = _inside(track, boxes, kind)
        tables[kind] = _read(file, found[0], 8 * 1024 * 1024)[4:] if found else b""
    width, places = ("Q", tables[b"co64"]) if tables[b"co64"] else ("I", tables[b"stco"])
    sizes = _sizes(tables[b"stsz"])
    starts = [start for (start,) in struct.iter_unpack(f">{width}", _whole(places[4:], width))]
    runs = list(struct.iter_unpack(">III", _whole(tables[b"stsc"][4:], "III")))
    for number, start in enumerate(starts, 1):
        each = next((run[1] for run in reversed(runs) if run[0] <= number), 0)
        yield start, sum(next(sizes, 0) for _ in range(min(each, MOST_BOXES)))


def _sizes(table):
    if len(table) < 8:  # noqa: PLR2004
        return iter(())
    same, count = struct.unpack(">II", table[:8])
    if same:
        return iter([same] * min(count, MOST_BOXES))
    return (size for (size,) in struct.iter_unpack(">I", _whole(table[8:], "I")))


def _whole(table, shape):
    """Leave out an entry that is cut off."""
    return table[: len(table) - len(table) % struct.calcsize(f">{shape}")]


def _free(file, box):
    """Make free space of a box."""
    file.seek(box.start + 4)
    file.write(b"free")
    _blank(file, box.body, box.end)


def _blank(file, start, end):
    end = min(end, file.seek(0, 2))
    file.seek(start)
    while start < end:
        start += file.write(bytes(min(PIECE, end - start)))
