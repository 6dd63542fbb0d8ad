"""The form in which a case is decided anew, and moves by nothing that is written there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money
from cases.models import Case
from cases.reasons import REMEDIES
from mediation.desk import words
from mediation.desk.act import AmountField, words_field
from mediation.desk.terms_forms import FAULT, WHOLE


class Decide(forms.Form):
    """The same case, decided anew: what is granted, how much in all, and who carries the fault."""

    def __init__(self, case: Case, data: Any = None, *, expected: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="review_%s", initial=expected)
        remedies = words.choices(REMEDIES)
        remedies += [(key, str(label)) for key, label in words.RULED.items()]
        self.fields["remedy"] = forms.ChoiceField(label=_("Remedy"), choices=[("", "-"), *remedies])
        self.fields["amount"] = AmountField(currency=case.currency, label=_("Amount in all"))
        for bearer in FAULT:
            self.fields[f"fault_{bearer}"] = forms.IntegerField(
                label=words.say(words.ROLES, bearer), min_value=0, max_value=WHOLE, initial=0
            )
        self.fields["reasons"] = words_field(_("Facts and reasons"), rows=6)

    def clean(self) -> dict[str, Any]:
        """:raises ValidationError: the shares of fault are not 100 in all"""
        told = self.cleaned_data
        shares = [told.get(f"fault_{bearer}") for bearer in FAULT]
        known = [share for share in shares if share is not None]
        if len(known) == len(FAULT) and sum(known) != WHOLE:
            raise ValidationError(text("The shares of fault sum to 100."), code="fault")
        return told

    def shares(self) -> list[forms.BoundField]:
        """Give the fields that the page shows in a row."""
        return [self[f"fault_{bearer}"] for bearer in FAULT]

    def decided(self) -> dict[str, Any]:
        """Give what `reviews.write` takes."""
        told = self.cleaned_data
        return {
            "remedy": told["remedy"],
            "amount": told["amount"] or 0,
            "fault": {bearer: told[f"fault_{bearer}"] for bearer in FAULT},
            "reasons": told["reasons"],
        }


def as_typed(told: dict[str, Any], currency: str) -> dict[str, Any]:
    """Give the values of the form that say the same as remedy, amount, fault and reasons."""
    shares = {f"fault_{bearer}": told["fault"].get(bearer, 0) for bearer in FAULT}
    amount = money.show(told["amount"], currency) if told["amount"] else ""
    return {"remedy": told["remedy"], "reasons": told["reasons"], "amount": amount, **shares}
