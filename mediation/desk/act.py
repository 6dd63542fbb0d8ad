"""What all acts at the desk share: the form of a step, amounts, typed words."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money
from cases.models import Case

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


class Worded(Act):
    """An act that needs nothing but a reason in words."""

    statement = words_field(_("Why"))
