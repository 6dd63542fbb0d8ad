"""Every error as `application/problem+json` (RFC 9457), with a stable code. Never an HTML page."""

import http
import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from cases.refusals import Refused
from mediation import throttling

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)

# Refusal → status. What is not here is a conflict with how things stand: 409.
STATUS = {
    "DEADLINE_PASSED": 410,
    "STALE_VERSION": 412,
    "NOT_YOUR_STEP": 403,
    "NOT_INDEPENDENT": 403,
    "LEASE_LOST": 403,
    "NOT_ELIGIBLE": 422,
    "EVIDENCE_MISSING": 422,
    "AMOUNT_TOO_HIGH": 422,
    "BAD_TERMS": 422,
    "KEY_REUSED": 422,
    "PAYMENTS_TOO_SMALL": 422,
    "TOO_FAR": 422,
    "UNKNOWN_FILE": 422,
    "WRONG_KIND": 422,
    "NOT_YOUR_AUDIENCE": 403,
    "FILE_NOT_SUPPORTED": 422,
    "FILE_DAMAGED": 422,
    "IMAGE_TOO_LARGE": 422,
    "FILE_TOO_LARGE": 413,
    "BAD_LINK": 403,
    "LINK_EXPIRED": 410,
}
CONFLICT = 409
TELLS_ACTIONS = {409, 410, 412}
RETRYABLE = {"IN_FLIGHT", "MONEY_CONFLICT", "KEYS_UNAVAILABLE", "INTERNAL_ERROR", "THROTTLED"}
CODES = {
    400: "INVALID",
    401: "NOT_AUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "THROTTLED",
    500: "INTERNAL_ERROR",
}


class ProblemRenderer(JSONRenderer):
    """DRF takes the media type from the renderer, not from the response."""

    media_type = MEDIA_TYPE
    format = "problem"


class Problem(exceptions.APIException):
    """An error of the HTTP layer with a code of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        """:param more: members of the problem document"""
        super().__init__(detail, code)
        self.status_code, self.headers, self.more = status, headers or {}, more


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raises into an answer (DRF's EXCEPTION_HANDLER); None: it is a bug."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, Refused):
        status, body, headers = refusal(error)
    elif isinstance(error, exceptions.APIException):
        status, body, headers = _of_api_exception(_or_too_often(error, context["request"]))
    else:
        return None
    return answer(context["request"], status, body, headers)


def _or_too_often(error, request):
    """Say no more why somebody is turned away who comes again and again."""
    is_turned_away = error.status_code == http.HTTPStatus.UNAUTHORIZED
    seconds = throttling.turned_away(request) if is_turned_away else 0
    return exceptions.Throttled(seconds) if seconds else error


def answer(
    request: Any, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    """Answer with a problem document, whatever the client says it accepts."""
    request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), MEDIA_TYPE
    body = {**body, "trace_id": trace_id(request)}
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def refusal(refused: Refused) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Describe a refused step: status, problem without its trace, headers."""
    status = STATUS.get(refused.code, CONFLICT)
    details = dict(refused.details)
    wait = details.pop("retry_after", None)
    headers = {"Retry-After": str(wait)} if wait else {}
    return status, problem(status, refused.code, str(refused), **details), headers


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Make the members of a problem document."""
    return {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "retryable": code in RETRYABLE,
        **more,
    }


def _of_api_exception(error):
    headers = dict(getattr(error, "headers", {}))
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    status = error.status_code
    if isinstance(error, exceptions.ValidationError):
        errors = list(pointed(error.detail))
        return status, problem(status, "INVALID", "The input is not valid.", errors=errors), headers
    code = str(error.get_codes())
    code = code if code.isupper() else CODES.get(status, code.upper())
    return status, problem(status, code, str(error.detail), **getattr(error, "more", {})), headers


def pointed(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """List the errors of a serializer by JSON Pointer (RFC 6901)."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            below = "" if name == "non_field_errors" else f"/{_escape(str(name))}"
            yield from pointed(inner, pointer + below)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_nested = isinstance(inner, dict | list)
            yield from pointed(inner, f"{pointer}/{number}" if is_nested else pointer)
    else:
        yield {"pointer": pointer, "code": detail.code, "detail": str(detail)}


def _escape(name):
    return name.replace("~", "~0").replace("/", "~1")


def trace_id(request: Any) -> str:
    """Give the trace of a request: the caller's (W3C Trace Context), or a new one."""
    found = TRACEPARENT.fullmatch(request.META.get("HTTP_TRACEPARENT", ""))
    return found[1] if found else secrets.token_hex(16)


# What Django answers itself: JSON below /api/, its own pages elsewhere.


def _plain(request, status, detail):
    body = problem(status, CODES[status], detail) | {"trace_id": trace_id(request)}
    if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("%s %s failed, trace %s", request.method, request.path, body["trace_id"])
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def _is_ours(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    if _is_ours(request):
        return _plain(request, 400, "The request is not valid.")
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if _is_ours(request):
        return _plain(request, 404, "There is nothing here.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    if _is_ours(request):
        return _plain(request, 500, "Something of ours went wrong.")
    return defaults.server_error(request)
