"""Writes docs/policies.md: what each preset says otherwise than the one it inherits from.

    .venv/bin/python -m tests.cases.policy_page

One test compares the page with what this writes.
"""

import json
from pathlib import Path

from cases import policies
from cases.policies import parse
from cases.policies.parser import read

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
LEFT_OUT = {"name", "title", "inherits", "languages", "demo"}

INTRODUCTION = """\
# Policies

A policy is a TOML file: how long each clock runs, what follows when it runs out, how often
something may be done, from which amount on two people look. `cases/policies/default.toml` says
everything and explains every key; each preset in that folder says what its platform does otherwise.
Each value has a tag: **S** stands in the platform's own documentation, help pages or software kit;
**W** in a weak source, such as an article or somebody else's program; **U** is our own proposal and
no fact about the platform. A preset is a start, not the word of its platform, which changes its
rules: check the values before you rely on them.

A stored policy is an immutable version with a day from which it holds, and a case stays with the
version that it was opened under. Where a platform has announced a change, a preset has a file for
each version (`name.v1.toml`, `name.v2.toml`), and `cases.models.policy.install` publishes them all.

Lengths: `24h`, `7d` (of 24 hours), `5wd` (working days of the calendar). Amounts are minor units.
This page is written by `python -m tests.cases.policy_page`.
"""


def leaves(told, path=""):
    """Lay the settings out flat: dotted path → (value, tag)."""
    if set(told) == {"value", "tag"}:
        return {path: (told["value"], told["tag"])}
    return {
        key: leaf
        for name, inside in told.items()
        for key, leaf in leaves(inside, f"{path}.{name}" if path else name).items()
    }


def settings(policy):
    """Give what a policy says of cases, flat."""
    told = {key: v for key, v in policy.as_data().items() if key not in {"name", "version"}}
    return {path: leaf for path, leaf in leaves(told).items() if path not in LEFT_OUT}


def differences(policy, base):
    """Give what a policy says otherwise than a preset, or with another tag."""
    known = settings(policies.load(base))
    return {path: leaf for path, leaf in settings(policy).items() if leaf != known.get(path)}


def text():
    """Write the whole page."""
    sections = [
        _section(source)
        for name in policies.names()
        if name not in {"default", "demo"}
        for source in policies.versions_of(name)
    ]
    return "\n".join([INTRODUCTION, *sections])


def _section(source):
    policy = parse(source)
    since = f", from {policy.effective_from:%Y-%m-%d}" if policy.effective_from else ""
    base = read(source).raw["inherits"]
    rows = [
        f"| `{path}` | {_shown(value)} | {tag} |"
        for path, (value, tag) in sorted(differences(policy, base).items())
    ]
    return "\n".join(
        [
            f"## {policy.title['en']} ({policy.title['zh']}): `{policy.name}`{since}\n",
            _header(source),
            f"\nOtherwise than `{base}`:\n",
            "| setting | value | tag |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _header(source):
    """Take the comment at the top of the file: its sources, and what it does not say."""
    lines = source.split("\n\n")[0].splitlines()
    return "\n".join(line.removeprefix("# ") for line in lines)


def _shown(value):
    """Show a value; a list of choices has one line for each."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "<br>".join(_choice(entry) for entry in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(part)}" for key, part in value.items())
    return _plain(value)


def _choice(entry):
    told = [f"{key} {_plain(value)}" for key, value in entry.items() if key not in {"do", "remedy"}]
    step = " ".join(str(entry[key]) for key in ("do", "remedy") if key in entry)
    return f"{', '.join(told) or 'else'}: {step}"


def _plain(value):
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {part}" for key, part in value.items())
    return value if isinstance(value, str) else json.dumps(value)


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
