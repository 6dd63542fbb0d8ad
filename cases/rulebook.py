"""The rules that decide, each by where it stands: in a policy or in our catalogues; in words.

A path such as ("request_window", "quality") names a setting of a policy file; one that begins
with "reasons" or "goods" names a row of `cases.reasons` or `cases.goods`, which hold for everybody.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language

from cases.categories import Path
from cases.goods import GOODS
from cases.policy import Policy
from cases.reasons import REASONS, Row
from cases.sentences import SENTENCES, ZH

Data = dict[str, Any]

UNSAID: Data = {"value": None, "tag": "U"}  # what a file may leave out: what holds then is ours
CATALOGUES: Mapping[str, Mapping[str, Row]] = {"reasons": REASONS, "goods": GOODS}


def cited(policy: Policy, path: Path) -> Data:
    """Cite a rule: the policy's name and version (null: of all), its path, value, tag and words."""
    kept = _kept(policy, path)
    is_own = path[0] not in CATALOGUES
    return {
        "policy": policy.name if is_own else None,
        "version": policy.version if is_own else None,
        "path": dotted(path),
        "value": kept["value"],
        "tag": kept["tag"],
        "text": in_words(path, kept["value"]),
    }


def told(policy: Policy) -> Iterator[Path]:
    """List the rules of a policy that there are sentences for; of a list of choices each."""
    for path in _paths(policy.settings, ()):
        if any(sentence.match(path) is not None for sentence in SENTENCES):
            kept = _kept(policy, path)["value"]
            is_listed = isinstance(kept, list) and path[0] == "clocks"
            yield from ((*path, number) for number in range(len(kept))) if is_listed else [path]


def _paths(tree: Mapping[str, Any], path: Path) -> Iterator[Path]:
    if tree.keys() == UNSAID.keys():
        yield path
        return
    for key, inside in tree.items():
        yield from _paths(inside, (*path, key))


def dotted(path: Path) -> str:
    """Write a path as one word."""
    return ".".join(map(str, path))


def _kept(policy: Policy, path: Path) -> Data:
    """Find the value at a path and the tag of its source."""
    if path[0] in CATALOGUES:
        row: Any = CATALOGUES[str(path[0])][str(path[1])]
        value = getattr(row, str(path[2])) if path[2:] else row.key
        return {"value": list(value) if isinstance(value, tuple) else value, "tag": "U"}
    found: Any = policy.settings
    for key in path:
        if isinstance(key, int):  # one of a list of choices
            listed = found["value"]
            found = {"value": listed[key] if isinstance(listed, list) else listed, **_tag(found)}
        else:
            found = found.get(key, UNSAID)
    return found


def _tag(found):
    return {"tag": found["tag"]}


def in_words(path: Path, value: Any) -> str:
    """Say a rule in the language that is spoken; a rule without a sentence says its value."""
    language = ZH if (get_language() or "en").startswith(ZH) else "en"
    for sentence in SENTENCES:
        if (keys := sentence.match(path)) is not None:
            told = [part(key, language) for part, key in keys]
            pattern = sentence.zh if language == ZH else sentence.en
            return pattern.format(*told, value=sentence.value(value, language))
    return f"{dotted(path)}: {value}"
