"""The two acts that give terms to both sides: a proposal and a ruling."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases import money, terms
from cases.models import Evidence
from cases.reasons import REASONS, REMEDIES
from mediation.desk import rules, showing, words
from mediation.desk.act import Act, AmountField, Group, words_field

FAULT = ("buyer", "seller", "platform", "carrier")
WHOLE = 100  # percent
NO_EVIDENCE = "none"


class Terms(Act):
    """What both sides get: remedy, an amount or a share for each line, and who pays."""

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
            self._ask_for(item, currency)
        self.fields["compensation"] = AmountField(currency=currency, label=_("Compensation"))
        self.fields["medium"] = forms.ChoiceField(
            label=_("Given in"), choices=list(words.MEDIA.items()), required=False
        )
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

    def _ask_for(self, item: Any, currency: str) -> None:
        """Ask for the amount of one line: as digits, or by the ladder of shares."""
        self.fields[f"amount_{item.line_id}"] = AmountField(
            currency=currency,
            label=_("Amount"),
            initial=money.show(item.amount, currency) if item.amount else "",
        )
        ladder = [
            (percent, f"{percent} % · {showing.money(terms.share(item, percent), currency)}")
            for percent in terms.SHARES
        ]
        self.fields[f"share_{item.line_id}"] = forms.TypedChoiceField(
            label=_("Or a share"),
            choices=[("", text("as typed")), *ladder],
            coerce=int,
            empty_value=None,
            required=False,
        )

    def groups(self) -> Iterator[Group]:
        """Show each line's amount beside its share, and the shares of fault in a row."""
        fields = {field.name: field for field in self.visible_fields()}
        pairs = {f"amount_{item.line_id}": item for item in self.case.facts.items}
        row = [fields[f"fault_{bearer}"] for bearer in FAULT if f"fault_{bearer}" in fields]
        for name, field in fields.items():
            if name in pairs:
                item, currency = pairs[name], self.case.currency
                most = showing.money(terms.most(item), currency)
                told = {"goods": item.line.title, "most": most}
                both = [field, fields[f"share_{item.line_id}"]]
                legend = text("%(goods)s, at most %(most)s") % told
                yield Group(fields=both, legend=legend, layout="pair")
            elif name == "compensation":
                yield Group(fields=[field, fields["medium"], fields["payer"]], layout="three")
            elif name == "freight_payer":
                yield Group(fields=[field, fields["freight_out"]], layout="pair")
            elif row and field is row[0]:
                legend = text("Who carries the fault, in percent")
                yield Group(fields=row, legend=legend, layout="four")
            elif not name.startswith(("share_", "fault_")) and name not in ASIDE:
                yield Group(fields=[field])

    def blame(self, details: dict[str, Any]) -> None:
        """Tell at the amount how much is possible."""
        if "most" in details:
            line = details.get("line")
            name = f"amount_{line}" if line is not None else "compensation"
            most = showing.money(details["most"], self.case.currency)
            self.add_error(name, text("At most %s.") % most)

    def inputs(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "remedy": data["remedy"],
            "amounts": self._amounts(),
            "compensation": data["compensation"] or 0,
            "medium": (data["compensation"] and data["medium"]) or terms.MONEY,
            "payer": data["payer"],
            "freight_payer": data["freight_payer"],
            "freight_out": {"": None, "yes": True, "no": False}[data["freight_out"]],
            "statement": data["statement"],
        }

    def _amounts(self):
        """Take what was typed or chosen; what refunds no line has no amounts."""
        remedy = REMEDIES.get(self.cleaned_data["remedy"])
        if remedy is None or remedy.pays != "refund":
            return {}
        amounts = {item.line_id: self._amount(item) for item in self.case.facts.items}
        return {line: amount for line, amount in amounts.items() if amount is not None}

    def _amount(self, item):
        percent = self.cleaned_data[f"share_{item.line_id}"]
        if percent is not None:
            return terms.share(item, percent)
        return self.cleaned_data[f"amount_{item.line_id}"]


ASIDE = ("medium", "payer", "freight_out")  # shown beside what they go with


def _choice(label, codes, initial):
    choices = [(code, words.say(words.ROLES, code)) for code in codes]
    return forms.ChoiceField(label=label, choices=choices, initial=initial)


def _named(row):
    """Name a thing handed in: by whom, what it shows, and which file it is."""
    said = f"{words.say(words.ROLES, row.role)}: {words.slot(row.slot)}"
    return f"{said} · {row.file.name}" if row.file else said


class Propose(Terms):
    title, button, replies = _("Propose terms to both sides"), _("Propose"), "propose"
    about = _("Both must accept, or the proposal lapses and the review goes on.")

    def build(self) -> None:
        super().build()
        self.fields["statement"] = words_field(_("Why this is fair"))


class Rule(Terms):
    title, button, tone, replies = _("Rule"), _("Rule"), "strong", "rule"
    about = _("Above the policy's amount a second mediator approves exactly what you write.")
    ruling = True

    def build(self) -> None:
        super().build()
        fault = REASONS[self.case.reason].fault
        for bearer in FAULT:
            self.fields[f"fault_{bearer}"] = forms.IntegerField(
                label=words.say(words.ROLES, bearer),
                min_value=0,
                max_value=WHOLE,
                initial=WHOLE if bearer == fault else 0,
            )
        self.fields["rule"] = forms.CharField(
            label=_("Rule cited"),
            max_length=200,
            widget=forms.TextInput(attrs={"list": "rules", "autocomplete": "off"}),
        )
        found = self._evidence()
        self.fields["evidence"] = forms.MultipleChoiceField(
            label=_("Evidence relied on"),
            choices=found,
            widget=forms.CheckboxSelectMultiple,
            required=bool(found),
        )
        self.fields["statement"] = words_field(_("Facts and reasons"), rows=6)

    def cited(self) -> list[rules.Rule]:
        """Offer the rules to cite."""
        return rules.of(self.case)

    def _evidence(self):
        """List what may be relied on; that it was none of it must be said as well."""
        family = {self.case.pk, self.case.first_id}
        rows = Evidence.objects.filter(case__in=family).select_related("file").order_by("id")
        found = [(str(row.pk), _named(row)) for row in rows]
        return [*found, (NO_EVIDENCE, text("None of it: on the statements alone"))] if found else []

    def clean_evidence(self) -> list[str]:
        """:raises ValidationError: none of it and some of it"""
        chosen: list[str] = self.cleaned_data["evidence"]
        if NO_EVIDENCE in chosen and len(chosen) > 1:
            raise ValidationError(text("Choose some of it, or none of it."), code="evidence")
        return [key for key in chosen if key != NO_EVIDENCE]

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
