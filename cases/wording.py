"""What a text is about, as tokens: bigrams of Chinese, words of other languages.

They are stored beside what they were made of and found by `=` in a btree: PostgreSQL's own search
keeps a Chinese sentence as one token, and trigrams of short related texts are too far apart.
"""

import re
import unicodedata
from collections.abc import Iterator

HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # with the Japanese syllables
PIECES = re.compile(f"(?P<han>[{HAN}]+)|(?:(?![{HAN}])[^\\W\\d_])+")
SHORTEST, LONGEST = 3, 40  # letters of a word
# Words that are in every text; those of two letters are left out anyway.
EMPTY = frozenset(
    re.findall(
        r"\w+",
        """
        the and for with that this was were has had have not are but from you your they their she
        her his him its our all any can will would been which when what who than then there here
        one two also into out did does done only very just
        """,
    )
)


def tokens(text: str, *, most: int) -> list[str]:
    """List what a text is about, each once, in the order of their first appearance.

    :param most: tokens; what comes later in a long text is left out
    """
    found: dict[str, None] = {}
    for token in _tokens(unicodedata.normalize("NFKC", text).casefold()):
        found.setdefault(token)
        if len(found) == most:
            break
    return list(found)


def _tokens(text: str) -> Iterator[str]:
    for piece in PIECES.finditer(text):
        run = piece[0]
        if piece["han"]:
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        elif len(run) >= SHORTEST and run not in EMPTY:
            yield run[:LONGEST]
