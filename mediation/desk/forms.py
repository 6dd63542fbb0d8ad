"""What each act at the desk asks for: one form is one step; `inputs()` is what the step gets.

Amounts are typed as decimals of the case's currency and read by `cases.money.parse`.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money, terms
from cases.models import Case, Evidence
from cases.reasons import REASONS, REMEDIES, SLOTS
from cases.roles import JUDGES, PARTIES
from mediation.desk import words
from mediation.models import Mediator

LONGEST = 5000  # characters of a statement


class AmountField(forms.CharField):
    """An amount in decimals; comes out in minor units, None if it was left empty."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=20, **kwargs)
        self.currency = currency
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> int | None:
        """:raises ValidationError: not plain digits with exactly the decimals of the currency"""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return money.parse(typed, self.currency)
        except ValueError:
            example = money.show(1990, self.currency)
            raise ValidationError(
                text("Write the amount with plain digits, such as %s.") % example, code="amount"
            ) from None


class Act(forms.Form):
    """What every act carries: what the person has seen of the case, and by which lease."""

    title: str | Promise
    button: str | Promise
    tone = "plain"  # of the button: "strong" for what a mediator is here for
    about: str | Promise = ""

    version = forms.IntegerField(widget=forms.HiddenInput)
    lease = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["version"].initial = case.version
        self.fields["lease"].initial = case.facts.lease
        self.build()

    def build(self) -> None:
        """Add the fields that depend on the case."""

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Go through the fields as the page shows them: the shares of fault in a row."""
        shares = [field for field in self.visible_fields() if field.name.startswith("fault_")]
        for field in self.visible_fields():
            if field not in shares:
                yield "", [field]
            elif field is shares[0]:
                yield text("Who carries the fault, in percent"), shares

    def inputs(self) -> dict[str, Any]:
        """Give the keyword arguments of the step's method."""
        hidden = {"version", "lease"}
        return {key: value for key, value in self.cleaned_data.items() if key not in hidden}


def words_field(label: Any, rows: int = 4) -> forms.CharField:
    """Ask for typed words."""
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows})
    )


class Claim(Act):
    title, button, tone = _("Take the dispute"), _("Claim"), "strong"


class Release(Act):
    title, button = _("Give it back to the docket"), _("Release")


class Assign(Act):
    title, button = _("Give it to a mediator"), _("Assign")

    def build(self) -> None:
        judges = Mediator.objects.filter(role__in=JUDGES, user__is_active=True)
        self.fields["mediator"] = forms.ModelChoiceField(
            judges.select_related("user").order_by("user__username"), label=_("Mediator")
        )


