"""Filters of the desk's templates."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cases import standing
from cases.models import Case, File
from cases.policies import comparing
from mediation.desk import oversight_words, showing, words

register = template.Library()
register.filter("counts_against", standing.counts_against)
register.filter("moment", showing.moment)
register.filter("day", showing.day)
register.filter("value_lines", comparing.lines)
register.filter("span", showing.span)
register.filter("money", showing.money)
register.filter("reason", words.reason)
register.filter("remedy", words.remedy)
register.filter("slot", words.slot)
register.filter("language", words.language)
register.filter("ground", words.ground)
register.filter("penalty", words.penalty)
register.filter("cause", words.cause)
register.filter("signal", words.signal)
register.filter("explained", words.explained)

TABLES = {
    "state": words.STATES,
    "dispute": words.DISPUTE_STATES,
    "role": words.ROLES,
    "complaint": words.COMPLAINT_STATES,
    "complaint_event": words.COMPLAINT_EVENTS,
    "complaint_clock": words.COMPLAINT_CLOCKS,
    "clock": words.CLOCKS,
    "parcel": words.PARCELS,
    "term": words.TERMS,
    "standing": words.STANDINGS,
    "kind": words.KINDS,
    "outcome": words.OUTCOMES,
    "against": words.AGAINST,
    "audience": words.AUDIENCES,
    "medium": words.MEDIA,
    "paying": words.PAYING,
    "course": words.COURSES,
    "file": words.FILES,
    "version": oversight_words.VERSIONS,
    "tag": oversight_words.TAGS,
    "deed": oversight_words.DEEDS,
    "figure": oversight_words.FIGURES,
}
TONES = {**words.TONES, **oversight_words.TONES}


@register.filter
def say(code: str, table: str) -> str:
    """Put a code in words, by the name of its table."""
    return words.say(TABLES[table], code)


@register.filter
def pill(code: str, table: str) -> SafeString:
    """Show a code in words, with a tone."""
    tone = TONES.get(code, "plain")
    return format_html('<span class="pill {}">{}</span>', tone, say(code, table))


@register.filter
def size(number: int) -> int:
    """Give a number without its sign."""
    return abs(number)


@register.filter
def urgency(left: timedelta | None) -> str:
    """Name the tone of the time that is left."""
    if left is None:
        return ""
    if left <= timedelta(0):
        return "late"
    return "soon" if left < timedelta(hours=24) else ""


@register.filter
def time_from(later: datetime, earlier: datetime) -> timedelta:
    """Tell how long after `earlier` something is."""
    return later - earlier


@register.filter
def time_to(earlier: datetime, later: datetime) -> timedelta:
    """Tell how long before `later` something was."""
    return later - earlier


@register.filter
def seconds_from(later: datetime, earlier: datetime) -> int:
    """Tell the same in whole seconds."""
    return int((later - earlier).total_seconds())


@register.filter
def sides(names: str) -> list[str]:
    """Go through names: `"buyer,seller"|sides`."""
    return names.split(",")


@register.filter
def of(rows: dict[str, Any], key: str) -> Any:
    """Look something up."""
    return rows[key]


@register.filter
def address(file: File, form: str) -> str:
    """Tell where a file of a case or of a complaint is shown."""
    kind, owner = ("case", file.case_id) if file.case_id else ("complaint", file.complaint_id)
    return reverse(f"admin:cases_{kind}_file", args=[owner, file.pk, form])


@register.filter
def case_number(pk: UUID) -> str:
    """Call a case as people do."""
    return Case(id=pk).number


@register.filter
def iso(at: datetime) -> str:
    """Write a moment for machines."""
    return at.isoformat()


@register.filter
def both(change: Any) -> tuple[Any, Any]:
    """Go through what a setting was and what it will be."""
    return change.before, change.after


@register.filter
def looked_up(key: str, rows: dict[str, str]) -> str:
    """Look something up that may be missing; then it is shown as it is."""
    return rows.get(key, key)


@register.filter
def as_in_the_file(message: str) -> SafeString:
    """Set as code what a mistake quotes of a file: its key and its values, as in "a.b: no 'c'"."""
    key, colon, said = message.rpartition(": ") if message.count(": ") == 1 else ("", "", message)
    parts = said.split("'") if said.count("'") % 2 == 0 else [said]
    quoted = ((f"'{part}'", "code") if n % 2 else (part, "span") for n, part in enumerate(parts))
    words_of_it = format_html_join("", "<{1}>{0}</{1}>", quoted)
    return format_html("<code>{}</code>: {}", key, words_of_it) if colon else words_of_it
