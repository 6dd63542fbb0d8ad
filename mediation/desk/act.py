"""What all acts at the desk share: the form of a step, amounts, typed words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money
from cases.models import Case
from mediation.desk import replies

LONGEST = 5000  # characters of a statement
NO_INPUTS = frozenset({"version", "lease", "reply"})


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


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that the page shows beside each other."""

    fields: list[forms.BoundField]
    legend: str = ""
    layout: str = ""


class Act(forms.Form):
    """What every act carries: what the person has seen of the case, and by which lease."""

    title: str | Promise
    button: str | Promise
    tone = "plain"  # of the button: "strong" for what a mediator is here for
    about: str | Promise = ""
    replies = ""  # whose texts are offered: a name of `replies.REPLIES`

    version = forms.IntegerField(widget=forms.HiddenInput)
    lease = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        self.case = case
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["version"].initial = case.version
        self.fields["lease"].initial = case.facts.lease
        self.build()
        self._offer_replies()

    def _offer_replies(self) -> None:
        """Put texts to begin with before the words; whoever chooses one need not type."""
        offered = replies.field(self.replies, self.case)
        if offered is not None:
            self.fields["statement"].required = False
            order = [*self.fields]
            order.insert(order.index("statement"), "reply")
            self.fields["reply"] = offered
            self.order_fields(order)

    def clean_statement(self) -> str:
        """Take the typed words, or else the text that was chosen.

        :raises ValidationError: there is neither
        """
        typed: str = self.cleaned_data["statement"]
        if typed:
            return typed
        if chosen := self.cleaned_data.get("reply"):
            return replies.words(chosen, self.case)
        raise ValidationError(forms.Field.default_error_messages["required"], code="required")

    def build(self) -> None:
        """Add the fields that depend on the case."""

    def groups(self) -> Iterator[Group]:
        """Go through the fields as the page shows them."""
        for field in self.visible_fields():
            yield Group(fields=[field])

    def blame(self, details: dict[str, Any]) -> None:
        """Tell at a field what was refused for it.

        :param details: of the refusal: codes, ids, amounts
        """

    def inputs(self) -> dict[str, Any]:
        """Give the keyword arguments of the step's method."""
        return {key: value for key, value in self.cleaned_data.items() if key not in NO_INPUTS}


def words_field(label: Any, rows: int = 4) -> forms.CharField:
    """Ask for typed words."""
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows})
    )


class Worded(Act):
    """An act that needs nothing but a reason in words."""

    statement = words_field(_("Why"))
