"""Fields of the desk's forms that Django does not have."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Moment(forms.DateTimeField):
    """A moment in UTC, chosen with the browser's own picker: comes out aware."""

    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"
    )
    default_error_messages = {"invalid": _("Write a day and a time, such as 2026-03-02 08:00.")}

    def __init__(self, **options: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(input_formats=formats, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a moment as it stands in UTC."""
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
