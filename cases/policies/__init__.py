"""The presets: a TOML file per platform and version, each value with its tag; how they are read.

Tags: "S" the platform's own documentation, "W" a weak source, "U" our own proposal, never to be
shown as a fact about the platform. A file that inherits states only what differs. Where a
platform has changed its rules there are several files, `name.v1.toml`, `name.v2.toml`, of which
all but the first say from which day they hold.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from cases.policies.parser import build, read
from cases.policies.sheet import BadPolicy, Mistake, Sheet, suggestion
from cases.policy import Policy

__all__ = ["BadPolicy", "Mistake", "bases_of", "load", "names", "parse", "source_of", "versions_of"]

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """List the presets."""
    return tuple(sorted({path.name.partition(".")[0] for path in FOLDER.glob("*.toml")}))


def versions_of(name: str) -> tuple[str, ...]:
    """Give the texts of a preset, the oldest first; nearly all have one.

    :raises KeyError: there is none of that name
    """
    if name not in names():
        raise KeyError(name)
    paths = sorted(FOLDER.glob(f"{name}.toml")) or sorted(FOLDER.glob(f"{name}.v[1-9].toml"))
    return tuple(path.read_text(encoding="utf-8") for path in paths)


def source_of(name: str) -> str:
    """Give the text of a preset as it holds now.

    :raises KeyError: there is none of that name
    """
    return versions_of(name)[-1]


def bases_of(source: str) -> list[str]:
    """Give the texts of the presets that a file, known to be good, inherits from, nearest first."""
    return [base.source for base in _bases(read(source))]


def _bases(sheet: Sheet) -> list[Sheet]:
    """Read what a file inherits from; what is wrong with that is noted in the file."""
    bases: list[Sheet] = []
    last = sheet
    while isinstance(base := last.raw.get("inherits"), str):
        if base == sheet.raw.get("name"):
            sheet.top["inherits"].wrong(f"{base!r} would inherit from itself")
            return []
        if base not in names():
            hint = suggestion(base, names())
            sheet.top["inherits"].wrong(f"there is no policy {base!r}{hint}")
            return []
        last = read(source_of(base))
        bases.append(last)
    return bases


def parse(source: str, *, bases: Sequence[str] | None = None, version: int = 0) -> Policy:
    """Make a policy of a file.

    :param source: TOML
    :param bases: the texts that it inherits from, nearest first; None: those of the presets
    :raises BadPolicy: with every mistake, by line
    """
    sheet = read(source)
    return build(sheet, _bases(sheet) if bases is None else [read(base) for base in bases], version)


@cache
def load(name: str) -> Policy:
    """Give a preset as a policy, read once per process.

    :raises KeyError: there is none of that name
    """
    return parse(source_of(name))
