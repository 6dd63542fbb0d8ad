"""The help desk at the root, its API under `api/`."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("livez", lambda _request: HttpResponse("ok")),
    path("", include("helpdesk.urls", namespace="helpdesk")),
]
