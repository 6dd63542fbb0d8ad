"""What an act would lead to: the writer's own dry run, told before anything is sent.

State, money, clocks and letters; then what follows by itself if nobody acts. Nothing is written.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import get_language

from cases.models import Case, Event, Refund
from cases.refusals import Refused
from mediation import forecast, letters, looking, messages, notices, steps
from mediation.desk import coming, thread, words
from mediation.desk.act import Act
from mediation.desk.coming import Coming
from mediation.models import Mediator
from mediation.stepping import LEASE, Taken
from mediation.steps import Wish
from notifications import rendering

UNWRITTEN = "…"  # stands for words that are still to be typed
TYPED = ("statement", "rule")  # fields of words: nothing but their being there changes anything


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one order line is given. Minor units."""

    title: str
    asked: int
    given: int


@dataclass(frozen=True, kw_only=True)
class Running:
    """A clock that starts, goes on or ends by the act."""

    name: str
    party: str
    how: str  # starts, goes_on, stands_still, ends
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A letter that somebody would get."""

    role: str
    subject: str
    text: str


@dataclass(kw_only=True)
class Preview:
    """What an act would lead to, or why it may not be taken."""

    refused: str = ""
    incomplete: bool = False
    before: tuple[str, str] = ("", "")  # states of the case and of its dispute
    after: tuple[str, str] = ("", "")
    needs_approval: bool = False
    lines: list[Line] = field(default_factory=list)
    compensation: int = 0
    medium: str = ""
    total: int | None = None  # None: the act gives no terms
    payments: list[Any] = field(default_factory=list)  # rows of `Refund` that will follow
    clocks: list[Running] = field(default_factory=list)
    letters: list[Told] = field(default_factory=list)
    coming: Coming | None = None
    currency: str = ""


def trial(form: type[Act], case: Case, posted: Any) -> Act:
    """Make the form with words where they are still missing, so that the rest can be tried."""
    filled = posted.copy()
    tried = form(case, filled)
    for name in TYPED:
        if name in tried.fields and not filled.get(name, "").strip():
            filled[name] = UNWRITTEN
    if "evidence" in tried.fields:
        tried.fields["evidence"].required = False
    return tried


def of(me: Mediator, case: Case, step: str, form: Act) -> Preview:
    """Try an act.

    :param case: with its facts
    :param form: of that step, bound; if it is not valid nothing is tried
    """
    if not form.is_valid():
        return Preview(incomplete=True)
    wish = _wish(me, case, step, form)
    [answer] = steps.take([wish], clock=looking.clock_of(case), dry_run=True)
    if isinstance(answer, Refused):
        form.blame(answer.details)
        return Preview(refused=words.refusal(answer))
    found = _told(answer, case)
    _add_terms(found, wish.inputs, answer.case)
    _go_on(found, answer.case)
    return found


def of_message(me: Mediator, case: Case, form: thread.Write) -> Preview:
    """Try a message: who would hear that there is one. What goes along with it is left out.

    :param form: bound; its words may still be missing
    """
    if "audience" in form.errors:
        return Preview(incomplete=True)
    draft = messages.Draft(audience=form.cleaned_data["audience"], text=UNWRITTEN)
    wish = Wish(case_id=case.pk, step="", by=me.actor, message=draft)
    [answer] = steps.take([wish], clock=looking.clock_of(case), dry_run=True)
    if isinstance(answer, Refused):
        return Preview(refused=words.refusal(answer))
    notes = letters.foreseen(answer.case, answer.event)
    return Preview(letters=[_letter(answer.case, note) for note in notes])


def _wish(me, case, step, form):
    if step in {"claim", "assign"}:
        until: datetime = case.facts.at + LEASE
        inputs: dict[str, Any] = {"lease": uuid4(), "until": until}
        if step == "assign":
            inputs["mediator"] = form.cleaned_data["mediator"].person
    else:
        inputs = form.inputs()
    return Wish(
        case_id=case.pk,
        step=step,
        by=me.actor,
        inputs=inputs,
        version=form.cleaned_data["version"],
        lease=form.cleaned_data["lease"],
    )


def _told(taken: Taken, case: Case) -> Preview:
    """Tell the states, the clocks and the letters of an event that was not written."""
    after, dispute = taken.case, case.facts.dispute
    now = after.facts.dispute
    return Preview(
        before=(str(case.state), str(dispute.state) if dispute else ""),
        after=(str(after.state), str(now.state) if now else ""),
        needs_approval=now is not None and now.state == "awaiting_approval",
        clocks=list(_clocks(case, after)),
        letters=[_letter(after, note) for note in letters.foreseen(after, taken.event)],
        currency=case.currency,
    )


def _clocks(before: Case, after: Case) -> Any:
    """Compare the clocks that run: those that start or go on by the act, and those that end."""
    ran = {clock.id: clock for clock in before.facts.clocks}
    runs = {clock.id: clock for clock in after.facts.clocks}
    for key, clock in runs.items():
        if clock.due_at is not None and (key not in ran or ran[key].due_at != clock.due_at):
            how = "goes_on" if key in ran else "starts"
            yield Running(name=clock.name, party=clock.party, how=how, due_at=clock.due_at)
    for key, clock in ran.items():
        if clock.due_at is not None and (key not in runs or runs[key].due_at is None):
            how = "stands_still" if key in runs else "ends"
            yield Running(name=clock.name, party=clock.party, how=how, due_at=None)


def _letter(case, note):
    role = {case.buyer_id: "buyer", case.seller_id: "seller"}.get(note.recipient_id, "staff")
    rendered = rendering.render(
        note.template,
        note.params,
        locale=get_language() or "en",
        time_zone="UTC",
        words=notices.words,
        extra={"link": UNWRITTEN},
    )
    subject = rendered.subject.removeprefix(f"[{case.number}] ")
    return Told(role=role, subject=subject, text=rendered.text)


def _add_terms(found: Preview, inputs: dict[str, Any], case: Case) -> None:
    if "amounts" not in inputs:
        return
    found.lines = [
        Line(
            title=item.line.title,
            asked=item.amount,
            given=inputs["amounts"].get(item.line_id, 0),
        )
        for item in case.facts.items
    ]
    found.compensation, found.medium = inputs["compensation"], inputs["medium"]
    found.total = sum(line.given for line in found.lines) + found.compensation


def _go_on(found: Preview, case: Case) -> None:
    """Follow the case into its future; it is used up afterwards."""
    happened = len(case.facts.changes.added[Event])
    future = forecast.forecast(case, most=3 * coming.FARTHEST, depth=0)
    found.coming = coming.told(future, after=happened)
    found.payments = list(future.case.facts.changes.added[Refund])
