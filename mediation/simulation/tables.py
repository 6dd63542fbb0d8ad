"""What a replay has shown: outcomes, and how often every state, step and clock happened."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Sum
from rich.table import Table

from cases import money
from cases.actions import STEPS
from cases.clocks import CLOCKS
from cases.dispute import DisputeState
from cases.lifecycle import State
from cases.models import Case, Event, Marketplace, Refund
from notifications.models import Letter

ENOUGH = 5
# What no replay reaches, and why.
BEYOND = {
    "new": "the moment before the first step; never stored",
    "call_supervisor": "asks for the staff of a live desk",
}


@dataclass
class Tally:
    """How often each state was entered, each step taken, each clock run out, in one marketplace."""

    states: Counter[str] = field(default_factory=Counter)
    disputes: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, market: Marketplace) -> "Tally":
        """Count from the timeline."""
        found = cls()
        dispute_of: dict[object, str | None] = {}
        events = Event.objects.filter(marketplace=market).order_by("case", "sequence")
        rows = events.values_list("case_id", "name", "before", "after", "payload")
        for case_id, name, before, after, payload in rows.iterator(chunk_size=2_000):
            told = json.loads(payload)
            found.steps[name] += 1
            if told.get("also"):
                found.steps[told["also"]] += 1
            if before != after:
                found.states[after] += 1
            if told.get("dispute") and told["dispute"] != dispute_of.get(case_id):
                found.disputes[told["dispute"]] += 1
            dispute_of[case_id] = told.get("dispute")
            if isinstance(told.get("clock"), dict):
                found.clocks[told["clock"]["name"]] += 1
        return found

    def groups(self) -> Iterator[tuple[str, list[str], Counter[str]]]:
        """Give each table: its title, all names that it should show, the counts."""
        yield "states of a case", [str(s) for s in State], self.states
        yield "states of a dispute", [str(s) for s in DisputeState], self.disputes
        yield "steps", list(STEPS), self.steps
        yield "clocks that ran out", list(CLOCKS), self.clocks

    def rare(self) -> list[str]:
        """Name what can be reached and happened fewer than ENOUGH times."""
        return [
            f"{title}: {name} {counts[name]}"
            for title, names, counts in self.groups()
            for name in names
            if name not in BEYOND and counts[name] < ENOUGH
        ]

    def tables(self) -> Iterator[Table]:
        for title, names, counts in self.groups():
            table = Table("name", "times", title=title, title_justify="left")
            for name in names:
                table.add_row(name, BEYOND.get(name) or f"{counts[name]:,}")
            yield table


def still_running(market: Marketplace) -> int:
    """Count the cases that have not ended, or have a clock."""
    cases = Case.everywhere.filter(marketplace=market)
    open_ones = cases.exclude(state__in=[State.COMPLETED, State.CLOSED])
    return (open_ones | cases.filter(clocks__isnull=False)).distinct().count()


def outcomes(market: Marketplace) -> Table:
    table = Table("state", "outcome", "cases", title="outcomes", title_justify="left")
    cases = Case.everywhere.filter(marketplace=market)
    for row in cases.values("state", "outcome").annotate(n=Count("id")).order_by("-n"):
        table.add_row(row["state"], row["outcome"], f"{row['n']:,}")
    return table


def refunds(market: Marketplace) -> Table:
    table = Table("kind", "state", "refunds", "amount", title="refunds", title_justify="left")
    found = Refund.objects.filter(case__marketplace=market)
    grouped = found.values("kind", "state", "currency").annotate(n=Count("id"), sum=Sum("amount"))
    for row in grouped.order_by("kind", "state"):
        amount = f"{money.show(row['sum'], row['currency'])} {row['currency']}"
        table.add_row(row["kind"], row["state"], f"{row['n']:,}", amount)
    return table


def letters(market: Marketplace) -> Table:
    table = Table("channel", "outcome", "letters", title="letters", title_justify="left")
    found = Letter.objects.filter(marketplace_id=market.id).values("channel", "outcome")
    for row in found.annotate(n=Count("id")).order_by("channel", "outcome"):
        table.add_row(row["channel"], row["outcome"], f"{row['n']:,}")
    return table


def carriers(tally: Counter[str]) -> Table:
    table = Table("what", "times", title="what carriers have sent", title_justify="left")
    for what, times in sorted(tally.items()):
        table.add_row(what, f"{times:,}")
    return table


def arrivals(market: Marketplace) -> Table:
    """Show the cases about goods that came after all, by reason and how they came."""
    table = Table(
        "reason", "came", "cases", title="open cases told of their goods", title_justify="left"
    )
    cases = Case.everywhere.filter(marketplace=market).exclude(delivery="")
    for row in cases.values("reason", "delivery").annotate(n=Count("id")).order_by("reason"):
        table.add_row(row["reason"], row["delivery"], f"{row['n']:,}")
    return table
