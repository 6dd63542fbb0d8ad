"""The table of letter texts: who hears what, in which words.

`letters/*.toml` has one entry per (event, audience), in English and in Chinese:

    [escalate.buyer]          what the buyer reads when a case is escalated
    [escalate.buyer.clock]    the same, when a clock did it
    [escalate.buyer.dispatch] the same, when it was the clock named `dispatch`
    [rule.buyer.final]        when the event has led to that state, of the case or its dispute

`subject` and `text` make the mail, `sms` the short message; an entry without `sms` goes by mail
only. `own` is the cause of what the audience did itself; `like` names an entry whose words are
the same. Audiences: buyer, seller, staff; of a
complaint the accused and the reporter, whichever side they are.
[frame] puts the case number around each of them, [next] adds what the state reached asks for.
A table with a mistake stops the start, and all mistakes are named at once.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).parent / "letters"
LOCALES = ("en", "zh-hans")
PARTS = ("subject", "text", "sms")
WORDS = (*LOCALES, "like")
AUDIENCES = ("buyer", "seller", "staff", "accused", "reporter")

# All that a text may ask for, each with a value of usual length to measure short messages with.
PLACEHOLDERS = {
    "case_no": "M260105-0001",
    "order_no": "202601050000001234",
    "amount": "1234.50元",  # money of the order's currency
    "due": "1月15日18:00",  # a moment, told in the reader's zone
    "remedy": "退货退款",  # these three are codes, told in the reader's language
    "reason": "与描述不符",
    "ruling": "支持买家全额退款",
    "hours_left": "48",
    "link": "https://example.com/cases/M260105-0001",
    "complaint_no": "R-0195A8C2F3E1",
    "penalty": "人工审核、限制购买",  # codes as well
    "points": "12",
}
IN_ENGLISH = {
    "amount": "CNY 1,234.50",
    "due": "15 Jan, 18:00",
    "remedy": "return and refund",
    "reason": "not as described",
    "ruling": "full refund to the buyer",
    "penalty": "nothing without a look, limited purchases",
}

IN_FRAME = frozenset({"case_no", "order_no"})
UNFRAMED = ("endpoint_disabled.", "complaint_")  # what is not about a case

# One short message. Carriers in China count their 【signature】 as well: room for 8 characters.
LONGEST_SMS = {"en": 160, "zh-hans": 70 - 8}
GSM = re.compile(r"[A-Za-z0-9 @$£¥_!\"#%&'()*+,\-./:;<=>?\n]*")  # else only 70 would fit


class BadTexts(Exception):
    """The table of texts has mistakes; the message lists all of them."""


@dataclass(frozen=True)
class Text:
    """The words of one entry in one language, with placeholders."""

    subject: str
    text: str
    sms: str

    @property
    def placeholders(self) -> frozenset[str]:
        """What must be given to render it."""
        words = (self.subject, self.text, self.sms)
        return frozenset(name for part in words for name in Template(part).get_identifiers())


@dataclass(frozen=True)
class Table:
    """All texts, by key ("escalate.buyer.clock") and language."""

    texts: Mapping[str, Mapping[str, Text]]
    frame: Mapping[str, Text]

    def find(self, event: str, audience: str, *causes: str) -> str | None:
        """Name the entry for an event: that of the first cause which has one, or the plain one.

        :param causes: the narrower first: states reached, the clock that ended, `clock` or `own`
        :returns: None when this audience does not hear of the event
        """
        keys = [f"{event}.{audience}.{cause}" for cause in causes] + [f"{event}.{audience}"]
        return next((key for key in keys if key in self.texts), None)

    def channels(self, key: str) -> tuple[str, ...]:
        """Name the channels that an entry has words for."""
        return ("email", "sms") if self.texts[key][LOCALES[0]].sms else ("email",)

    def wants(self, key: str) -> frozenset[str]:
        """Name what must be given for an entry and its frame; `link` is made by the post office."""
        asked = frozenset().union(*(text.placeholders for text in self.texts[key].values()))
        about_a_case = frozenset() if key.startswith(UNFRAMED) else IN_FRAME
        return (asked | about_a_case) - {"link"}


@cache
def table() -> Table:
    """Read and check the table, once per process.

    :raises BadTexts: anything is wrong with it
    """
    return read({path.name: path.read_text() for path in sorted(FOLDER.glob("*.toml"))})


def read(files: Mapping[str, str]) -> Table:
    """Make the table of the texts of its files, by their names.

    :raises BadTexts: anything is wrong with any of them
    """
    entries, errors = _gather(files)
    texts = {key: _texts(words) for key, words in entries.items() if "like" not in words}
    for key, words in entries.items():
        if "like" in words and words["like"] not in texts:
            errors.append(f"[{key}] is like {words['like']}, which is not there")
        elif "like" in words:
            texts[key] = texts[words["like"]]
    frame = texts.pop("frame", None)
    if frame is None:
        errors.append("[frame] is missing")
    if errors or frame is None:
        raise BadTexts("\n".join(errors))
    table = Table(texts=texts, frame=frame)
    too_long = [line for key in texts for line in _too_long(table, key)]
    if too_long:
        raise BadTexts("\n".join(too_long))
    return table


def language(locale: str) -> str:
    """Choose the language of the table for a reader's locale (BCP 47): Chinese or English."""
    return "zh-hans" if locale.lower().startswith("zh") else "en"


