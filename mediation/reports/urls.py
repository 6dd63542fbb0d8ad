"""The paths of the figures, below /api/v1/."""

from django.urls import URLPattern, path, re_path

from mediation.reports.figures import FIGURES
from mediation.reports.views import OneReport, Reports

urlpatterns: list[URLPattern] = [
    path("reports", Reports.as_view()),
    re_path(rf"^reports/(?P<figure>{'|'.join(FIGURES)})\.csv$", OneReport.as_view()),
]
