"""The two acts that give terms to both sides: a proposal and a ruling."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money, terms
from cases.models import Evidence
from cases.reasons import REASONS, REMEDIES
from mediation.desk import words
from mediation.desk.act import Act, AmountField, words_field


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
