"""Files as people and attackers send them, made here byte by byte."""

import io
import struct
import zlib
from functools import cache

from PIL import Image

GPS = 0x8825
ORIENTATION = 0x0112
PLACE = b"+31.2304+121.4737/"
WORDS = b"secret words"


@cache
def jpeg(size=(40, 20), *, orientation=None, place=False):
    """A photo: its left half is red, its right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = image.getexif()
    if orientation:
        exif[ORIENTATION] = orientation
    if place:
        exif[0x010E] = WORDS.decode()
        exif.get_ifd(GPS)[1] = "N"
        exif.get_ifd(GPS)[2] = (31.0, 13.0, 49.0)
    return _saved(image, "JPEG", exif=exif, comment=WORDS if place else b"")


@cache
def png(size=(8, 8)):
    return _saved(Image.new("RGB", size, "green"), "PNG")


@cache
def webp():
    return _saved(Image.new("RGB", (8, 8), "green"), "WEBP")


def _saved(image, kind, **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@cache
def bomb(width=30_000, height=30_000):
    """A PNG of some kilobytes whose header asks for 900 million pixels."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    parts = (b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind, data):
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


SVG = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
)
PLAYLIST = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@cache
def pdf():
    body = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n"
    end = b"trailer\n<</Size 2/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + table + end


# Videos


def box(kind, *inside):
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def track(handler, samples=(), *, here=1, places=b"stco"):
    """A track whose samples lie in one chunk each: (place, size)."""
    full = bytes(4)
    number = struct.pack(">I", len(samples))
    width = ">I" if places == b"stco" else ">Q"
    table = box(
        b"stbl",
        box(b"stsc", full, struct.pack(">IIII", 1, 1, 1, 1)),
        box(b"stsz", full, bytes(4), number, *(struct.pack(">I", n) for _, n in samples)),
        box(places, full, number, *(struct.pack(width, place) for place, _ in samples)),
    )
    data = box(
        b"dinf", box(b"dref", full, struct.pack(">I", 1), box(b"url ", bytes(3), bytes([here])))
    )
    return box(
        b"trak",
        box(b"mdia", box(b"hdlr", full, bytes(4), handler, bytes(12)), box(b"minf", data, table)),
    )


def mp4(*more, media=b"picture" * 10, tracks=None, brand=b"isom"):
    """A video whose samples come first, so that their places are known."""
    start = box(b"ftyp", brand, bytes(4), b"isom")
    tracks = (track(b"vide"),) if tracks is None else tracks
    return start + box(b"mdat", media) + box(b"moov", box(b"mvhd", bytes(100)), *tracks, *more)


FIRST_SAMPLE = len(box(b"ftyp", bytes(12))) + 8
