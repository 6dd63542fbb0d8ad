"""The thread of a case at the desk: what was written, and a form to write oneself."""

import hashlib
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.fields import LONGEST_TEXT, Text
from cases.models import Audience, Case, Message
from cases.refusals import Refused
from cases.roles import STAFF
from mediation import errors, looking, messages, steps
from mediation.desk import replies, words
from mediation.desk.access import names
from mediation.files import keeping
from mediation.idempotency import Key, Stored
from mediation.models import Mediator

LONGEST_THREAD = 200  # messages on the page, the latest


class Write(forms.Form):
    """A message to one of the four audiences."""

    audience = forms.ChoiceField(label=_("To"), choices=list(words.AUDIENCES.items()))
    text = forms.CharField(
        label=_("Message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    file = forms.FileField(label=_("Image, video or PDF"), required=False, max_length=255)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)  # sent twice, written once

    def __init__(self, case: Case, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="", auto_id="message_%s")
        offered = replies.field("message", case)
        if offered is not None:
            self.fields["reply"] = offered
            self.order_fields(["audience", "reply", "text", "file"])

    def clean_text(self) -> str:
        """:raises ValidationError: characters that nobody types"""
        try:
            return Text().run_validation(self.cleaned_data["text"])
        except serializers.ValidationError:
            said = text("Control characters and changes of direction are not allowed.")
            raise ValidationError(said, code="characters") from None


def of(case: Case) -> list[Message]:
    """Read all that was written in a case, the oldest first, each with its author's name."""
    thread = Message.objects.thread(case, Audience.values).order_by("-id")
    found = list(thread[:LONGEST_THREAD])[::-1]
    ours = names(row.person for row in found if row.role in STAFF)
    for row in found:
        row.by = ours.get(row.person, "") if row.role in STAFF else ""
    return found


def send(me: Mediator, case: Case, form: Write) -> Refused | None:
    """Write what somebody of the staff has typed.

    :param form: valid
    :returns: why not
    """
    told = form.cleaned_data
    try:
        files = (_keep(me, case, told["file"], told["key"]),) if told["file"] else ()
    except Refused as refused:
        return refused
    said_ = f"{told['audience']}\n{told['text']}"
    key = _key(me, f"message {case.pk}", told["key"], hashlib.sha256(said_.encode()).hexdigest())
    wish = steps.Wish(
        case_id=case.pk,
        step="",
        by=me.actor,
        message=messages.Draft(audience=told["audience"], text=told["text"], files=files),
        key=key,
        answer=_answer,
    )
    [said] = steps.take([wish], clock=looking.clock_of(case))
    return said if isinstance(said, Refused) else None


def _keep(me: Mediator, case: Case, file: Any, key: UUID) -> UUID:
    """Keep a file that somebody of the staff sends along; checked and rebuilt as the sides' are.

    :raises Refused: it is not taken
    """
    sha256 = keeping.digest(file)
    said = keeping.receive(
        keeping.Upload(content=file, name=file.name, size=file.size, sha256=sha256),
        replace(me.actor, marketplace_id=case.marketplace_id),
        key=_key(me, f"file {case.pk}", key, sha256),
        answer=lambda kept: {"id": str(kept.pk)},
        clock=looking.clock_of(case),
    )
    if isinstance(said, Refused):
        raise said
    return UUID(said.body["id"]) if isinstance(said, Stored) else said.pk


def _key(me, route, key, fingerprint):
    caller = f"staff:{me.person}"
    return Key(caller=caller, route=route, key=str(key), fingerprint=fingerprint)


def _answer(_case: Case, said: Any) -> tuple[int, dict[str, Any]]:
    """Say what is kept under the key; the words are not."""
    if isinstance(said, Refused):
        return errors.refusal(said)[:2]
    return 201, {"sequence": said.event.sequence}
