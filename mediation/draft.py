"""What a draft of a policy would have changed: past applications judged by both; nothing is kept.

Each application is looked at as it was made: whether it would be taken, what the silence of the
seller would lead to, and whether its amount is one that a second mediator looks at.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from cases import demands
from cases.conduct import by_clock
from cases.ids import first_id
from cases.models import Application, ApplicationItem, Evidence
from cases.models.policy import pinned
from cases.policy import Policy
from cases.reasons import REASONS

MOST = 1_000_000
CHUNK = 2_000  # applications that are held at a time
TAKEN = "taken"  # an application that nothing stands against
QUESTIONS = ("answer", "evidence", "silence", "time", "approval")


@dataclass
class Comparison:
    """How many applications would go otherwise, in all and by reason."""

    applications: int = 0
    differ: int = 0
    by_reason: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, reason: str, differing: list[str]) -> None:
        """Count one application, with the questions that the two policies answer differently."""
        self.applications += 1
        self.differ += bool(differing)
        self.by_reason[reason].update(["applications", *["differ"][: len(differing)], *differing])

    def rows(self) -> list[dict[str, Any]]:
        """List the reasons that would go otherwise, those that differ most often first."""
        found = [(reason, count) for reason, count in self.by_reason.items() if count["differ"]]
        found.sort(key=lambda pair: (-pair[1]["differ"], pair[0]))
        keys = ("applications", "differ", *QUESTIONS)
        return [{"reason": r, **{key: count[key] for key in keys}} for r, count in found]


def compare(draft: Policy, *, days: int, at: datetime, most: int = MOST) -> Comparison:
    """Judge the applications of the last days by the draft and by the versions they were under.

    :param draft: its name says whose cases are meant
    :param at: now
    :param most: of so many applications, the newest
    """
    made = Application.objects.filter(  # ids sort by their moment
        case__policy__name=draft.name,
        id__gte=first_id(at - timedelta(days=days)),
        id__lt=first_id(at),
    )
    found = Comparison()
    for application in _whole(made.order_by("-id")[:most]):
        old = verdict(pinned(application.case.policy_id), application)
        new = verdict(draft, application)
        found.add(application.reason, [q for q in QUESTIONS if old[q] != new[q]])
    return found


def _whole(made: Any) -> Iterator[Application]:
    """Read applications with their case, order, goods and evidence, chunk by chunk."""
    lines = ApplicationItem.objects.select_related("line")
    shown = Evidence.objects.filter(role__in=["buyer", "service"])
    rows = made.select_related("case__order").prefetch_related(
        Prefetch("items", lines), Prefetch("case__evidence", shown, to_attr="shown")
    )
    yield from rows.iterator(chunk_size=CHUNK)


def verdict(policy: Policy, application: Application) -> dict[str, Any]:
    """Tell what a policy says to an application: question → answer."""
    case = application.case
    kinds = sorted({item.line.category for item in application.items.all()})
    about: dict[str, Any] = {
        "reason": application.reason,
        "amount": application.amount,
        "currency": case.currency,
        "categories": kinds,
    }
    shown = case.shown  # type: ignore[attr-defined]  # read by `_whole`
    brought = {row.slot for row in shown if row.handed_in_at <= application.applied_at}
    asked = demands.of(policy, application.reason, kinds, application.detail)
    step = by_clock(policy.consequence("seller_response", **about), case.restrictions)
    return {
        "answer": _against(policy, application, kinds),
        "evidence": demands.missing(asked, {*brought, "statement"}),
        "silence": step,
        "time": policy.due("seller_response", application.applied_at, **about),
        "approval": application.amount > policy.approval_amount(case.currency),
    }


def _against(policy: Policy, application: Application, kinds: list[str]) -> str:
    """Name what stands against an application by its reason, its goods and its time."""
    reason, order = application.reason, application.case.order
    if any(policy.closed(reason, kind) for kind in kinds):
        return "closed_kind"
    if application.number > policy.limits.applications + policy.limits.edits:
        return "limit"
    late = REASONS[reason].window_from == "promised"
    start = order.promised_at if late else order.delivered_at
    if start is None or start > application.applied_at:
        return TAKEN
    ends = [policy.ends(policy.window(reason, kind).value, start) for kind in kinds]
    return TAKEN if application.applied_at < min(ends) else "window_closed"
