"""A letter in the words of its reader: language, money, moments in the reader's own zone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from string import Template
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifications import conf, texts
from notifications.attempts import GiveUp

# (kind, code, locale) → words; kind is one of CODES. The record knows the codes.
Words = Callable[[str, str, str], str]

# ISO 4217 exponents that are not 2.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CODES = ("remedy", "reason", "ruling", "penalty")


@dataclass(frozen=True)
class Rendered:
    """A letter as it is read, for every channel."""

    subject: str
    text: str
    sms: str


def plain(kind: str, code: str, locale: str) -> str:  # noqa: ARG001 -- the shape of Words
    """Show a code that nobody has words for."""
    return code.replace("_", " ")


def render(
    template: str,
    params: Mapping[str, Any],
    *,
    locale: str,
    time_zone: str,
    words: Words = plain,
    extra: Mapping[str, str] | None = None,
) -> Rendered:
    """Write a letter for one reader.

    :param template: a key of the table of texts
    :param params: `amount` as {"minor": int, "currency": str}, `due` as RFC 3339, `hours_left`
        as a number, `remedy`, `reason`, `ruling`, `penalty` and `state` as codes, the others as
        they are
    :param time_zone: IANA; an unknown one reads UTC
    :param extra: further values that stand as they are, such as `link`
    :raises GiveUp: the table has no such entry, or a value that it asks for is missing
    """
    table, language = texts.table(), texts.language(locale)
    if template not in table.texts:
        raise GiveUp(f"there is no text {template}")
    values = {**_values(params, language, zone(time_zone), words), **(extra or {})}
    text = table.texts[template][language]
    try:
        subject, body, sms = (
            Template(part).substitute(values) for part in (text.subject, text.text, text.sms)
        )
    except KeyError as missing:
        raise GiveUp(f"text {template} asks for {missing.args[0]}") from None
    body = "\n\n".join(filter(None, [body, _next(template, params, language, values)]))
    return _framed(Rendered(subject, body, sms or subject), language, values)


def money(minor: int, currency: str, language: str) -> str:
    """Tell an amount in minor units: `CNY 1,234.50`; in Chinese `1234.50元`."""
    decimals = 0 if currency in NO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    amount = Decimal(minor).scaleb(-decimals)
    if language == "zh-hans":
        return f"{amount:f}元" if currency == "CNY" else f"{currency} {amount:f}"
    return f"{currency} {amount:,f}"


def moment(at: datetime, language: str, zone: ZoneInfo) -> str:
    """Tell a moment in the reader's zone: `15 Jan, 18:00`; in Chinese `1月15日18:00`."""
    local = at.astimezone(zone)
    if language == "zh-hans":
        return f"{local.month}月{local.day}日{local:%H:%M}"
    return f"{local.day} {MONTHS[local.month - 1]}, {local:%H:%M}"


def zone(name: str) -> ZoneInfo:
    """Find a zone by its IANA name; an unknown one is UTC, so that no letter is lost over it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def link(params: Mapping[str, Any], **ids: object) -> str:
    """Make the address of a case's page from the setting `LINK`."""
    return conf.get("LINK").format(case_no=params.get("case_no", ""), **ids)


def _values(
    params: Mapping[str, Any], language: str, zone: ZoneInfo, words: Words
) -> dict[str, str]:
    values = {name: str(value) for name, value in params.items()}
    if amount := params.get("amount"):
        values["amount"] = money(amount["minor"], amount["currency"], language)
    if due := params.get("due"):
        values["due"] = moment(datetime.fromisoformat(due), language, zone)
    for kind in CODES:
        if params.get(kind):
            told = words(kind, params[kind], language)
            values[kind] = told if language != "en" else told[:1].lower() + told[1:]
    return values


def _next(
    template: str, params: Mapping[str, Any], language: str, values: Mapping[str, str]
) -> str:
    audience = template.split(".")[1]
    entry = texts.table().texts.get(f"next.{audience}.{params.get('state')}")
    if entry is None or not entry[language].placeholders <= set(values):
        return ""
    return Template(entry[language].text).substitute(values)


def _framed(rendered: Rendered, language: str, values: Mapping[str, str]) -> Rendered:
    if "case_no" not in values:  # not about a case
        return rendered
    frame = texts.table().frame[language]
    return Rendered(
        subject=Template(frame.subject).safe_substitute(values, words=rendered.subject),
        text=Template(frame.text).safe_substitute(values, words=rendered.text),
        sms=Template(frame.sms).safe_substitute(values, words=rendered.sms),
    )
