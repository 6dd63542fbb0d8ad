"""A program of its own: reads an image from stdin, writes it anew to stdout. Knows no Django.

Its memory and time are limited before it looks at a single byte.
"""

import io
import resource
import sys
from typing import Any

MOST_PIXELS = 50_000_000
MEMORY = 1536 * 1024 * 1024  # bytes of address space
SECONDS = 30  # of a processor
SMALL = (320, 320)  # pixels, at most
DAMAGED, TOO_LARGE = 3, 4  # how it ends when it does not go well
FORMATS = ("JPEG", "PNG", "WEBP")


def main() -> int:
    """Do what the first argument says: `rebuild` or `small`."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from PIL import Image  # noqa: PLC0415 -- only here, behind the limits

    Image.MAX_IMAGE_PIXELS = None  # our own bound is below, and it refuses
    try:
        with Image.open(sys.stdin.buffer, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                return TOO_LARGE
            made, kind = seen(image), "PNG" if image.format == "PNG" else "JPEG"
        if sys.argv[1:] == ["small"]:
            made.thumbnail(SMALL)
            kind = "JPEG"
        written = io.BytesIO()
        made.save(written, kind, **({"quality": 90} if kind == "JPEG" else {}))
    except Exception:  # noqa: BLE001 -- whatever a decoder says of a stranger's file
        return DAMAGED
    sys.stdout.buffer.write(written.getbuffer())
    return 0


def seen(image: Any) -> Any:
    """Copy what is seen of an image: the first frame, upright, in sRGB, on white."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    upright = ImageOps.exif_transpose(image)
    copy = Image.new("RGB", upright.size, "white")
    if "A" in upright.getbands() or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        copy.paste(clear, mask=clear.getchannel("A"))
    else:
        copy.paste(in_srgb(upright, image.info.get("icc_profile")))
    return copy


def in_srgb(image: Any, profile: bytes | None) -> Any:
    """Turn the colours of a camera into those that every screen shows."""
    from PIL import ImageCms  # noqa: PLC0415

    if not profile or image.mode not in {"RGB", "CMYK", "L"}:
        return image.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(
            image, own, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        turned = None
    return turned or image.convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
