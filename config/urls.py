"""Which path leads where."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import health
from mediation import errors
from mediation.throttling import slowly

handler400 = errors.bad_request
handler404 = errors.not_found
handler500 = errors.server_error


class Description(SpectacularAPIView):
    rated_as = {"GET": "description"}


class Docs(SpectacularSwaggerView):
    rated_as = {"GET": "description"}


urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", health.publish),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", RedirectView.as_view(pattern_name="admin:cases_docket_changelist")),
    path("admin/login/", slowly(admin.site.login)),  # before the admin's own
    path("admin/", admin.site.urls),
    path("api/v1/", include("mediation.urls")),
    path("api/schema/", Description.as_view(), name="schema"),
    path("api/docs/", Docs.as_view(url_name="schema"), name="docs"),
]
