"""The rules that a case is judged by, in sentences: of its reason and of its pinned policy.

A ruling cites one; what is cited stands in the ruling as it was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from cases.durations import Length
from cases.models import Case
from cases.reasons import REASONS, REMEDIES
from mediation.desk import showing, words

UNITS = {"s": _("%d seconds"), "h": _("%d hours"), "d": _("%d days"), "wd": _("%d working days")}
THEN: dict[str, str | Promise] = {  # what follows when a clock runs out
    "escalate": _("a mediator comes in"),
    "approve": _("the application counts as agreed"),
    "close": _("the case is closed"),
    "lapse_offer": _("the offer lapses"),
    "accept_return": _("the return counts as accepted"),
    "out_of_stock": _("it turns into a refund"),
    "confirm_replacement": _("the goods count as confirmed"),
    "alarm": _("operations are alarmed"),
    "end_aftercare": _("nothing can be changed any more"),
    "to_supervisor": _("the supervisor is told"),
    "seal": _("what was handed in is sealed"),
    "lapse_proposal": _("the proposal lapses"),
    "finalize": _("the ruling becomes final"),
}
FAULTS: dict[str, str | Promise] = {
    **{key: words.ROLES[key] for key in ("buyer", "seller", "carrier", "platform")},
    "none": _("nobody"),
    "open": _("to be decided"),
}
ALWAYS = ("seller_response", "evidence", "proposal", "ruling")
RETURNS = ("ship_back", "inspection")
SENDS = ("dispatch", "replacement_receipt")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it is called, what it says, and how a ruling cites it."""

    title: str
    says: str
    source: str

    @property
    def citation(self) -> str:
        """Name it with where it stands."""
        return f"{self.source} · {self.title}"


def of(case: Case) -> list[Rule]:
    """List the rules for a case with its facts."""
    policy = case.facts.policy
    language = "zh" if (get_language() or "en").startswith("zh") else "en"
    name = policy.title.get(language) or policy.name
    source = text("%(policy)s, version %(version)s") % {"policy": name, "version": policy.version}
    rules = [*_of_reason(case), *_of_clocks(case), *_of_money(case), *_of_limits(case)]
    return [Rule(title=str(title), says=str(says), source=source) for title, says in rules]


def length(of: Length) -> str:
    """Write a length of a policy: `5wd` is 5 working days."""
    number = of.text.rstrip("shdw")
    return str(UNITS[of.text[len(number) :]]) % int(number)


def _of_reason(case: Case) -> Iterator[tuple[Any, str]]:
    row, policy = REASONS[case.reason], case.facts.policy
    yield (
        _("Fault and freight"),
        text("%(reason)s: fault lies with: %(fault)s; sending it back is paid by: %(payer)s.")
        % {
            "reason": words.reason(case.reason),
            "fault": FAULTS[row.fault],
            "payer": FAULTS[row.freight],
        },
    )
    asked = [words.slot(key) for key in (*row.required, *row.one_of)]
    if asked:
        joined = text(", ").join(asked)
        one = text("one of: %s") if row.one_of and not row.required else "%s"
        yield _("Evidence of the claim"), text("It is shown by %s.") % (one % joined)
    window = length(policy.request_window(case.reason))
    since = text("delivery") if row.window_from == "delivered" else text("the promised date")
    says = text("It may be applied for within %(window)s from %(since)s.")
    yield _("Time to apply"), says % {"window": window, "since": since}


def _of_clocks(case: Case) -> Iterator[tuple[Any, str]]:
    remedy, policy, about = REMEDIES.get(case.remedy), case.facts.policy, case.facts.about
    names = [*ALWAYS]
    if remedy is not None:
        names += RETURNS * remedy.returns + SENDS * bool(remedy.sends)
    for name in [*names, *(["appeal"] if policy.appeal else [])]:
        then = THEN[policy.consequence(name, **about)]
        says = text("%(length)s; when they are over, %(then)s.")
        yield (
            words.CLOCKS[name],
            says % {"length": length(policy.length(name, **about)), "then": then},
        )


def _of_money(case: Case) -> Iterator[tuple[Any, str]]:
    policy, currency = case.facts.policy, case.currency
    above = showing.money(policy.approval_amount(currency), currency)
    yield (
        _("Approval of a ruling"),
        text("Above %s, counted with all that the order was given, a second mediator approves.")
        % above,
    )
    cap = showing.money(case.facts.compensation_cap, currency)
    yield _("Compensation"), text("At most %s beside a refund.") % cap
    if policy.appeal:
        waits = policy.payout_waits_for_appeal
        paid = _("Paid when the time to appeal is over.")
        yield _("Payment"), str(paid if waits else _("Paid at once, appeal or not."))


def _of_limits(case: Case) -> Iterator[tuple[Any, str]]:
    limits = case.facts.policy.limits
    yield (
        _("How often"),
        text(
            "Rounds of evidence: %(evidence)d; proposals: %(proposals)d; "
            "appeals of each side: %(appeals)d; times in mediation: %(rounds)d."
        )
        % {
            "evidence": limits.evidence_rounds,
            "proposals": limits.proposals,
            "appeals": limits.appeals_per_side,
            "rounds": limits.mediation_rounds,
        },
    )
