"""The Content-Security-Policy of every page: nothing is loaded from another host."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; "
    "script-src 'self'"
)
ADMIN = " 'unsafe-eval'"  # unfold's Alpine.js evaluates attributes
DOCS = " 'unsafe-inline'"  # Swagger UI starts from a script in its page


class ContentSecurityPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        exception = {"/admin/": ADMIN, "/api/docs/": DOCS}
        allowed = [more for path, more in exception.items() if request.path.startswith(path)]
        response.headers.setdefault("Content-Security-Policy", POLICY + "".join(allowed))
        return response
