"""Names of files, for people to read only."""

import re
import unicodedata

LONGEST = 100  # characters
NAMELESS = "file"
PATH = re.compile(r"[/\\]")
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def cleaned(name: str) -> str:
    """Keep of a name what may be shown: its last part, without what is not seen.

    Line breaks become spaces; control characters and marks of direction go.
    """
    last = PATH.split(unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    seen = "".join(_shown(character) for character in last)
    words = " ".join(seen.split()).strip(". ")
    if len(words) <= LONGEST:
        return words or NAMELESS
    end = SUFFIX.search(words)
    suffix = end[0] if end else ""
    return words[: LONGEST - len(suffix)] + suffix


def saved_as(name: str, suffix: str) -> str:
    """Name a file to whoever saves it: its suffix is always that of its content."""
    return SUFFIX.sub("", name) + suffix


def _shown(character):
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] == "C" else character
