"""A policy file while it is read: its raw values, their lines, and every mistake found so far."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from cases.policies.lines import Path, find_lines

LONGEST = 200_000  # characters
_POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing that is wrong with a policy file."""

    line: int  # from 1
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class BadPolicy(ValueError):
    """A policy file is refused. `mistakes` lists all that is wrong, by line."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


@dataclass(frozen=True)
class Setting:
    """One thing that a policy decides."""

    value: Any  # as the program uses it
    data: Any  # as the file says it, in JSON
    tag: str  # "S": the platform's own documentation, "W": a weak source, "U": our proposal


@dataclass
class Sheet:
    """One file. `settings` holds what was understood, by path."""

    source: str
    raw: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    settings: dict[Path, Setting] = field(default_factory=dict)

    def load(self) -> None:
        """Read the raw values and their lines.

        :raises BadPolicy: it is no TOML; then only the first mistake is known
        """
        if len(self.source) > LONGEST:
            raise BadPolicy([Mistake(1, f"longer than {LONGEST} characters")])
        try:
            self.raw = tomllib.loads(self.source)
            self.lines = find_lines(self.source)
        except RecursionError:
            raise BadPolicy([Mistake(1, "nested too deeply")]) from None
        except ValueError as error:  # also a number of a thousand digits
            raise BadPolicy([self._no_toml(str(error))]) from None

    def _no_toml(self, message: str) -> Mistake:
        position = _POSITION.search(message)
        last = self.source.rstrip().count("\n") + 1
        line = int(position[1] or last) if position else 1
        return Mistake(line, f"no valid TOML: {_POSITION.sub('', message)}")

    @property
    def demo(self) -> bool:
        return self.raw.get("demo") is True

    @property
    def top(self) -> "Place":
        return Place(self, ())


@dataclass(frozen=True)
class Place:
    """Where something stands in a file."""

    sheet: Sheet
    path: Path

    def __getitem__(self, key: str | int) -> "Place":
        return Place(self.sheet, (*self.path, key))

    @property
    def line(self) -> int:
        """The line of the key, or of the nearest table around it; 1: the file as a whole."""
        for length in range(len(self.path), 0, -1):
            if line := self.sheet.lines.get(self.path[:length]):
                return line
        return 1

    def wrong(self, message: str) -> None:
        """Note a mistake and go on, so that all are found in one reading."""
        where = ".".join(str(part) for part in self.path if isinstance(part, str))
        self.sheet.mistakes.append(Mistake(self.line, f"{where}: {message}" if where else message))

    def keep(self, value: Any, raw: Any, tag: str) -> None:
        """Note what was understood."""
        self.sheet.settings[self.path] = Setting(value, in_json(raw), tag)

    def known(self, raw: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
        """Keep the keys that mean something; name the others as mistakes."""
        for key in raw:
            if key not in keys:
                self[key].wrong("unknown key" + suggestion(key, keys))
        return {key: value for key, value in raw.items() if key in keys}


def suggestion(word: str, known: Collection[str]) -> str:
    """Guess what was meant."""
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def in_json(raw: Any) -> Any:
    """Turn what TOML knows and JSON does not (dates) into text."""
    if isinstance(raw, dict):
        return {key: in_json(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [in_json(value) for value in raw]
    return raw if isinstance(raw, (str, int, bool)) else str(raw)
