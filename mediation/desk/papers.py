"""Files on the pages of the desk: to keep, small, or a PDF in a frame of the page.

A PDF is shown by the browser's own reader, never as a page.
"""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase

from cases import links
from cases.models import File, FileKind
from mediation.errors import Problem
from mediation.files import serving

INLINE = "inline"
FORMS = (links.CONTENT, links.THUMBNAIL, INLINE)
# The reader is no script of the file's: what a PDF wants to run or to load is refused.
POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def respond(request: Any, file: File | None, form: str) -> HttpResponseBase:
    """Answer with a file of what somebody may see.

    :raises Http404: there is no such one, or it is not shown in this form
    """
    if file is None or form not in FORMS:
        raise Http404
    try:
        return _framed(request, file) if form == INLINE else serving.respond(request, file, form)
    except Problem as error:
        return HttpResponse(status=error.status_code, headers=error.headers)


def _framed(request, file):
    """Answer with a paper that our own pages may frame; nothing else is ever shown in place."""
    if file.kind != FileKind.PDF:
        raise Http404
    answer = serving.respond(request, file, links.CONTENT)
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer
