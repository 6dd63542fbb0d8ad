"""The figures over HTTP, for a marketplace's own service: as JSON, and each as CSV."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.models import Marketplace
from cases.reasons import REASONS
from mediation.looking import clock_of
from mediation.reports import asking, csv_text
from mediation.reports.asking import LONGEST, USUAL, Answer, BadPeriod, Period, ask
from mediation.reports.figures import FIGURES, UNITS

WORKLOAD = "workload"
FROM, TO, FIGURE, REASON, REGION = "from", "to", "figure", "reason", "region"
ASKED = (FROM, TO, REASON, REGION)
FILTERS = [
    OpenApiParameter(
        FROM, OpenApiTypes.DATE, description=f"First day (UTC); by itself {USUAL} days in all."
    ),
    OpenApiParameter(
        TO, OpenApiTypes.DATE, description=f"Last day; today by itself. At most {LONGEST} days."
    ),
    OpenApiParameter(REASON, str, enum=list(REASONS), description="Cases of this reason alone."),
    OpenApiParameter(REGION, str, description="Cases whose order is of this region alone."),
]


class ColumnOut(serializers.Serializer):
    """One column of a figure."""

    name = serializers.CharField()
    unit = serializers.ChoiceField(choices=list(UNITS))


class FigureOut(serializers.Serializer):
    """One table of numbers; null is what is not known."""

    name = serializers.ChoiceField(choices=list(FIGURES))
    about = serializers.CharField()
    now = serializers.BooleanField(help_text="As it stands now, whatever the period.")
    columns = ColumnOut(many=True)
    rows = serializers.ListField(child=serializers.DictField())


class ReportsOut(serializers.Serializer):
    """Figures of one marketplace."""

    at = serializers.DateTimeField()
    first = serializers.DateField()
    last = serializers.DateField()
    reason = serializers.CharField(allow_null=True, help_text="Of the cases that count.")
    region = serializers.CharField(allow_null=True)
    figures = FigureOut(many=True)


class Figures(views.View):
    """What both paths share: whose figures, of which days and of which cases."""

    roles = ("service",)

    def ask(self, request: Request, names: list[str]) -> tuple[Any, Period, dict[str, Answer]]:
        """Count figures of the marketplace of the token.

        :raises ParseError: no such period, reason or region, or an empty filter
        """
        at = clock_of(Marketplace.objects.get(pk=self.marketplace_id))()
        asked = request.query_params
        if empty := [name for name in ASKED if asked.get(name) == ""]:
            raise ParseError(f"{empty[0]} is not empty; leave it out.", "INVALID")
        if asked.get(REASON, next(iter(REASONS))) not in REASONS:
            raise ParseError(f"{REASON} is one of: {', '.join(REASONS)}.", "INVALID")
        if asking.REGION.fullmatch(asked.get(REGION, "")) is None:
            raise ParseError(f"{REGION} is written CN-SC.", "INVALID")
        try:
            period = Period.of(asked.get(FROM, ""), asked.get(TO, ""), at)
        except BadPeriod as bad:
            raise ParseError(str(bad), "INVALID") from None
        narrowed = {name: asked.get(name, "") for name in (REASON, REGION)}
        found = ask([self.marketplace_id], period, at=at, only=names, **narrowed)
        if WORKLOAD in found:
            found[WORKLOAD] = _unnamed(found[WORKLOAD])
        return at, period, found


class Reports(Figures):
    """All figures at once, or one of them."""

    parameters = (*ASKED, FIGURE)

    @extend_schema(
        operation_id="get_reports",
        parameters=[*FILTERS, OpenApiParameter(FIGURE, str, enum=list(FIGURES))],
        responses=ReportsOut,
    )
    def get(self, request: Request) -> Response:
        """Tell the figures of your marketplace: those that our own dashboard shows."""
        only = request.query_params.get(FIGURE)
        if only is not None and only not in FIGURES:
            raise ParseError(f"figure is one of: {', '.join(FIGURES)}.", "INVALID")
        at, period, found = self.ask(request, [only] if only else list(FIGURES))
        told = {
            "at": at,
            "first": period.first,
            "last": period.last,
            "reason": request.query_params.get(REASON),
            "region": request.query_params.get(REGION),
            "figures": [_told(answer) for answer in found.values()],
        }
        return Response(ReportsOut(told).data)


class Csv(BaseRenderer):
    """Text as it is."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, *_context: Any) -> bytes:
        """Give the bytes."""
        return str(data).encode()


class OneReport(Figures):
    """One figure as CSV."""

    renderer_classes = (Csv,)
    parameters = ASKED

    @extend_schema(
        operation_id="get_report_csv",
        parameters=[*FILTERS, OpenApiParameter(FIGURE, str, "path", enum=list(FIGURES))],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, figure: str) -> Response:
        """Tell one figure as CSV: a header, then a line for each row."""
        _at, _period, found = self.ask(request, [figure])
        name = f'attachment; filename="{figure}.csv"'
        return Response(csv_text.written(found[figure]), headers={"Content-Disposition": name})


def _told(answer):
    figure = answer.figure
    columns = [{"name": name, "unit": unit} for name, unit in figure.columns.items()]
    return {
        "name": figure.name,
        "about": figure.about,
        "now": figure.now,
        "columns": columns,
        "rows": answer.dicts(),
    }


def _unnamed(answer):
    """Number the mediators: which of our people it is, is nobody's business."""
    rows = [(str(number), *row[1:]) for number, row in enumerate(answer.rows, 1)]
    return Answer(figure=answer.figure, rows=rows)
