"""The dashboard: the figures of `mediation/reports` as charts and tables, where people look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as text

from cases.models import Marketplace
from cases.reasons import REASONS
from mediation import steps
from mediation.desk import access, charts, drawings, words
from mediation.desk import oversight_words as said
from mediation.models import Mediator
from mediation.reports import csv_text
from mediation.reports.asking import REGION, Answer, BadPeriod, Period, ask
from mediation.reports.figures import CODE, FIGURES, HOURS, REF, SHARE

PRESETS = (7, 30, 90, 365)  # days
TABLES = ("workload", "refunds", "sellers", "reach", "products", "buyers", "carriers")
HOURS_A_DAY = 24


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the address of the page asks for."""

    markets: list[Marketplace]  # that the person works for
    chosen: list[Marketplace]
    marketplace: str
    period: Period
    mistake: str
    reason: str = ""  # of the cases that count; empty: of any
    region: str = ""

    @property
    def query(self) -> str:
        """Write the same question for another page."""
        return self.of_days(self.period.first, self.period.last)

    def of_days(self, first: date, last: date) -> str:
        """Write the same question for another period."""
        told = {
            "marketplace": self.marketplace,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "reason": self.reason,
            "region": self.region,
        }
        return urlencode(told)

    def figures(self, at: Any, **only: Any) -> dict[str, Answer]:
        """Count what is asked for."""
        markets = [market.pk for market in self.chosen]
        return ask(markets, self.period, at=at, reason=self.reason, region=self.region, **only)


def asked(request: HttpRequest, me: Mediator, at: Any) -> Asked:
    """Read the filters. Sandboxes have a time of their own, and are left out.

    :raises Http404: no such marketplace for this person, no such reason or region
    """
    markets = list(Marketplace.objects.filter(me.sees(""), clock_id=None).order_by("name"))
    slug, reason, region = (
        request.GET.get(name, "").strip() for name in ("marketplace", "reason", "region")
    )
    chosen = [market for market in markets if slug in {"", market.slug}]
    if (slug and not chosen) or reason not in {"", *REASONS} or not REGION.fullmatch(region):
        raise Http404
    mistake = ""
    try:
        period = Period.of(request.GET.get("from", ""), request.GET.get("to", ""), at)
    except BadPeriod:
        mistake = text("This is no period of at most 400 days; the last 30 days are shown.")
        period = Period.of("", "", at)
    return Asked(
        markets=markets,
        chosen=chosen,
        marketplace=slug,
        period=period,
        mistake=mistake,
        reason=reason,
        region=region,
    )


def page(request: HttpRequest) -> HttpResponse:
    """Show all figures: a statement for each, whatever there is to count."""
    me = access.required(request, access.OFFICE)
    at = steps.database_clock()
    wanted = asked(request, me, at)
    found = wanted.figures(at)
    context = {
        **admin.site.each_context(request),
        "title": text("Dashboard"),
        "is_fullwidth": "1",
        "at": at,
        "asked": wanted,
        "presets": _presets(wanted, at),
        "key_figures": key_figures(found),
        "charts": {name: draw(found[name]) for name, draw in drawings.DRAWN.items()},
        "tables": [table(found[name]) for name in TABLES],
        "names": said.FIGURES,
        "reasons": words.choices(REASONS),
    }
    return TemplateResponse(request, "desk/dashboard.html", context)


def download(request: HttpRequest, figure: str) -> HttpResponse:
    """Give one figure as CSV: the same numbers."""
    me = access.required(request, access.OFFICE)
    if figure not in FIGURES:
        raise Http404
    at = steps.database_clock()
    wanted = asked(request, me, at)
    found = wanted.figures(at, only=[figure])
    answer = _named(found[figure]) if figure == "workload" else found[figure]
    return HttpResponse(
        csv_text.written(answer),
        content_type=csv_text.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{figure}.csv"'},
    )


def _presets(wanted, at):
    """Offer periods that end today: days, whether it is the one shown, its address."""
    today = Period.of("", "", at).last
    return [
        (
            days,
            wanted.period.days == days and wanted.period.last == today,
            wanted.of_days(today - timedelta(days=days - 1), today),
        )
        for days in PRESETS
    ]


def key_figures(found: dict[str, Answer]) -> list[tuple[str, str, str]]:
    """Choose the few numbers on top: name, value, and what it is made of."""
    waiting = sum(row["disputes"] for row in found["docket_age"].dicts())
    late = sum(row["ruling_late"] for row in found["overdue"].dicts())
    touched, ruled = found["first_touch"].dicts()[0], found["time_to_ruling"].dicts()[0]
    [appeals], [agreement] = found["appeals"].dicts(), found["agreement"].dicts()
    return [
        (text("Waiting in the docket"), str(waiting), ""),
        (text("Rulings overdue"), str(late), ""),
        (text("First touch, median"), hours(touched["p50"]), _ninth(touched, "disputes")),
        (text("Ruling, median"), hours(ruled["p50"]), _ninth(ruled, "rulings")),
        (
            text("Appealed"),
            share(appeals["appeal_rate"]),
            text("%(part)d of %(whole)d rulings")
            % {"part": appeals["appealed"], "whole": appeals["rulings"]},
        ),
        (
            text("Reversed on appeal"),
            share(appeals["reversal_rate"]),
            text("%(part)d of %(whole)d decided anew")
            % {"part": appeals["reversed"], "whole": appeals["decided"]},
        ),
        (
            text("Blind reviews agree"),
            share(agreement["remedy"]),
            text("on the remedy, of %(whole)d; on the amount %(amount)s")
            % {"whole": agreement["reviews"], "amount": share(agreement["amount"])},
        ),
    ]


def _ninth(row, whole):
    return text("nine tenths within %(hours)s, of %(whole)d") % {
        "hours": hours(row["p90"]),
        "whole": row[whole],
    }


def hours(value: float | None) -> str:
    """Write a length: hours below two days, days above."""
    if value is None:
        return "-"
    if value < 2 * HOURS_A_DAY:
        return text("%s h") % charts.plain(round(value, 1))
    return text("%s d") % charts.plain(round(value / HOURS_A_DAY, 1))


def share(value: float | None) -> str:
    """Write a share in percent."""
    return "-" if value is None else f"{value * 100:.0f} %"


def _named(answer):
    """Name the mediators, who are pseudonyms in the record."""
    names = access.names(row[0] for row in answer.rows)
    rows = [(names.get(row[0], row[0]), *row[1:]) for row in answer.rows]
    return Answer(figure=answer.figure, rows=rows)


def table(answer: Answer) -> dict[str, Any]:
    """Make a table of a figure: its heads, and its cells as they are written."""
    if answer.figure.name == "workload":
        answer = _named(answer)
    units = answer.figure.columns
    return {
        "name": answer.figure.name,
        "heads": [(words.say(said.COLUMNS, name), unit) for name, unit in units.items()],
        "rows": [
            [(WRITTEN.get(unit, str)(value), unit) for value, unit in zip(row, units.values())]  # noqa: B905
            for row in answer.rows
        ],
    }


WRITTEN: dict[str, Callable[[Any], str]] = {  # by unit; the others as they are
    HOURS: hours,
    SHARE: share,
    CODE: words.reason,
    REF: lambda ref: ref or "-",
}
