"""What one policy says otherwise than another: setting by setting, and as text."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cases.policy import Policy

Leaf = tuple[Any, str]  # the value as its file says it, in JSON; its tag
CONTEXT = 3  # lines of text around a difference
LEAF = {"value", "tag"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One setting that differs. None: that policy does not speak of it."""

    section: str  # "limits", "clocks.ruling"; a setting that stands alone is in ""
    key: str
    before: Leaf | None
    after: Leaf | None


def flat(policy: Policy) -> dict[str, Leaf]:
    """Lay the settings out by dotted path, inherited ones too."""
    told = {key: v for key, v in policy.as_data().items() if key not in {"name", "version"}}
    return dict(_leaves(told, ""))


def _leaves(told: dict[str, Any], path: str) -> Iterator[tuple[str, Leaf]]:
    if told.keys() == LEAF:
        yield path, (told["value"], told["tag"])
        return
    for name, inside in told.items():
        yield from _leaves(inside, f"{path}.{name}" if path else name)


def differences(before: Policy | None, after: Policy) -> list[Change]:
    """List what differs, by path; a tag that differs alone counts as well.

    :param before: None: there is none, and everything is new
    """
    old, new = flat(before) if before is not None else {}, flat(after)
    return [
        Change(
            section=path.rpartition(".")[0],
            key=path.rpartition(".")[2],
            before=old.get(path),
            after=new.get(path),
        )
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def lines(value: Any) -> list[str]:
    """Write a value for people; a list of choices has a line for each."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_plain(entry) for entry in value]
    return [_plain(value)]


def _plain(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(part)}" for key, part in value.items()) or "-"
    if isinstance(value, list):
        return " ".join(map(_plain, value)) or "-"
    return value if isinstance(value, str) else json.dumps(value)


def in_text(before: str, after: str) -> list[tuple[str, str]]:
    """Compare two files line by line.

    :returns: (sign, line): "+" added, "-" taken out, "" the same, "@" where a part begins
    """
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=CONTEXT)
    return [(line[:1].strip(), line.strip("@ ") if line[0] == "@" else line[1:]) for line in found][
        2:  # without the names of the files
    ]
