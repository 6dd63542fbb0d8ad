"""A policy file before it is scheduled: what is wrong with it, and what it changes."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import policies
from cases.models import PolicyVersion
from cases.models.policy import in_force
from cases.policies import BadPolicy, comparing
from cases.policies.sheet import LONGEST
from cases.policy import Policy
from mediation import draft
from mediation.desk import policy_words
from mediation.desk.fields import Moment

MOST_BYTES = 4 * LONGEST  # of UTF-8
LOOKED_BACK = 30  # days of applications that a draft is tried on
MOST_TRIED = 5_000  # of them, so that the page comes at once; `simulate_policy` tries all


class Upload(forms.Form):
    """A policy file, typed or brought, and the moment from which it shall hold."""

    source = forms.CharField(
        label=_("Policy (TOML)"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "spellcheck": "false", "class": "code"}),
    )
    file = forms.FileField(label=_("Or a file"), required=False)
    effective_from = Moment(label=_("In force from (UTC)"), required=False)

    def clean(self) -> dict[str, Any]:
        """Put what was brought in the place of what was typed.

        :raises ValidationError: there is neither, or the file is no text
        """
        told = self.cleaned_data
        if (brought := told.get("file")) is not None:
            told["source"] = _read(brought)
        source = told.get("source", "").replace("\r\n", "\n")
        if not source.strip():
            raise ValidationError(text("Type a policy, or choose a file."), code="nothing")
        return {**told, "source": source}


def _read(brought):
    if brought.size > MOST_BYTES:
        raise ValidationError(text("The file is too large."), code="large")
    try:
        return brought.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError(text("The file is no text in UTF-8."), code="no_text") from None


@dataclass(kw_only=True)
class Checked:
    """What is to be known of a policy file before it is scheduled."""

    source: str
    policy: Policy | None = None
    mistakes: tuple[tuple[int, str, str], ...] = ()  # line, what is wrong, the line's text
    running: PolicyVersion | None = None  # the version in force
    sections: list[tuple[str, list[comparing.Change]]]
    text: list[tuple[str, str]]
    past: draft.Comparison | None = None  # what it would have changed lately

    @property
    def is_new(self) -> bool:
        """Whether no policy of this name is in force."""
        return self.policy is not None and self.running is None

    @property
    def is_same(self) -> bool:
        return self.running is not None and not self.sections and not self.text


def check(source: str, at: datetime) -> Checked:
    """Read a file and compare it with the version that is in force; nothing is stored."""
    try:
        policy = policies.parse(source)
    except BadPolicy as bad:
        rows = source.splitlines()
        mistakes = tuple(
            (m.line, policy_words.said(m), rows[m.line - 1] if m.line <= len(rows) else "")
            for m in bad.mistakes
        )
        return Checked(source=source, mistakes=mistakes, sections=[], text=[])
    running = running_version(policy.name, at)
    before = parsed(running) if running is not None else None
    return Checked(
        source=source,
        policy=policy,
        running=running,
        sections=sections(before, policy),
        text=comparing.in_text(running.source if running is not None else "", source),
        past=_tried(policy, at) if running is not None else None,
    )


def _tried(policy, at):
    return draft.compare(policy, days=LOOKED_BACK, at=at, most=MOST_TRIED)


def sections(before: Policy | None, after: Policy) -> list[tuple[str, list[comparing.Change]]]:
    """Group what differs by section."""
    found = comparing.differences(before, after)
    return [(name, list(rows)) for name, rows in groupby(found, lambda change: change.section)]


def running_version(name: str, at: datetime) -> PolicyVersion | None:
    """Find the version of a name that is in force; None: there is none."""
    try:
        return in_force(name, at)
    except PolicyVersion.DoesNotExist:
        return None


def parsed(version: PolicyVersion) -> Policy:
    """Read a stored version."""
    return policies.parse(version.source, bases=version.bases, version=version.version)
