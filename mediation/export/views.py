"""The export of a case over HTTP, for its sides and for the marketplace."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from cases import views
from mediation.export.archive import streamed
from mediation.export.record import Record, gather

MEDIA_TYPE = "application/zip"


class Zip(BaseRenderer):
    """Bytes as they are."""

    media_type = MEDIA_TYPE
    format = "zip"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *_context: Any) -> bytes:
        """Give the bytes."""
        return bytes(data)


class Export(views.View):
    """A whole case."""

    rated_as = {"GET": "export"}
    renderer_classes = (Zip,)

    @extend_schema(operation_id="export_case", responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY})
    def get(self, _request: Request, case_id: UUID) -> StreamingHttpResponse:
        """Give everything that the actor may see of a case as a ZIP: `case.json` and the files.

        `manifest.sha256` lists the SHA-256 of each; `timeline` has the links of the chain.
        """
        return sent(gather(case_id, self.actor))


def sent(record: Record) -> StreamingHttpResponse:
    """Answer with the archive of a case, as an attachment."""
    headers = {
        "Content-Disposition": f'attachment; filename="{record.number}.zip"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(streamed(record), content_type=MEDIA_TYPE, headers=headers)
