"""Files over HTTP: brought by a form of one field, listed as evidence, read through links."""

from typing import Any
from uuid import UUID

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import evidence, links, views
from cases.fields import Strict
from cases.inputs import mistake
from cases.models import File, Marketplace
from cases.refusals import Refused
from mediation import commands, looking
from mediation.files import keeping, serving
from mediation.files.kinds import MOST, SUFFIXES
from mediation.idempotency import Stored
from mediation.steps import database_clock
from mediation.views import KEY

AROUND = 64 * 1024  # bytes that a form has beside its file
SIGNED = [
    OpenApiParameter("until", str, required=True),
    OpenApiParameter("signature", str, required=True),
]


class FileIn(Strict):
    """A JPEG, PNG or WebP image, an MP4 video or a PDF, told by its content."""

    file = serializers.FileField(max_length=255)


class FileKept(serializers.Serializer):
    """A file as it was kept: what is named in evidence and messages is its `id`."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    media_type = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField(help_text="Of what is kept.")
    uploaded_sha256 = serializers.CharField(help_text="Of what came.")
    uploaded_at = serializers.DateTimeField()


class Files(views.View):
    """Where files are brought, before a case or a complaint names them."""

    rated_as = {"POST": "upload"}
    problems = {"POST": (409, 422)}
    parser_classes = (MultiPartParser,)
    serializer_class = FileIn

    def dispatch(self, request: Any, *args: Any, **options: Any) -> Any:
        request.upload_handlers = [TemporaryFileUploadHandler(request)]  # never in memory
        return super().dispatch(request, *args, **options)

    @extend_schema(
        operation_id="upload_file",
        request={"multipart/form-data": FileIn},
        responses={201: FileKept},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """Bring a file. One that nothing names within seven days is thrown away."""
        upload = self._upload(request)
        told = {"sha256": upload.sha256, "name": upload.name}
        said = keeping.receive(
            upload,
            self.actor,
            key=commands.idempotency_key(request, self.actor, told),
            answer=lambda file: dict(FileKept(file).data),
            clock=looking.clock_of(Marketplace.objects.get(pk=self.marketplace_id)),
        )
        if isinstance(said, Refused):
            raise said
        if isinstance(said, Stored):
            return Response(said.body, said.status, headers={"Idempotent-Replayed": "true"})
        return Response(FileKept(said).data, status=201)

    def _upload(self, request):
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST + AROUND:
            raise keeping.TooLarge(f"A file has at most {MOST} bytes.", most=MOST)
        asked = FileIn(data=request.data)
        asked.is_valid(raise_exception=True)
        if len(request.FILES.getlist("file")) > 1:
            raise mistake("file", "twice", "Bring one file at a time.")
        file = asked.validated_data["file"]
        return keeping.Upload(
            content=file.file, name=file.name, size=file.size, sha256=keeping.digest(file.file)
        )


class EvidenceOfCase(views.View):
    """What was handed in for a case."""

    serializer_class = evidence.EvidenceOut

    @extend_schema(operation_id="list_evidence", responses=evidence.EvidenceOut)
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List the evidence that the actor may see, with links, and what is asked for."""
        found = evidence.evidence_of(self.case(case_id), self.actor, database_clock())
        return Response(evidence.EvidenceOut(found).data)


class Anything(BaseContentNegotiation):
    """A picture asks for pictures; if it fails the answer is a problem all the same."""

    def select_parser(self, _request: Any, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, _request: Any, renderers: Any, _suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class OneFile(APIView):
    """The bytes of a file, for whoever has a link."""

    authentication_classes = ()
    permission_classes = ()
    rated_as = {"GET": "link"}
    content_negotiation_class = Anything
    problems = {"GET": (403, 404, 410, 416)}

    @extend_schema(
        operation_id="read_file",
        parameters=SIGNED,
        responses={
            (status, kind): OpenApiTypes.BINARY for status in (200, 206) for kind in SUFFIXES
        },
    )
    def get(self, request: Request, file_id: UUID, form: str) -> HttpResponseBase:
        """Read a file through a link: as an attachment, whole or one part of it (`Range`).

        `form` is `content` or `thumbnail`.
        """
        links.check(file_id, form, request.query_params, database_clock())
        file = File.everywhere.filter(pk=file_id).first()
        if file is None:
            raise Http404
        return serving.respond(request, file, form)
