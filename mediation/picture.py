"""The process as a drawing: Mermaid text, which many editors and pages show as a diagram."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.drawing import MACHINES, mermaid

MEDIA_TYPE = "text/vnd.mermaid"


class Mermaid(BaseRenderer):
    """Text as it is."""

    media_type = MEDIA_TYPE
    format = "mermaid"
    charset = "utf-8"

    def render(self, data: Any, *_context: Any) -> bytes:
        """Give the bytes."""
        return str(data).encode()


class Drawing(views.View):
    """One machine as a diagram."""

    renderer_classes = (Mermaid,)
    parameters = ("machine",)

    @extend_schema(
        operation_id="draw_process",
        parameters=[OpenApiParameter("machine", str, enum=list(MACHINES), description="case.")],
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> Response:
        """Draw the machine of a case, or of a dispute: states, steps, who takes them, clocks."""
        machine = request.query_params.get("machine", "case")
        if machine not in MACHINES:
            raise ParseError(f"machine is one of: {', '.join(MACHINES)}.", "INVALID")
        return Response(mermaid(machine))
