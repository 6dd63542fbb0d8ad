"""The acts on a complaint at the desk: one form is one step."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.conduct import RESTRICTIONS, restrictions_of
from cases.models import Complaint
from mediation.desk import words
from mediation.desk.act import words_field


class Sheet(forms.Form):
    """What every act carries: the version that the person has seen."""

    title: str | Promise
    button: str | Promise
    tone = "plain"
    about: str | Promise = ""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, complaint: Complaint, *args: Any, **kwargs: Any) -> None:
        self.complaint = complaint
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["version"].initial = complaint.version
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the complaint."""

    def inputs(self) -> dict[str, Any]:
        """Give the keyword arguments of the step's method."""
        return {key: value for key, value in self.cleaned_data.items() if key != "version"}


class Claim(Sheet):
    title, button, tone = _("Take this complaint"), _("Claim"), "strong"


class Release(Sheet):
    title, button = _("Give the complaint back"), _("Give back")


class Reasoned(Sheet):
    """An act with its reasons, which both sides read."""

    statement = words_field(_("Reasons, which both sides read"))


class Ask(Reasoned):
    title, button = _("Ask the accused to be heard once more"), _("Ask")


class Uphold(Reasoned):
    title, button, tone = _("Uphold, with what follows"), _("Uphold"), "strong"
    about = _("It begins at once and ends by itself. The accused may appeal.")
    field_order = ("restrictions", "statement")

    def build(self) -> None:
        self.fields["restrictions"] = forms.MultipleChoiceField(
            label=_("Restrictions"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[
                (kind, words.catalogue(RESTRICTIONS, kind))
                for kind in restrictions_of(self.complaint.accused_role)
            ],
        )
        self.order_fields(self.field_order)


class Dismiss(Reasoned):
    title, button = _("Dismiss"), _("Dismiss")


class Confirm(Reasoned):
    title, button, tone = _("The first decision stands"), _("Confirm"), "strong"


class Reverse(Uphold):
    title, button, tone = _("Decide the other way"), _("Reverse"), "plain"
    about = _("What was upheld is lifted; what was dismissed is upheld. This is final.")

    def build(self) -> None:
        super().build()
        if self.complaint.verdict == "upheld":
            del self.fields["restrictions"]


class Lift(Reasoned):
    title, button = _("Lift what is in force"), _("Lift")


FORMS: dict[str, type[Sheet]] = {
    "claim": Claim,
    "uphold": Uphold,
    "dismiss": Dismiss,
    "ask": Ask,
    "confirm": Confirm,
    "reverse": Reverse,
    "release": Release,
    "lift": Lift,
}
