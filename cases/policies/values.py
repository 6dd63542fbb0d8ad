"""How single values in a policy file are read. A mistake is noted and reading goes on."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

from cases import durations
from cases.durations import BadCalendar, BadLength, Calendar, Length, Reminder
from cases.policies.sheet import Place, suggestion

Reader = Callable[[Place, Any], Any]  # where it stands, the raw value → the value; None: a mistake

MOST_MINOR = 10**12
MOST_HOURS = 24 * 365
_CURRENCY = re.compile(r"[A-Z]{3}")
LANGUAGE = r"[a-z]{2,3}(-[a-z0-9]{2,8})*"


def one_of(known: Collection[str], what: str) -> Reader:
    """Read one word out of a table."""

    def read(at: Place, raw: Any) -> str | None:
        if isinstance(raw, str) and raw in known:
            return raw
        hint = suggestion(raw, known) if isinstance(raw, str) else ""
        at.wrong(f"unknown {what} {shown(raw)}{hint}")
        return None

    return read


def list_of(item: Reader, what: str) -> Reader:
    """Read a list without repetitions."""

    def read(at: Place, raw: Any) -> tuple:
        if not isinstance(raw, list):
            at.wrong(f"must be a list of {what}")
            return ()
        for position, value in enumerate(raw):
            if value in raw[:position]:
                at[position].wrong(f"{shown(value)} stands here twice")
        return tuple(item(at[position], value) for position, value in enumerate(raw))

    return read


def some_of(item: Reader, what: str) -> Reader:
    """Read a list with at least one entry."""
    read_list = list_of(item, what)

    def read(at: Place, raw: Any) -> tuple:
        if raw == []:
            at.wrong(f"must name {what}")
        return read_list(at, raw)

    return read


def pattern(expression: str, what: str) -> Reader:
    """Read a text of a certain form."""

    def read(at: Place, raw: Any) -> str | None:
        if isinstance(raw, str) and re.fullmatch(expression, raw):
            return raw
        at.wrong(f"{shown(raw)} is no {what}")
        return None

    return read


def count(highest: int, *, lowest: int = 0) -> Reader:
    """Read a whole number."""

    def read(at: Place, raw: Any) -> int | None:
        if type(raw) is int and lowest <= raw <= highest:  # a bool would be an int too
            return raw
        at.wrong(f"{shown(raw)} is no whole number from {lowest} to {highest}")
        return None

    return read


def boolean(at: Place, raw: Any) -> bool | None:
    if isinstance(raw, bool):
        return raw
    at.wrong(f"{shown(raw)} is neither true nor false")
    return None


def length(at: Place, raw: Any) -> Length | None:
    try:
        return durations.parse(raw, seconds=at.sheet.demo)
    except BadLength as error:
        at.wrong(str(error))
        return None


def reminder(at: Place, raw: Any) -> Reminder | None:
    try:
        return durations.parse_reminder(raw, seconds=at.sheet.demo)
    except BadLength as error:
        at.wrong(str(error))
        return None


def day(at: Place, raw: Any) -> date | None:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    at.wrong(f"{shown(raw)} is no date such as 2026-02-14, without quotation marks")
    return None


def time_zone(at: Place, raw: Any) -> str | None:
    return _calendar(at, raw, Calendar)


def calendar(at: Place, raw: Any) -> str | None:
    return _calendar(at, raw, lambda country: Calendar("UTC", country))


def _calendar(at: Place, raw: Any, make: Callable[[str], Calendar]) -> str | None:
    if not isinstance(raw, str):
        at.wrong(f"{shown(raw)} is no text")
        return None
    try:
        make(raw)
    except BadCalendar as error:
        at.wrong(str(error))
        return None
    return raw


def title(at: Place, raw: Any) -> dict[str, str]:
    """Read a name for people, by language."""
    texts = table(at, raw, '{en = "…", zh = "…"}')
    for language, text in texts.items():
        if not re.fullmatch(LANGUAGE, language):
            at[language].wrong("is no language such as en or zh-hans")
        if not isinstance(text, str) or not text.strip():
            at[language].wrong("must be a text")
    return texts


def amounts(at: Place, raw: Any) -> dict[str, int]:
    """Read minor units: one number for every currency, or a table by currency."""
    by_currency = {"default": raw} if type(raw) is int else table(at, raw, "{CNY = 20000}")
    for currency, amount in by_currency.items():
        if currency != "default" and not _CURRENCY.fullmatch(currency):
            at[currency].wrong("is no currency code such as CNY")
        count(MOST_MINOR)(at[currency], amount)
    return by_currency


def amounts_for_all(at: Place, raw: Any) -> dict[str, int]:
    """Read amounts that must hold for currencies not named, too."""
    by_currency = amounts(at, raw)
    if isinstance(raw, dict) and "default" not in by_currency:
        at.wrong("names no default for other currencies")
    return by_currency


def table(at: Place, raw: Any, such_as: str) -> dict[str, Any]:
    """Read a table, whatever is in it."""
    if isinstance(raw, dict):
        return raw
    at.wrong(f"must be a table such as {such_as}")
    return {}


def needed(at: Place, raw: dict[str, Any], key: str, read: Reader) -> Any:
    """Read one key of a table that must have it."""
    if key in raw:
        return read(at[key], raw[key])
    at.wrong(f"{key} is missing")
    return None


def shown(raw: Any) -> str:
    """Quote a value in a message, cut if it is long."""
    text = repr(raw) if isinstance(raw, (str, int, float, bool)) else type(raw).__name__
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 -- fits on a line
