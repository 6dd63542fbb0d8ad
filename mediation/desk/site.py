"""The admin site: nobody is in who has not shown the second factor."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from mediation.desk import second_factor


class DeskSite(UnfoldAdminSite):
    """Every page of the admin asks `has_permission`, on the server and at each request."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_shown(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the password; of whom has given it, for the second factor."""
        if super().has_permission(request) and not second_factor.is_shown(request):
            onward = urlencode({"next": request.GET.get("next", "")})
            return redirect(f"{second_factor.address()}?{onward}")
        return super().login(request, extra_context)

    def extra_urls(self) -> list[URLPattern]:
        """Name the pages that are open before the second factor, and the one behind it."""
        codes = self.admin_view(require_POST(second_factor.renew))
        return [
            path("second-factor/", second_factor.page, name="second_factor"),
            path("second-factor/leave/", require_POST(second_factor.leave), name="leave"),
            path("second-factor/codes/", codes, name="recovery_codes"),
        ]
