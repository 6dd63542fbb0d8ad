"""How each figure of the dashboard is drawn: one row is one chart."""

from django.utils.formats import date_format
from django.utils.translation import gettext as text

from mediation.desk import charts, words
from mediation.desk import oversight_words as said

RULING_TONES = {"first": "first", "fifth": "appeal"}


def _by_code(answer, names, value, tone):
    """Draw a bar for each code."""
    rows = answer.dicts()
    code = next(iter(answer.figure.columns))
    return charts.bars(
        _title(answer),
        [words.say(names, row[code]) for row in rows],
        {tone: ("", [row[value] for row in rows])},
    )


def _ages(answer):
    return _by_code(answer, said.AGES, "disputes", "first")


def _ranks(answer):
    return _by_code(answer, said.RANKS, "disputes", "first")


def _overdue(answer):
    rows = answer.dicts()
    return charts.bars(
        _title(answer),
        [words.say(words.DISPUTE_STATES, row["state"]) for row in rows],
        {
            "alarm": (_column("ruling_late"), [row["ruling_late"] for row in rows]),
            "fifth": (_column("with_supervisor"), [row["with_supervisor"] for row in rows]),
        },
    )


def _rulings(answer):
    rows = answer.dicts()
    return charts.columns(
        _title(answer),
        [_day(row["day"]) for row in rows],
        {name: (_column(key), [row[key] for row in rows]) for name, key in RULING_TONES.items()},
    )


def _weeks(answer):
    rows = answer.dicts()[1:]  # without the whole
    return charts.lines(
        _title(answer),
        [_day(row["week"]) for row in rows],
        {
            tone: (_column(key), [row[key] for row in rows])
            for tone, key in {"first": "p50", "fifth": "p90"}.items()
        },
        text("hours"),
    )


def _outcomes(answer):
    """Stack what became of the cases of each reason; rare outcomes share a colour."""
    rows = answer.dicts()
    reasons = sorted({row["reason"] for row in rows})
    tones: dict[str, tuple[str, list[int]]] = {}
    for tone, label, codes in _hues():
        values = [
            sum(r["cases"] for r in rows if r["reason"] == reason and r["outcome"] in codes)
            for reason in reasons
        ]
        if any(values):
            tones[tone] = (label, values)
    return charts.bars(_title(answer), [words.reason(reason) for reason in reasons], tones)


def _hues():
    for code, tone in said.HUES.items():
        yield tone, words.say(said.ENDS, code), {code}
    yield said.OTHER_HUE, text("Otherwise"), said.ENDS.keys() - said.HUES.keys()


def _title(answer):
    return words.say(said.FIGURES, answer.figure.name)


def _column(name):
    return words.say(said.COLUMNS, name)


def _day(day):
    return date_format(day, text("j M"))


DRAWN = {
    "rulings": _rulings,
    "overdue": _overdue,
    "docket_age": _ages,
    "docket_rank": _ranks,
    "first_touch": _weeks,
    "time_to_ruling": _weeks,
    "outcomes": _outcomes,
}
