"""A PDF in a frame of the page of its case: shown by the browser's own reader, never as a page."""

from typing import Any

from django.http import Http404, HttpResponseBase

from cases import links
from cases.models import File, FileKind
from mediation.files import serving

INLINE = "inline"
# The reader is no script of the file's: what a PDF wants to run or to load is refused.
POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def respond(request: Any, file: File) -> HttpResponseBase:
    """Answer with a paper that our own pages may frame.

    :raises Http404: it is no PDF; nothing else is ever shown in place
    :raises Problem: the bytes are not there, or no such part
    """
    if file.kind != FileKind.PDF:
        raise Http404
    answer = serving.respond(request, file, links.CONTENT)
    answer["Content-Disposition"] = "inline"
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer
