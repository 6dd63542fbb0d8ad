"""What is wrong with a policy file, in the reader's language.

The parser (cases/policies) speaks English, line by line. Here each of its sentences has a row; a
test takes a file with every mistake there is and sees that none is left out. What Python itself
says of a file that is no TOML stays as it is.
"""

import re
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases.policies import Mistake

Row = tuple[str, str | Promise]

WHERE = re.compile(r"(?P<where>[\w.-]+): (?P<rest>.+)", re.DOTALL)
HINT = re.compile(r"(?P<rest>.+); did you mean '(?P<near>[^']+)'\?", re.DOTALL)
SENTENCES: tuple[Row, ...] = (  # the first one that fits
    (r"no valid TOML: (?P<why>.+)", _("no valid TOML: %(why)s")),
    (r"longer than (?P<most>\d+) characters", _("longer than %(most)s characters")),
    (
        r"(?P<value>.+) is longer than (?P<most>\d+) working days",
        _("%(value)s is longer than %(most)s working days"),
    ),
    (
        r"(?P<value>.+) is longer than (?P<most>\d+) days",
        _("%(value)s is longer than %(most)s days"),
    ),
    (r"nested too deeply", _("nested too deeply")),
    (r"unknown key", _("unknown key")),
    (r"unknown (?P<what>.+?) (?P<value>'.*'|\S+)", _("unknown %(what)s %(value)s")),
    (r"there is no policy (?P<value>.+)", _("there is no policy %(value)s")),
    (r"(?P<value>.+) would inherit from itself", _("%(value)s would inherit from itself")),
    (r"(?P<key>\S+) is missing", _("%(key)s is missing")),
    (r"must be a list of (?P<what>.+)", _("must be a list of %(what)s")),
    (r"must be a table such as (?P<example>.+)", _("must be a table such as %(example)s")),
    (r"must be a table", _("must be a table")),
    (r"must be a text", _("must be a text")),
    (r"must name (?P<what>.+)", _("must name %(what)s")),
    (r"(?P<value>.+) stands here twice", _("%(value)s stands here twice")),
    (
        r"(?P<value>.+) is no whole number from (?P<low>-?\d+) to (?P<high>\d+)",
        _("%(value)s is no whole number from %(low)s to %(high)s"),
    ),
    (r"(?P<value>.+) is neither true nor false", _("%(value)s is neither true nor false")),
    (
        r"(?P<value>.+) is no date such as 2026-02-14, without quotation marks",
        _("%(value)s is no date such as 2026-02-14, without quotation marks"),
    ),
    (
        r"(?P<value>.+) is both a working day and a holiday",
        _("%(value)s is both a working day and a holiday"),
    ),
    (r"is no language such as en or zh-hans", _("is no language such as en or zh-hans")),
    (r"is no currency code such as CNY", _("is no currency code such as CNY")),
    (r"names no default for other currencies", _("names no default for other currencies")),
    (
        r"the last entry must hold without any condition",
        _("the last entry must hold without any condition"),
    ),
    (
        r"is never reached: the entry before always holds",
        _("is never reached: the entry before always holds"),
    ),
    (r'goes with do = "approve" only', _('goes with do = "approve" only')),
    (
        r"is the tag of (?P<part>\w+), which is not here",
        _("is the tag of %(part)s, which is not here"),
    ),
    (
        r"(?P<value>.+) is no (?P<what>\w+) such as (?P<example>.+)",
        _("%(value)s is no %(what)s such as %(example)s"),
    ),
    (r"(?P<value>.+) is no (?P<what>[\w ]+)", _("%(value)s is no %(what)s")),
)
THINGS: dict[str, str | Promise] = {  # what the sentences speak of
    "beginning": _("beginning"),
    "calendar": _("calendar"),
    "categories": _("categories"),
    "category": _("category"),
    "consequence": _("consequence"),
    "dates": _("dates"),
    "language": _("language"),
    "languages": _("languages"),
    "length": _("length"),
    "name": _("name"),
    "reason": _("reason"),
    "reasons": _("reasons"),
    "remedy": _("remedy"),
    "reminder": _("reminder"),
    "reminders": _("reminders"),
    "role": _("role"),
    "roles": _("roles"),
    "steps": _("steps"),
    "tag": _("tag"),
    "text": _("text"),
    "time zone": _("time zone"),
}


def said(mistake: Mistake) -> str:
    """Say what is wrong, without the line."""
    found = WHERE.fullmatch(mistake.message)
    if found is None:
        return _sentence(mistake.message)
    return f"{found['where']}: {_sentence(found['rest'])}"


def untold(mistakes: tuple[Mistake, ...]) -> Iterator[Mistake]:
    """List the mistakes that no row speaks of."""
    for mistake in mistakes:
        found = WHERE.fullmatch(mistake.message)
        if _row(_apart(found["rest"] if found else mistake.message)[0]) is None:
            yield mistake


def _sentence(message):
    plain, near = _apart(message)
    row = _row(plain)
    if row is None:
        return message
    sentence, filled = row
    told = str(sentence) % {key: _thing(key, value) for key, value in filled.items()}
    return told + (text("; did you mean %s?") % f"'{near}'" if near else "")


def _apart(message):
    """Take the guess of what was meant off a sentence."""
    found = HINT.fullmatch(message)
    return (found["rest"], found["near"]) if found else (message, "")


def _row(message):
    for pattern, sentence in SENTENCES:
        if (found := re.fullmatch(pattern, message, re.DOTALL)) is not None:
            return sentence, found.groupdict()
    return None


def _thing(key, value):
    return str(THINGS.get(value, value)) if key == "what" else value
