"""Messages: what one is made of, how it is shown, and what a case tells of how to write one."""

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import evidence, history, schemas
from cases.fields import Id, Strict, Text, wrong
from cases.models import Audience, Case, Message

MOST_FILES = 10


class MessageIn(Strict):
    """Words, files, or both, and who shall read them beside the author."""

    audience = serializers.ChoiceField(choices=Audience.values, default=str(Audience.ALL))
    text = Text(required=False)
    files = serializers.ListField(child=Id(), max_length=MOST_FILES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """:raises ValidationError: nothing is said, or a file comes twice"""
        files = attrs.get("files", [])
        if not files and not attrs.get("text"):
            raise serializers.ValidationError({"text": wrong("required", "Write something.")})
        if len(set(files)) < len(files):
            raise serializers.ValidationError({"files": wrong("twice", "A file comes twice.")})
        return attrs


class MessageOut(serializers.Serializer):
    """One message; the context gives the moment `at` from which its links count."""

    id = serializers.UUIDField()
    role = serializers.CharField(help_text="Of the author.")
    audience = serializers.CharField()
    text = serializers.CharField()
    files = serializers.SerializerMethodField()
    written_at = serializers.DateTimeField()

    @extend_schema_field(evidence.FileOut(many=True))
    def get_files(self, message: Message) -> Any:
        at = self.context["at"]
        files = [evidence.shown_file(row.file, at) for row in message.attachments.all()]
        return evidence.FileOut(files, many=True).data


class Writing(serializers.Serializer):
    """How whoever asks may write to the others, in whatever state the case is."""

    href = serializers.CharField()
    audiences = serializers.ListField(child=serializers.CharField())
    input_schema = serializers.DictField(help_text="JSON Schema of the body.")


def writing(case: Case, role: str) -> dict[str, Any]:
    """Tell where somebody writes to the thread of a case, to whom, and what is sent."""
    return {
        "href": f"/api/v1/cases/{case.id}/messages",
        "audiences": history.audiences(role),
        "input_schema": _schema(role),
    }


@cache
def _schema(role):
    found = schemas.of(MessageIn())
    told = found["properties"]
    audience = told["audience"] | {"enum": history.audiences(role)}
    files = told["files"] | {"uniqueItems": True}
    some = {"required": ["files"], "properties": {"files": {"minItems": 1}}}
    return found | {
        "properties": told | {"audience": audience, "files": files},
        "anyOf": [{"required": ["text"]}, some],
    }
