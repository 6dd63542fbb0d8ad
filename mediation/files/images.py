"""Images: decoded and written anew by a process of its own that may use little.

A decoder that is led astray harms nobody there; what comes out is only what was seen.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from cases.refusals import Refused
from mediation.files.damage import Damaged, TooManyPixels
from mediation.files.sandbox import TOO_LARGE

SANDBOX = str(Path(__file__).with_name("sandbox.py"))
PATIENCE = 60  # seconds; a process has fewer of its own


def rebuilt(file: IO[bytes]) -> IO[bytes]:
    """Give an image as it is seen: upright, one frame, without words, places or profiles.

    :param file: a real one, with a number of its own
    :raises Damaged: it is cut off or no image
    :raises TooManyPixels: unpacked it would be too large
    """
    return _made("rebuild", file)


def small(file: IO[bytes]) -> IO[bytes]:
    """Make a thumbnail of an image of ours: a JPEG.

    :raises Damaged: it cannot be read
    """
    return _made("small", file)


def _made(what: str, file: IO[bytes]) -> IO[bytes]:
    made = TemporaryFile()  # noqa: SIM115 -- for the caller
    file.seek(0)
    try:
        _run(what, file, made)
    except Refused:
        made.close()
        raise
    return made


def _run(what, file, made):
    try:
        ended = subprocess.run(  # noqa: S603 -- our own program, no word of it from outside
            [sys.executable, "-I", SANDBOX, what],
            stdin=file,
            stdout=made,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Damaged("The image cannot be read.") from None
    if ended.returncode == TOO_LARGE:
        raise TooManyPixels("The image has too many pixels.")
    if ended.returncode:
        raise Damaged("The image cannot be read.")
