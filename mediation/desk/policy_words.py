"""What is wrong with a policy file, in the reader's language.

The parser (cases/policies) speaks English, line by line. Here each of its sentences has a row; a
test takes a file with every mistake there is and sees that none is left out. What Python itself
says of a file that is no TOML stays as it is.
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext as text
from django.utils.translation import gettext_noop as _

from cases.policies import Mistake

# A category may be of any words; what Python says of a file has no place.
WHERE = re.compile(r"(?P<where>(?!no valid TOML)[^:\n]+): (?P<rest>.+)", re.DOTALL)
HINT = re.compile(r"(?P<rest>.+); did you mean '(?P<near>[^']+)'\?", re.DOTALL)
HOLE = re.compile(r"%\\\((\w+)\\\)s")  # in a sentence whose signs are escaped
FILLED = {"most": r"\d+", "low": r"-?\d+", "high": r"\d+", "key": r"\S+", "part": r"\w+"}
SENTENCES = (  # the first one that fits; what a hole takes otherwise than `FILLED` says, or all
    _("no valid TOML: %(why)s"),
    _("longer than %(most)s characters"),
    _("%(value)s is longer than %(most)s working days"),
    _("%(value)s is longer than %(most)s days"),
    _("nested too deeply"),
    _("unknown key"),
    (_("unknown %(what)s %(value)s"), {"what": ".+?", "value": r"'.*'|\S+"}),
    _("there is no policy %(value)s"),
    _("%(value)s would inherit from itself"),
    _("%(key)s is missing"),
    _("must be a list of %(what)s"),
    _("must be a table such as %(example)s"),
    _("must be a table"),
    _("must be a text"),
    _("must name %(what)s"),
    _("%(value)s stands here twice"),
    _("%(value)s is no whole number from %(low)s to %(high)s"),
    _("%(value)s is neither true nor false"),
    _("%(value)s is no date such as 2026-02-14, without quotation marks"),
    _("%(value)s is both a working day and a holiday"),
    _("is no language such as en or zh-hans"),
    _("is no currency code such as CNY"),
    _("names no default for other currencies"),
    _("the last entry must hold without any condition"),
    _("is never reached: the entry before always holds"),
    _('goes with do = "approve" only'),
    _("is the tag of %(part)s, which is not here"),
    (_("%(value)s is no %(what)s such as %(example)s"), {"what": r"\w+"}),
    (_("%(value)s is no %(what)s"), {"what": r"[\w ]+"}),
)
THINGS = {  # what the sentences speak of
    "beginning": _("beginning"),
    "calendar": _("calendar"),
    "categories": _("categories"),
    "category": _("category"),
    "consequence": _("consequence"),
    "dates": _("dates"),
    "language": _("language"),
    "languages": _("languages"),
    "length": _("length"),
    "moment": _("moment"),
    "name": _("name"),
    "payer": _("payer"),
    "reason": _("reason"),
    "reasons": _("reasons"),
    "remedy": _("remedy"),
    "reminder": _("reminder"),
    "reminders": _("reminders"),
    "role": _("role"),
    "roles": _("roles"),
    "slot": _("slot"),
    "slots": _("slots"),
    "steps": _("steps"),
    "tag": _("tag"),
    "text": _("text"),
    "time zone": _("time zone"),
}


def _pattern(sentence, filled):
    """Make of a sentence the pattern that it fits."""

    def hole(found):
        return f"(?P<{found[1]}>{ {**FILLED, **filled}.get(found[1], '.+') })"

    return re.compile(HOLE.sub(hole, re.escape(sentence)), re.DOTALL)


ROWS = [row if isinstance(row, tuple) else (row, {}) for row in SENTENCES]
PATTERNS = {sentence: _pattern(sentence, filled) for sentence, filled in ROWS}


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
    told = gettext(sentence) % {key: _thing(key, value) for key, value in filled.items()}
    return told + (text("; did you mean %s?") % f"'{near}'" if near else "")


def _apart(message):
    """Take the guess of what was meant off a sentence."""
    found = HINT.fullmatch(message)
    return (found["rest"], found["near"]) if found else (message, "")


def _row(message):
    for sentence, pattern in PATTERNS.items():
        if (found := pattern.fullmatch(message)) is not None:
            return sentence, found.groupdict()
    return None


def _thing(key, value):
    return gettext(THINGS[value]) if key == "what" and value in THINGS else value
