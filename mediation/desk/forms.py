"""What each act at the desk asks for: one form is one step; `inputs()` is what the step gets."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import extensions
from cases.papers import FARTHEST, HOURS
from cases.reasons import REASONS, SLOTS
from cases.roles import JUDGES, PARTIES
from mediation.desk import rules, words
from mediation.desk.act import Act, Worded, words_field
from mediation.desk.terms_forms import Propose, Rule
from mediation.models import Mediator

TIMES = (HOURS[0], 48, 72, 120, HOURS[1])  # hours for a round of evidence


class Claim(Act):
    title, button, tone = _("Take the dispute"), _("Claim"), "strong"


class Release(Act):
    title, button = _("Give it back to the docket"), _("Release")


class Assign(Act):
    title, button = _("Give it to a mediator"), _("Assign")

    def build(self) -> None:
        judges = Mediator.objects.filter(role__in=JUDGES, user__is_active=True, on_shift=True)
        self.fields["mediator"] = forms.ModelChoiceField(
            judges.select_related("user").order_by("user__username"), label=_("Mediator")
        )


class Triage(Worded):
    title, button = _("Move it in the docket"), _("Move")
    about = _("Hours bring it forward, below zero they put it back. Your reason is kept.")

    field_order = ("hours", "skill", "language", "statement")

    def build(self) -> None:
        entry = self.case.facts.docket
        self.fields["hours"] = forms.IntegerField(
            label=_("Hours ahead"),
            min_value=-FARTHEST,
            max_value=FARTHEST,
            initial=entry.terms.get("supervisor", 0),
        )
        self.fields["skill"] = forms.ChoiceField(
            label=_("Reason"), choices=words.choices(REASONS), initial=entry.skill
        )
        spoken = dict.fromkeys([entry.language, *dict(settings.LANGUAGES)])
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[(code, words.language(code)) for code in spoken],
            initial=entry.language,
        )
        self.order_fields(self.field_order)


class AskEvidence(Act):
    title, button, replies = _("Ask for evidence"), _("Ask"), "ask_evidence"
    about = _("The ruling's clock stands still until both have answered or their time is over.")

    def build(self) -> None:
        for side in PARTIES:
            self.fields[side] = forms.MultipleChoiceField(
                label=words.say(words.ROLES, side),
                choices=words.choices(SLOTS),
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        self.fields["hours"] = forms.TypedChoiceField(
            label=_("Time for each side"),
            choices=self._times,
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.fields["statement"] = words_field(_("What you want to know"))

    def _times(self) -> list[tuple[Any, str]]:
        """Offer the policy's time, and others around it."""
        facts = self.case.facts
        usual = rules.length(facts.policy.length("evidence", **facts.about))
        others = [(hours, text("%d hours") % hours) for hours in TIMES]
        return [("", text("As the policy says: %s") % usual), *others]

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: nothing was asked of anybody"""
        if not any(self.cleaned_data.get(side) for side in PARTIES):
            raise ValidationError(text("Ask one side at least for something."), code="nothing")
        return self.cleaned_data

    def inputs(self) -> dict[str, Any]:
        asked = {str(side): self.cleaned_data[side] for side in PARTIES}
        return {
            "requests": {side: slots for side, slots in asked.items() if slots},
            "hours": self.cleaned_data["hours"],
            "statement": self.cleaned_data["statement"],
        }


class ApproveRuling(Act):
    title, button, tone = _("Approve the ruling as shown"), _("Approve"), "strong"
    about = _("You approve exactly the ruling on this page; a change of it voids your approval.")

    sha256 = forms.CharField(widget=forms.HiddenInput)

    def build(self) -> None:
        ruling = self.case.facts.ruling
        self.fields["sha256"].initial = ruling.sha256 if ruling is not None else ""


class SendBack(Worded):
    title, button, replies = _("Send the ruling back"), _("Send back"), "send_back"


class TakeOver(Worded):
    title, button, replies = _("Take the case over"), _("Take over"), "take_over"
    reason = forms.ChoiceField(label=_("Because of"), choices=list(words.TAKE_OVER.items()))
    field_order = ("reason", "statement")


class HandBack(Worded):
    title, button, replies = _("Hand the case back"), _("Hand back"), "hand_back"
    about = _("It goes back to where it came from, with the time that was left.")


class GrantExtension(Act):
    title, button = _("Grant the more time that was asked for"), _("Grant")


class GiveExtension(Worded):
    title, button = _("Give a side more time"), _("Extend")
    about = _("Nobody need have asked for it. Both sides hear of it; your reason is kept.")

    field_order = ("side", "hours", "statement")

    def build(self) -> None:
        clocks = {str(side): extensions.left(self.case, str(side)) for side in PARTIES}
        self.fields["side"] = forms.ChoiceField(
            label=_("Whose clock"),
            choices=[
                (side, f"{words.say(words.ROLES, side)}: {words.say(words.CLOCKS, clock.name)}")
                for side, clock in clocks.items()
                if clock is not None
            ],
        )
        self.fields["hours"] = forms.IntegerField(
            label=_("Hours more"), min_value=1, max_value=extensions.MOST_HOURS, initial=24
        )
        self.order_fields(self.field_order)


class Reinstate(Worded):
    title, button = _("Take the closed case up again"), _("Reinstate")


class SettleByHand(Worded):
    title, button = _("State that it was paid outside the gateway"), _("Settle by hand")
    about = _("Two different supervisors must state it.")


FORMS: dict[str, type[Act]] = {  # in the order in which the page offers them
    "claim": Claim,
    "approve_ruling": ApproveRuling,
    "send_back": SendBack,
    "rule": Rule,
    "propose": Propose,
    "ask_evidence": AskEvidence,
    "hand_back": HandBack,
    "release": Release,
    "assign": Assign,
    "triage": Triage,
    "grant_extension": GrantExtension,
    "give_extension": GiveExtension,
    "take_over": TakeOver,
    "reinstate": Reinstate,
    "settle_by_hand": SettleByHand,
}
