"""What a policy says, ready to be asked. Made from a file by `cases.policies.parse`; immutable."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from cases import durations
from cases.categories import Category, Path, Said, by_reason
from cases.choices import Amounts, Choice, first, limit
from cases.clocks import CLOCKS
from cases.durations import Calendar, Length
from cases.policy_terms import ClockTerms, Conduct, Extension, Limits, Rank
from cases.reasons import REASONS, Demand


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of a policy. All amounts are minor units of the case's currency."""

    name: str
    version: int  # 0: not stored
    title: Mapping[str, str]  # language → text
    demo: bool  # its clocks may run for seconds
    pin: str  # a case lives by the version in force at its "application" or at the "purchase"
    effective_from: datetime | None  # a preset's own beginning, where a platform has published it
    calendar: Calendar
    languages: tuple[str, ...]  # the first is the default
    limits: Limits
    request_windows: Mapping[str, Length]  # by reason, and "default"
    categories: Mapping[str, Category]  # of goods, as the marketplace names them
    escalation_window: Length  # after a refusal
    first_reply: Length  # of the seller, whatever it says: see cases.replies
    stuck_after: Length  # without a scan a parcel on its way is looked for, again and again
    clocks: Mapping[str, ClockTerms]
    approval_amounts: Amounts
    auto_refund_limits: Amounts
    guarantees: tuple[Amounts, Amounts]  # by order and by seller: what the platform pays first
    appeal: bool
    payout_waits_for_appeal: bool
    escalate_while_awaiting: bool  # the buyer need not wait until the seller's clock runs out
    missing_evidence: str  # "go_on": decided on what there is; "lose": against who brought nothing
    no_refuse_reasons: frozenset[str]
    beyond_window: frozenset[str]  # roles that may open a case when its window is over
    duplicate_hours: int  # between two purchases of the same goods that look like a mistake
    rank: Rank
    conduct: Conduct
    promises: frozenset[str]  # that are kept elsewhere: see cases.promises
    settings: Mapping[str, Any]  # as the files say it, with tags: see `as_data`

    def __hash__(self) -> int:  # of what is remembered of it
        return hash((self.name, self.version))

    @property
    def time_zone(self) -> str:
        return self.calendar.time_zone

    def request_window(self, reason: str, category: str = "") -> Length:
        """Tell how long a reason may be applied for; from when, cases.reasons says."""
        return self.window(reason, category).value

    def window_end(self, reason: str, start: datetime) -> datetime:
        """Tell until when a reason may be applied for, in UTC; `start` is aware."""
        return self.ends(self.request_window(reason), start)

    def window(self, reason: str, category: str = "") -> Said:
        """Tell how long a reason may be applied for with goods of a kind, and where it says so."""
        found = None
        if category in self.categories:
            path = ("categories", category, "request_window")
            found = by_reason(self.categories[category].windows, reason, path)
        return found or by_reason(self.request_windows, reason, ("request_window",))  # type: ignore[return-value]  # always has "default"

    def freight(self, reason: str, category: str) -> Said | None:
        """Tell who pays for sending goods of a kind back, if the policy says so."""
        if category not in self.categories:
            return None
        path = ("categories", category, "freight")
        return by_reason(self.categories[category].freight, reason, path)

    def closed(self, reason: str, category: str) -> Path | None:
        """Tell where it says that a reason is not taken for goods of a kind; None: it is."""
        kind = self.categories.get(category)
        is_closed = kind is not None and reason in kind.closed
        return ("categories", category, "closed") if is_closed else None

    def rules_of_kind(self, reason: str, category: str) -> list[Path]:
        """Name the rules that are otherwise for goods of a kind, by where they stand."""
        kind = self.categories.get(category)
        if kind is None:
            return []
        window, freight = self.window(reason, category), self.freight(reason, category)
        found = [self.closed(reason, category), freight.path if freight else None]
        found += [window.path] * (window.path[0] == "categories")
        found += [("categories", category, "evidence", reason)] * (reason in kind.evidence)
        return [path for path in found if path is not None]

    def proof(self, reason: str, category: str) -> Demand | None:
        """Tell what goods of a kind demand besides what the reason does."""
        kind = self.categories.get(category)
        return kind.evidence.get(reason) if kind is not None else None

    def stuck_at(self, moved_at: datetime) -> datetime:
        """Tell when a parcel that has not moved since then is stuck."""
        return durations.due(self.stuck_after, moved_at, self.calendar)

    def length(
        self,
        clock: str,
        *,
        reason: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        categories: Collection[str] = (),
        variant: str = "",
    ) -> Length:
        """Tell how long a clock runs.

        :param variant: "delivered", "again" or "appealed", where the clock has one
        """
        terms = self.clocks[clock]
        if variant:
            return terms.variants[variant]
        return first(terms.lengths, reason, amount, currency, categories).then

    def outcome(
        self,
        clock: str,
        *,
        reason: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        categories: Collection[str] = (),
    ) -> Choice:
        """Choose what follows when a clock runs out: its `then` is the step, its `remedy` which."""
        return first(self.clocks[clock].on_expiry, reason, amount, currency, categories)

    def place(self, clock: str, part: str, **about: Any) -> Said:
        """Find which choice of a clock's "length" or "on_expiry" holds, and where it stands.

        :param about: reason, amount, currency, categories
        """
        terms = self.clocks[clock]
        choices = terms.lengths if part == "length" else terms.on_expiry
        found = first(choices, **about)
        number = (choices.index(found),) if len(choices) > 1 else ()
        return Said(found, ("clocks", clock, part, *number))

    def consequence(
        self,
        clock: str,
        *,
        reason: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        categories: Collection[str] = (),
    ) -> str:
        """Name the step that follows when a clock runs out.

        No amount above `auto_refund_limit` is refunded because nobody looked at the return.
        """
        step = self.outcome(
            clock, reason=reason, amount=amount, currency=currency, categories=categories
        ).then
        if step == "accept_return" and amount is not None:
            highest = self.auto_refund_limit(currency)
            return step if amount <= highest else "escalate"
        return step

    def due(
        self,
        clock: str,
        start: datetime,
        *,
        reason: str | None = None,
        amount: int | None = None,
        currency: str | None = None,
        categories: Collection[str] = (),
        variant: str = "",
    ) -> datetime:
        """Tell when a clock that starts at `start` (aware) runs out, in UTC."""
        length = self.length(
            clock,
            reason=reason,
            amount=amount,
            currency=currency,
            categories=categories,
            variant=variant,
        )
        return self.ends(length, start)

    def ends(self, length: Length, start: datetime) -> datetime:
        """Tell when a length that begins at `start` (aware) ends, in UTC."""
        return durations.due(length, start, self.calendar)

    def reminders(self, clock: str, start: datetime, due: datetime) -> tuple[datetime, ...]:
        """Tell the moments at which a clock reminds, ascending, all between start and end."""
        return durations.reminders(start, due, self.clocks[clock].remind)

    def during(self, clock: str) -> tuple[str, ...]:
        """Name the states in which a clock runs: more of them if it counts from before its own."""
        return self._during[clock]

    def running(self, of: str, state: str) -> frozenset[str]:
        """Name the clocks that run in a state of a "case" or a "dispute"."""
        return self._running.get((of, state), frozenset())

    @cached_property
    def _during(self) -> dict[str, tuple[str, ...]]:
        return {
            name: (*rule.counts_from.get(self.clocks[name].counts_from, ()), *rule.during)
            for name, rule in CLOCKS.items()
        }

    @cached_property
    def _running(self) -> dict[tuple[str, str], frozenset[str]]:
        found: dict[tuple[str, str], frozenset[str]] = {}
        for name, states in self._during.items():
            for state in states:
                key = CLOCKS[name].of, state
                found[key] = found.get(key, frozenset()) | {name}
        return found

    @cached_property
    def asks_categories(self) -> bool:
        """Whether any choice looks at what kind of goods it is about."""
        return any(
            choice.categories is not None
            for terms in self.clocks.values()
            for choice in (*terms.lengths, *terms.on_expiry)
        )

    def extension(self, clock: str) -> Extension | None:
        """Tell how often and by how much the side on a clock may extend it without asking."""
        return self.clocks[clock].extension

    def approval_amount(self, currency: str | None = None) -> int:
        """Tell the amount above which a second mediator approves a ruling."""
        return self.approval_amounts.get(currency or "default", self.approval_amounts["default"])

    def guarantee(self, currency: str | None = None) -> tuple[int, int]:
        """Tell up to what the platform pays first: for one order, and for one seller at a time."""
        order, seller = (by.get(currency or "default", by["default"]) for by in self.guarantees)
        return order, seller

    def pays_first(self, currency: str | None = None) -> bool:
        """Say whether the platform pays first at all: one limit of nothing is enough not to."""
        return min(self.guarantee(currency)) > 0

    def auto_refund_limit(self, currency: str | None = None) -> int:
        """Tell the highest amount that is refunded because an inspection was missed."""
        amounts = self.auto_refund_limits
        return amounts.get(currency or "default", amounts["default"])

    def rank_bonuses(
        self,
        *,
        reason: str,
        amount: int,
        currency: str,
        repeat: bool = False,
        vulnerable: bool = False,
    ) -> dict[str, int]:
        """Name the terms that bring a dispute forward, in hours; those of nothing are left out."""
        steps = [(limit(start, currency), hours) for start, hours in self.rank.amount]
        terms = {
            "amount": max((h for low, h in steps if low is not None and amount >= low), default=0),
            "harm": self.rank.harm.get(reason, REASONS[reason].urgency),
            "repeat": self.rank.repeat * repeat,
            "vulnerable": self.rank.vulnerable * vulnerable,
        }
        return {term: hours for term, hours in terms.items() if hours}

    def as_data(self) -> dict[str, Any]:
        """Give everything as JSON: name, version, and each setting with its value and tag."""
        return {"name": self.name, "version": self.version, **self.settings}