class AskEvidence(Act):
    title, button = _("Ask for evidence"), _("Ask")
    about = _("The ruling's clock stands still until both have answered or their time is over.")

    def build(self) -> None:
        for side in PARTIES:
            self.fields[side] = forms.MultipleChoiceField(
                label=words.say(words.ROLES, side),
                choices=words.choices(SLOTS),
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
        self.fields["statement"] = words_field(_("What you want to know"))

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: nothing was asked of anybody"""
        if not any(self.cleaned_data.get(side) for side in PARTIES):
            raise ValidationError(text("Ask one side at least for something."), code="nothing")
        return self.cleaned_data

    def inputs(self) -> dict[str, Any]:
        asked = {str(side): self.cleaned_data[side] for side in PARTIES}
        return {
            "requests": {side: slots for side, slots in asked.items() if slots},
            "statement": self.cleaned_data["statement"],
        }


class Terms(Act):
    """What both sides get: remedy, an amount for each line, and who pays."""

    ruling = False

    def build(self) -> None:
        remedies = words.choices(REMEDIES)
        if self.ruling:
            remedies += [(key, str(label)) for key, label in words.RULED.items()]
        currency = self.case.currency
        self.fields["remedy"] = forms.ChoiceField(
            label=_("Remedy"), choices=remedies, initial=self.case.remedy
        )
        for item in self.case.facts.items:
            self.fields[f"amount_{item.line_id}"] = AmountField(
                currency=currency,
                label=text("%(goods)s, at most %(most)s")
                % {"goods": item.line.title, "most": money.show(terms.most(item), currency)},
                initial=money.show(item.amount, currency) if item.amount else "",
            )
        self.fields["compensation"] = AmountField(currency=currency, label=_("Compensation"))
        self.fields["payer"] = _choice(_("Paid by"), ("seller", "platform"), "seller")
        self.fields["freight_payer"] = _choice(
            _("Return freight paid by"),
            terms.PAYERS,
            self.case.facts.freight_payer(self.case.reason),
        )
        self.fields["freight_out"] = forms.ChoiceField(
            label=_("Refund the outbound freight"),
            choices=[("", _("By fault")), ("yes", _("Yes")), ("no", _("No"))],
            required=False,
        )

    def inputs(self) -> dict[str, Any]:
        data = self.cleaned_data
        amounts = {item.line_id: data[f"amount_{item.line_id}"] for item in self.case.facts.items}
        return {
            "remedy": data["remedy"],
            "amounts": {line: amount for line, amount in amounts.items() if amount is not None},
            "compensation": data["compensation"] or 0,
            "payer": data["payer"],
            "freight_payer": data["freight_payer"],
            "freight_out": {"": None, "yes": True, "no": False}[data["freight_out"]],
            "statement": data["statement"],
        }


def _choice(label, codes, initial):
    choices = [(code, words.say(words.ROLES, code)) for code in codes]
    return forms.ChoiceField(label=label, choices=choices, initial=initial)


class Propose(Terms):
    title, button = _("Propose terms to both sides"), _("Propose")
    about = _("Both must accept, or the proposal lapses and the review goes on.")

    def build(self) -> None:
        super().build()
        self.fields["statement"] = words_field(_("Why this is fair"))


class Rule(Terms):
    title, button, tone = _("Rule"), _("Rule"), "strong"
    about = _("Above the policy's amount a second mediator approves exactly what you write.")
    ruling = True

    def build(self) -> None:
        super().build()
        fault = REASONS[self.case.reason].fault
        for bearer in FAULT:
            self.fields[f"fault_{bearer}"] = forms.IntegerField(
                label=words.say(words.ROLES, bearer),
                min_value=0,
                max_value=100,
                initial=100 if bearer == fault else 0,
            )
        self.fields["rule"] = forms.CharField(label=_("Rule cited"), max_length=200)
        self.fields["evidence"] = forms.MultipleChoiceField(
            label=_("Evidence relied on"),
            choices=[
                (str(row.pk), f"{words.say(words.ROLES, row.role)}: {words.slot(row.slot)}")
                for row in Evidence.objects.filter(case=self.case).order_by("id")
            ],
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields["statement"] = words_field(_("Facts and reasons"), rows=6)

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: the shares of fault are not 100 in all"""
        shares = [self.cleaned_data.get(f"fault_{bearer}") for bearer in FAULT]
        known = [share for share in shares if share is not None]
        if len(known) == len(FAULT) and sum(known) != WHOLE:
            raise ValidationError(text("The shares of fault sum to 100."), code="fault")
        return self.cleaned_data

    def inputs(self) -> dict[str, Any]:
        data = self.cleaned_data
        return super().inputs() | {
            "fault": {bearer: data[f"fault_{bearer}"] for bearer in FAULT},
            "rule": data["rule"],
            "evidence": data["evidence"],
        }


FAULT = ("buyer", "seller", "platform", "carrier")
WHOLE = 100  # percent


class ApproveRuling(Act):
    title, button, tone = _("Approve the ruling as shown"), _("Approve"), "strong"
    about = _("You approve exactly the ruling on this page; a change of it voids your approval.")

    sha256 = forms.CharField(widget=forms.HiddenInput)

    def build(self) -> None:
        ruling = self.case.facts.ruling
        self.fields["sha256"].initial = ruling.sha256 if ruling is not None else ""


class Worded(Act):
    """An act that needs nothing but a reason in words."""

    statement = words_field(_("Why"))


class SendBack(Worded):
    title, button = _("Send the ruling back"), _("Send back")


class TakeOver(Worded):
    title, button = _("Take the case over"), _("Take over")
    reason = forms.ChoiceField(label=_("Because of"), choices=list(words.TAKE_OVER.items()))
    field_order = ("reason", "statement")


class HandBack(Worded):
    title, button = _("Hand the case back"), _("Hand back")
    about = _("It goes back to where it came from, with the time that was left.")


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
    "take_over": TakeOver,
    "reinstate": Reinstate,
    "settle_by_hand": SettleByHand,
}
