"""The paths of webhook endpoints, below /api/v1/."""

from django.urls import URLPattern, path

from mediation.webhooks import sent, views

ONE = "webhook-endpoints/<uuid:endpoint_id>"

urlpatterns: list[URLPattern] = [
    path("webhook-endpoints", views.Endpoints.as_view()),
    path(ONE, views.OneEndpoint.as_view()),
    path(f"{ONE}/secret", views.Secret.as_view()),
    path(f"{ONE}/ping", sent.Ping.as_view()),
    path(f"{ONE}/deliveries", sent.Deliveries.as_view()),
    path(f"{ONE}/replay", sent.Replay.as_view()),
]
