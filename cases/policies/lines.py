"""On which line each key of a TOML file stands. `tomllib` reads the values but does not say."""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]  # keys, and positions in arrays: ("on_expiry", 0, "do")

_TOKEN = re.compile(
    r"""
      (?P<gap>[ \t\r\ufeff]+ | \#[^\n]*)
    | (?P<newline>\n)
    | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\])*" | '[^']*')
    | (?P<mark>[][{}=,.])
    | (?P<bare>[^][{}=,.\s\#"']+)
    """,
    re.VERBOSE | re.DOTALL,
)


def find_lines(source: str) -> dict[Path, int]:
    """Find the line, from 1, of every key and array item of a file that `tomllib` has read.

    A table and its dotted parts have the line of the first place that names them.
    """
    scan = _Scan(source)
    scan.document()
    return scan.lines


class _Scan:
    """Walks over the tokens. The file is known to be valid: nothing is checked again."""

    def __init__(self, source: str) -> None:
        self.lines: dict[Path, int] = {}
        self._sizes: dict[Path, int] = {}  # of arrays of tables
        self._tokens = self._read(source)
        self._next()

    def _read(self, source: str) -> Iterator[tuple[str, str, int]]:
        line = 1
        for found in _TOKEN.finditer(source):
            kind, text = str(found.lastgroup), found[0]
            if kind != "gap":
                yield kind, text, line
            line += text.count("\n")
        yield "end", "", line

    def _next(self) -> None:
        self.kind, self.text, self.line = next(self._tokens, ("end", "", 0))

    def _take(self, mark: str) -> bool:
        taken = self.kind == "mark" and self.text == mark
        if taken:
            self._next()
        return taken

    def _newlines(self) -> None:
        while self.kind == "newline":
            self._next()

    def document(self) -> None:
        table: Path = ()
        while self.kind != "end":
            if self.kind == "newline":
                self._next()
            elif self._take("["):
                table = self._header(many=self._take("["))
            else:
                self._pair(table)

    def _header(self, *, many: bool) -> Path:
        path: Path = ()
        keys, line = self._key(), self.line
        for depth, key in enumerate(keys, 1):
            path = (*path, key)
            self.lines.setdefault(path, line)
            if many and depth == len(keys):
                self._sizes[path] = self._sizes.get(path, 0) + 1
            if path in self._sizes:  # a header goes on with the last table of an array
                path = (*path, self._sizes[path] - 1)
                self.lines.setdefault(path, line)
        self._take("]")
        self._take("]")
        return path

    def _key(self) -> list[str]:
        keys = []
        while True:
            quoted = self.kind == "text"
            keys.append(tomllib.loads(f"key = {self.text}")["key"] if quoted else self.text)
            self._next()
            if not self._take("."):
                return keys

    def _pair(self, table: Path) -> None:
        path, line = table, self.line
        for key in self._key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            while not self._take("}"):
                self._pair(path)
                self._take(",")
        else:  # a number or a date may be several tokens: "1.5", "2026-03-02 09:00"
            while self.kind in ("text", "bare") or self.text == ".":
                self._next()

    def _array(self, path: Path) -> None:
        position = 0
        self._newlines()
        while not self._take("]"):
            self.lines[(*path, position)] = self.line
            self._value((*path, position))
            position += 1
            self._newlines()
            self._take(",")
            self._newlines()
