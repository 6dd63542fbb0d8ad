"""Lists of a policy of which the first match wins: what follows, by reason, amount and goods."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Amounts = Mapping[str, int]  # ISO 4217 → minor units; "default": for currencies not named


def limit(amounts: Amounts, currency: str | None) -> int | None:
    """Look up the amount for a currency; None: the file names neither it nor a default."""
    return amounts.get(currency or "default", amounts.get("default"))


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One line of a list of which the first match wins: conditions, and what then holds."""

    reasons: frozenset[str] | None = None  # None: any
    categories: frozenset[str] | None = None  # of the goods: one line of such goods is enough
    below: Amounts | None = None  # the case's amount is less
    up_to: Amounts | None = None  # or less or equal
    then: Any  # a step, or a Length
    remedy: str | None = None  # instead of the one that was applied for; with `approve` only

    def matches(
        self,
        reason: str | None,
        amount: int | None,
        currency: str | None,
        categories: Collection[str] = (),
    ) -> bool:
        """Say whether it applies. What is not known does not meet a condition."""
        if self.reasons is not None and reason not in self.reasons:
            return False
        if self.categories is not None and self.categories.isdisjoint(categories):
            return False
        if self.below is None and self.up_to is None:
            return True
        below = limit(self.below, currency) if self.below is not None else None
        up_to = limit(self.up_to, currency) if self.up_to is not None else None
        if amount is None or (below is None and up_to is None):
            return False
        return (below is None or amount < below) and (up_to is None or amount <= up_to)


def first(
    choices: Sequence[Choice],
    reason: str | None,
    amount: int | None,
    currency: str | None,
    categories: Collection[str] = (),
) -> Choice:
    """Take the first choice that matches; the parser sees to it that the last one always does."""
    if len(choices) == 1:
        return choices[0]
    return next(
        choice for choice in choices if choice.matches(reason, amount, currency, categories)
    )
