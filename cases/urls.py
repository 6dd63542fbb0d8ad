"""Paths that only read the record; those that also write are in mediation/urls.py."""

from django.urls import URLPattern, path

from cases import bargaining, explaining, threads, tracking, views

CASE = "cases/<uuid:case_id>"

urlpatterns: list[URLPattern] = [
    path("applications", threads.Applications.as_view()),
    path(f"{CASE}/applications", threads.ApplicationsOfCase.as_view()),
    path(f"{CASE}/timeline", views.Timeline.as_view()),
    path(f"{CASE}/explanation", explaining.Explanation.as_view()),
    path(f"{CASE}/clocks", views.Clocks.as_view()),
    path(f"{CASE}/offers", bargaining.Offers.as_view()),
    path(f"{CASE}/refunds", views.Refunds.as_view()),
    path(f"{CASE}/parcels", tracking.Parcels.as_view()),
    path(f"{CASE}/dispute", views.OneDispute.as_view()),
]
