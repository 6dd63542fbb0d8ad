"""The paths of the sandbox, below /api/v1/."""

from django.urls import URLPattern, path

from mediation.sandbox import views

urlpatterns: list[URLPattern] = [
    path("sandbox/clock", views.Clock.as_view()),
    path("sandbox/clock/advance", views.Advance.as_view()),
    path("sandbox/letters", views.Letters.as_view()),
    path("sandbox/parcels/<uuid:parcel_id>/plan", views.ParcelPlan.as_view()),
    path("sandbox/gateway", views.Gateway.as_view()),
    path("sandbox/cases/<uuid:case_id>/ruling", views.Verdict.as_view()),
    path("sandbox/complaints/<uuid:complaint_id>/decision", views.Decision.as_view()),
]
