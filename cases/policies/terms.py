"""How the terms of a policy file that have several parts are read: conditions, clocks, rank."""

from typing import Any

from cases.choices import Choice
from cases.clocks import ClockRule
from cases.conduct import Figures
from cases.policies.sheet import Place
from cases.policies.values import (
    MOST_HOURS,
    Reader,
    amounts,
    count,
    length,
    list_of,
    needed,
    one_of,
    pattern,
    reminder,
    some_of,
    table,
)
from cases.policy_terms import Extension
from cases.reasons import REASONS, REMEDIES, SLOTS, Demand

TAGS = ("S", "W", "U")
MOST_DAYS, MOST_ROWS = 3_660, 1_000_000  # of a signal
NO_TAG = "U"  # a value without a source is a proposal
CATEGORY = r"\S.{0,99}"  # as the orders say it
CONDITIONS: dict[str, Reader] = {
    "reason": some_of(one_of(REASONS, "reason"), "reasons"),
    "category": some_of(pattern(CATEGORY, "category"), "categories"),
    "amount_lt": amounts,
    "amount_lte": amounts,
}
LEVELS = ("required", "one_of", "optional")  # of evidence
read_tag = one_of(TAGS, "tag")


def choices(key: str, then: Reader) -> Reader:
    """Read a value, or a list of conditional ones of which the first match wins.

    :param key: what the value is called inside the list
    """

    def read(at: Place, raw: Any) -> tuple[Choice, ...]:
        if not isinstance(raw, list):
            return (Choice(then=then(at, raw)),)
        found = tuple(_choice(at[i], entry, key, then) for i, entry in enumerate(raw))
        always = [isinstance(e, dict) and not CONDITIONS.keys() & e.keys() for e in raw]
        if True not in always:
            at.wrong("the last entry must hold without any condition")
        elif always.index(True) < len(raw) - 1:
            at[always.index(True) + 1].wrong("is never reached: the entry before always holds")
        return found

    return read


def _choice(at: Place, raw: Any, key: str, then: Reader) -> Choice:
    entry = table(at, raw, f'{{amount_lte = 5000, {key} = "…"}}')
    at.known(entry, (*CONDITIONS, key, "remedy"))
    read = {name: read(at[name], entry[name]) for name, read in CONDITIONS.items() if name in entry}
    if "remedy" in entry:
        one_of(REMEDIES, "remedy")(at["remedy"], entry["remedy"])
        if entry.get(key) != "approve":
            at["remedy"].wrong('goes with do = "approve" only')
    return Choice(
        reasons=frozenset(read["reason"]) if "reason" in read else None,
        categories=frozenset(read["category"]) if "category" in read else None,
        below=read.get("amount_lt"),
        up_to=read.get("amount_lte"),
        then=needed(at, entry, key, then) if entry else None,
        remedy=entry.get("remedy"),
    )


def clock(rule: ClockRule) -> Reader:
    """Read one clock: each part is a setting of its own, so that it can be inherited alone."""
    tagged = {  # these two have their tag beside them
        "length": ("tag", choices("length", length)),
        "on_expiry": ("on_expiry_tag", choices("do", one_of(rule.then, "consequence"))),
    }
    others = {
        "remind": ("value", list_of(reminder, "reminders")),
        "extension": ("", _extension),
        **dict.fromkeys(rule.variants, ("length", length)),
    }
    if rule.counts_from:
        others["counts_from"] = ("value", one_of(rule.counts_from, "beginning"))

    def read(at: Place, raw: Any) -> None:
        entry = table(at, raw, '{length = "24h", tag = "W"}')
        at.known(entry, (*tagged, *others, "tag", "on_expiry_tag"))
        for part, (tag_key, read_part) in tagged.items():
            tag = read_tag(at[tag_key], entry.get(tag_key, NO_TAG))
            if part in entry:
                at[part].keep(read_part(at[part], entry[part]), entry[part], tag)
            elif tag_key in entry:
                at[tag_key].wrong(f"is the tag of {part}, which is not here")
        for part, (word, read_part) in others.items():
            if part in entry:
                setting(at[part], entry[part], word, read_part)

    return read


def setting(at: Place, raw: Any, word: str, read: Reader) -> None:
    """Read one setting: bare, or with its tag as `{value = …, tag = "S"}`.

    :param word: how the value is called beside the tag: "value", "length"; "": its own keys
        stand beside the tag
    """
    tag, value, value_at = NO_TAG, raw, at
    if isinstance(raw, dict) and (word in raw or not word):
        tag = read_tag(at["tag"], raw.get("tag", NO_TAG))
        if word:
            at.known(raw, (word, "tag"))
            value, value_at = raw[word], at[word]
        else:
            value = {key: raw[key] for key in raw if key != "tag"}
    at.keep(read(value_at, value), value, tag)


def harm(at: Place, raw: Any) -> dict[str, int]:
    """Read hours by reason."""
    hours = at.known(table(at, raw, "{counterfeit = 24}"), REASONS)
    for reason, value in hours.items():
        count(MOST_HOURS)(at[reason], value)
    return hours


def demand(at: Place, raw: Any) -> Demand:
    """Read which evidence is demanded."""
    entry = at.known(table(at, raw, '{required = ["photo_goods"]}'), LEVELS)
    slots = list_of(one_of(SLOTS, "slot"), "slots")
    return Demand(**{level: slots(at[level], given) for level, given in entry.items()})


def figures(at: Place, raw: Any) -> Figures:
    """Read over which days a signal looks, and from where on it is raised."""
    entry = table(at, raw, "{days = 90, threshold = 8}")
    at.known(entry, ("days", "threshold", "least"))
    return Figures(
        days=needed(at, entry, "days", count(MOST_DAYS, lowest=1)),
        threshold=needed(at, entry, "threshold", count(MOST_ROWS, lowest=1)),
        least=count(MOST_ROWS)(at["least"], entry.get("least", 0)) or 0,
    )


def rank_step(at: Place, raw: Any) -> tuple[dict[str, int], int]:
    """Read from which amount on a dispute comes how many hours earlier."""
    entry = table(at, raw, "{from = 50000, hours = 8}")
    at.known(entry, ("from", "hours"))
    start = needed(at, entry, "from", amounts)
    return start, needed(at, entry, "hours", count(MOST_HOURS))


def _extension(at: Place, raw: Any) -> Extension:
    entry = table(at, raw, '{times = 1, length = "24h"}')
    at.known(entry, ("times", "length"))
    times = needed(at, entry, "times", count(100))
    return Extension(times=times, length=needed(at, entry, "length", length))
