"""The thread of a case over HTTP: who reads what follows from the audience of each message."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import views
from cases.filters import NewestFirst
from cases.history import audiences
from cases.models import Case, Message
from cases.refusals import Refused
from cases.writing import MessageIn, MessageOut
from mediation import commands, looking
from mediation.idempotency import Stored
from mediation.messages import Draft, kept
from mediation.steps import Wish, database_clock, take
from mediation.views import KEY


class MessageKept(serializers.Serializer):
    """What was made of a message; the words are in the thread."""

    id = serializers.UUIDField()
    sequence = serializers.IntegerField(help_text="Of its event in the timeline.")
    audience = serializers.CharField()
    written_at = serializers.DateTimeField()


class Messages(views.View):
    """What both sides and the mediators write to each other."""

    rated_as = {"POST": "message"}
    serializer_class = MessageOut
    pagination_class = NewestFirst
    problems = {"POST": (403, 409, 422)}
    parameters = views.paged(NewestFirst)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "at": database_clock()}

    @extend_schema(operation_id="list_messages", responses=MessageOut(many=True))
    def get(self, _request: Request, case_id: UUID) -> Response:
        """List the messages that the actor may read, the newest first."""
        thread = Message.objects.thread(self.case(case_id), audiences(self.actor.role))
        page = self.paginate_queryset(thread)
        return self.listed(page)

    @extend_schema(
        operation_id="send_message",
        request=MessageIn,
        responses={201: MessageKept},
        parameters=[KEY],
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Write to an audience. It is no step: the case's version stays."""
        case = self.case(case_id)
        asked = MessageIn(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        wish = Wish(
            case_id=case.id,
            step="",
            by=self.actor,
            message=Draft(**{**told, "files": tuple(told.get("files", ()))}),
            key=commands.idempotency_key(request, self.actor, told),
            answer=self._answer,
        )
        [said] = take([wish], clock=looking.clock_of(case))
        if isinstance(said, Stored):
            headers = {"Idempotent-Replayed": "true"}
            return commands.respond(request, said.status, said.body, headers)
        if isinstance(said, Refused):
            raise said
        return commands.respond(request, *self._answer(said.case, said))

    def _answer(self, case: Case, said: Any) -> tuple[int, dict[str, Any]]:
        """Answer what the writer says; the words are not kept with it."""
        if isinstance(said, Refused):
            return commands.refused(said, case, self.actor)
        return 201, dict(MessageKept(kept(said)).data)
