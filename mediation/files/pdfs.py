"""Papers: whether a file that begins like a PDF is built like one. They are kept as they came."""

import re
from typing import IO

from mediation.files.damage import Damaged

TAIL = 2048  # bytes at the end that hold the way to the table of contents
START = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF")
TABLE = re.compile(rb"\s*(xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")


def checked(file: IO[bytes]) -> IO[bytes]:
    """See that the end leads to a table of objects, as readers of PDF ask.

    :raises Damaged: it does not
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    ends = START.findall(file.read(TAIL))
    if not ends:
        raise Damaged("The PDF has no end, as if it were cut off.")
    file.seek(min(int(ends[-1]), size))
    if not TABLE.match(file.read(64)):
        raise Damaged("The PDF does not lead to its pages.")
    return file
