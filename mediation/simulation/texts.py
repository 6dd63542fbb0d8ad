"""What buyers write: real complaints from shops, drawn by what they complain of.

The files are read where they are and never copied. The words that a text hits are a first guess,
so a share of the texts hits nothing, and a share is praise: noise as in real life.
"""

import csv
import gzip
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import IO

from cases.fields import LONGEST_TEXT

HITS = {  # reason → what the data set calls it
    "late": "late_delivery",
    "not_received": "not_received",
    "signed_not_received": "not_received",
    "quality": "quality",
    "unusable": "quality",
    "damaged": "damaged",
    "not_as_described": "not_as_described",
    "counterfeit": "counterfeit",
    "wrong_item": "wrong_item",
    "missing_items": "missing_item",
    "no_longer_wanted": "refund_return",
    "out_of_stock": "refund_return",
}
USUAL = "service"
FILES = ("zh_shopping_negative.csv.gz", "zh_waimai_negative.csv")
PRAISE = "zh_shopping_positive_control.csv"
NO_HIT, NOISE = 0.2, 0.1  # shares


class Texts:
    """Draws texts without putting them back; the same seed draws the same ones."""

    def __init__(self, folder: Path, seed: int) -> None:
        """:raises FileNotFoundError: a file is missing"""
        self.chance = Random(seed)  # noqa: S311 -- a story, not a secret
        self.left: dict[str, list[str]] = defaultdict(list)
        self.drawn: set[str] = set()
        for name in FILES:
            for row in _rows(folder / name):
                for hit in row["weak_reasons"].split("|"):
                    self.left[hit].append(row["review"])
        self.left["praise"] = [row["review"] for row in _rows(folder / PRAISE)]
        for texts in self.left.values():
            self.chance.shuffle(texts)

    def draw(self, reason: str) -> str:
        """Draw a text for a reason; when none is left, one that hits nothing."""
        share = self.chance.random()
        wanted = HITS.get(reason, USUAL)
        if share < NOISE:
            wanted = "praise"
        elif share < NOISE + NO_HIT:
            wanted = ""
        for pool in (self.left[wanted], self.left[""]):
            while pool:
                text = pool.pop()[:LONGEST_TEXT].strip()
                if text and text not in self.drawn:
                    self.drawn.add(text)
                    return text
        return "请尽快处理。"


def _rows(path: Path) -> list[dict[str, str]]:
    with _opened(path) as file:
        return list(csv.DictReader(file))


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")