def _gather(files: Mapping[str, str]) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
    """Read the entries of all files, and what is wrong with them."""
    entries: dict[str, Mapping[str, Any]] = {}
    errors: list[str] = []
    for name, content in files.items():
        try:
            found = list(_entries(tomllib.loads(content)))
        except tomllib.TOMLDecodeError as error:
            errors.append(f"{name}: {error}")
            continue
        for key, words in found:
            errors += [f"{name}: [{key}] {mistake}" for mistake in _mistakes(key, words)]
            if key in entries:
                errors.append(f"{name}: [{key}] is there twice")
            entries[key] = words
    return entries, errors


def _entries(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    words = {name: value for name, value in tree.items() if name in WORDS}
    if words:
        yield path, words
    for name, value in tree.items():
        if name in WORDS:
            continue
        inner = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from _entries(value, inner)
        else:
            yield inner, {}  # words outside of a language: reported as both languages missing


def _texts(words: Mapping[str, Any]) -> Mapping[str, Text]:
    return {
        locale: Text(**{part: str(words.get(locale, {}).get(part, "")).strip() for part in PARTS})
        for locale in LOCALES
    }


def _mistakes(key: str, languages: Mapping[str, Any]) -> Iterator[str]:
    must = {"text"} if key.startswith("next.") else {"subject", "text"}
    if key != "frame" and (key.count(".") not in {1, 2} or key.split(".")[1] not in AUDIENCES):
        yield f"is not an event and one of {', '.join(AUDIENCES)}"
    if "like" in languages:
        return
    for locale in LOCALES:
        words = languages.get(locale, {})
        for part in sorted(must - set(words)):
            yield f"{locale}.{part} is missing"
        for part in sorted(set(words) - set(PARTS)):
            yield f"{locale}.{part} is not one of subject, text, sms"
        for part, content in words.items():
            yield from (f"{locale}.{part} {mistake}" for mistake in _unknown(key, str(content)))
    if len({"sms" in languages.get(locale, {}) for locale in LOCALES}) > 1:
        yield "has a short message in one language only"


def _unknown(key: str, content: str) -> Iterator[str]:
    template = Template(content)
    if not template.is_valid():
        yield "has a lone $"
        return
    known = set(PLACEHOLDERS) | ({"words"} if key == "frame" else set())
    for name in sorted(set(template.get_identifiers()) - known):
        yield f"asks for ${name}, which nobody knows"


def _too_long(table: Table, key: str) -> Iterator[str]:
    for locale in LOCALES:
        text = table.texts[key][locale]
        if not text.sms:
            continue
        sample = PLACEHOLDERS | (IN_ENGLISH if locale == "en" else {})
        words = Template(text.sms).substitute(sample)
        framed = Template(table.frame[locale].sms).substitute(sample, words=words)
        if len(framed) > LONGEST_SMS[locale]:
            yield f"[{key}] {locale}.sms is {len(framed)} characters: {LONGEST_SMS[locale]} fit"
        if locale == "en" and not GSM.fullmatch(framed):
            yield f"[{key}] en.sms has characters outside the GSM alphabet"
