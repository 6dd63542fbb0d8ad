"""What may be done now, and what may not."""

from rest_framework import serializers


class ActionOut(serializers.Serializer):
    """Something that whoever asks may do now."""

    name = serializers.CharField()
    href = serializers.CharField()
    mandatory = serializers.BooleanField(help_text="A duty: somebody waits for it.")
    due_at = serializers.DateTimeField(allow_null=True)
    on_expiry = serializers.CharField(allow_null=True, help_text="The step that follows then.")
    limits = serializers.DictField(help_text="How often and how much it may still be.")


class ActionWithInput(ActionOut):
    input_schema = serializers.DictField(help_text="JSON Schema of the body.")


class UnavailableAction(serializers.Serializer):
    """Something that whoever asks may do at other times, and why not now."""

    name = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    available_at = serializers.DateTimeField(allow_null=True)
