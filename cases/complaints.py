"""The life of a complaint about a party: the decorators, top to bottom, are the whole table.

The same rules as for a case (cases/lifecycle.py): a step changes memory and nothing else. A
complaint may name a case and never moves or stops it. The accused is heard before anything is
decided. What a step may see is `complaint.facts` (mediation/complaints.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from cases.conduct import GROUNDS, POINTS, restrictions_of
from cases.refusals import BadTerms, LeaseLost, LimitReached, NotIndependent, NotNow, NotYourStep
from cases.roles import JUDGES, STAFF, Role
from cases.table import SAME, StateField, condition, step


class ComplaintState(models.TextChoices):
    """Where a complaint stands. `new` is never stored."""

    NEW = "new"
    OPEN = "open"  # the accused is being heard
    IN_REVIEW = "in_review"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    APPEALED = "appealed"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


S = ComplaintState
OVER = (S.FINAL, S.WITHDRAWN)
BEFORE_US = (S.IN_REVIEW, S.APPEALED)  # where mediators hold it
DECIDED = (S.UPHELD, S.DISMISSED)
MOST_CLAIMS = 20


@dataclass(frozen=True, kw_only=True)
class Term:
    """The one clock of a state: how a policy names its length, and what follows its end."""

    name: str
    length: str  # of the policy's [complaints]
    waits_on: str  # accused, platform, loser
    then: str
    again: str = ""  # its length when it starts once more


TERMS = {
    S.OPEN: Term(name="hearing", length="hearing", waits_on="accused", then="close_hearing"),
    S.IN_REVIEW: Term(
        name="review", length="review", waits_on="platform", then="to_supervisor", again="again"
    ),
    S.APPEALED: Term(
        name="review", length="review", waits_on="platform", then="to_supervisor", again="again"
    ),
    S.UPHELD: Term(name="appeal", length="appeal", waits_on="loser", then="finalize"),
    S.DISMISSED: Term(name="appeal", length="appeal", waits_on="loser", then="finalize"),
}


# What must hold before a step


def side_of(complaint: Any, actor: Any) -> str:
    """Tell what somebody is in a complaint: reporter, accused, or nobody (empty)."""
    if actor.party_id is not None:
        sides = {complaint.accused_id: "accused", complaint.reporter_id: "reporter"}
        return sides.get(actor.party_id, "")
    return "reporter" if actor.role == Role.SERVICE == complaint.reporter_role else ""


@condition(NotYourStep, "This is for the one who is complained of.")
def is_accused(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == "accused"


@condition(NotYourStep, "This is for the one who complains.")
def is_reporter(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == "reporter"


@condition(NotYourStep, "Only the side that lost may appeal.")
def has_lost(complaint: Any) -> bool:
    return side_of(complaint, complaint.facts.actor) == loser(complaint)


@condition(NotNow, "Somebody else looks at it.")
def free(complaint: Any) -> bool:
    facts = complaint.facts
    is_held = complaint.holder and complaint.lease_until > facts.at
    return not is_held or complaint.holder == facts.actor.person


@condition(LimitReached, "The complaint went through too many hands.")
def claims_left(complaint: Any) -> bool:
    return complaint.claims < MOST_CLAIMS


@condition(NotIndependent, "You have decided this complaint before.")
def independent(complaint: Any) -> bool:
    return complaint.facts.actor.person not in complaint.excluded


@condition(NotIndependent, "An appeal is decided by a senior mediator.")
def senior_enough(complaint: Any) -> bool:
    return complaint.state != S.APPEALED or complaint.facts.actor.role == Role.SENIOR


@condition(LeaseLost, "You do not hold this complaint, or no longer.")
def holds(complaint: Any) -> bool:
    facts = complaint.facts
    return complaint.holder == facts.actor.person and facts.at < complaint.lease_until


@condition(LimitReached, "The accused was heard as often as the policy allows.")
def hearings_left(complaint: Any) -> bool:
    return complaint.hearings < complaint.facts.terms.hearings


@condition(NotNow, "No penalty of this complaint is in force.")
def has_penalties(complaint: Any) -> bool:
    return any(penalty.in_force(complaint.facts.at) for penalty in complaint.facts.penalties)


def loser(complaint: Any) -> str:
    """Tell which side a decision went against."""
    return "accused" if complaint.verdict == S.UPHELD else "reporter"


class ComplaintLifecycle(models.Model):
    """The machine of a complaint; `Complaint` inherits it, with the columns used here."""

    facts: Any
    # Columns of the complaint.
    ground: Any
    reporter_id: Any
    reporter_role: Any
    accused_role: Any
    verdict: Any
    excluded: Any
    ended_at: Any
    lease_until: Any

    state = StateField(choices=ComplaintState.choices, default=ComplaintState.NEW, protected=True)

    class Meta:
        abstract = True

    @step(
        by=[Role.BUYER, Role.SELLER, Role.SERVICE, *STAFF, Role.CLOCK],
        start=[S.NEW],
        to=S.OPEN,
    )
    def file(self, *, statement: UUID | None = None) -> None:
        """Somebody complains of a party; the accused is heard first."""
        self.hearings = 1
        self.facts.tell(ground=self.ground, statement=statement)

    @step(by=[Role.BUYER, Role.SELLER], start=[S.NEW], to=S.APPEALED, when=[is_accused])
    def object(self, *, statement: UUID) -> None:
        """Points that came from the record alone are objected to: a senior mediator looks."""
        self.verdict = S.UPHELD
        self._go_up(statement)

    @step(by=[Role.BUYER, Role.SELLER], start=[S.OPEN], to=S.IN_REVIEW, when=[is_accused])
    def answer(self, *, statement: UUID) -> None:
        """The accused tells its side."""
        self.heard = True
        self._await_review()
        self.facts.tell(statement=statement)

    @step(by=[Role.CLOCK], start=[S.OPEN], to=S.IN_REVIEW)
    def close_hearing(self) -> None:
        """The accused had time to be heard, and said nothing."""
        self._await_review()

    @step(
        by=[Role.BUYER, Role.SELLER, Role.SERVICE],
        start=[S.OPEN, S.IN_REVIEW],
        to=S.WITHDRAWN,
        when=[is_reporter],
    )
    def withdraw(self) -> None:
        """Who complained takes it back."""
        self._end()

    # Before us

    @step(
        by=JUDGES,
        start=BEFORE_US,
        to=SAME,
        when=[free, independent, senior_enough, claims_left],
        counts="claims",
        quiet=True,
    )
    def claim(self, *, until: datetime) -> None:
        """A mediator takes it up, on a lease."""
        self.holder, self.lease_until = self.facts.actor.person, until
        self.claims += 1

    @step(by=JUDGES, start=BEFORE_US, to=SAME, when=[holds], counts="claims", quiet=True)
    def release(self) -> None:
        """The mediator gives it back."""
        self._let_go()

    @step(by=[Role.CLOCK], start=BEFORE_US, to=SAME, quiet=True)
    def to_supervisor(self) -> None:
        """We are late: the supervisor sees it, again each working day."""
        self.overdue = True

    @step(
        by=JUDGES,
        start=[S.IN_REVIEW],
        to=S.OPEN,
        when=[holds, hearings_left],
        counts="hearings",
    )
    def ask(self, *, statement: UUID) -> None:
        """The mediator asks the accused to be heard once more."""
        self.hearings += 1
        self._let_go()
        self.facts.tell(statement=statement)

    @step(by=JUDGES, start=[S.IN_REVIEW], to=S.UPHELD, when=[holds, independent])
    def uphold(self, *, statement: UUID, restrictions: Iterable[str] = ()) -> None:
        """It is so; what follows begins now, and may be appealed against.

        :raises BadTerms: a restriction is not for this side
        """
        self._impose(restrictions)
        self._decide(S.UPHELD, statement)

    @step(by=JUDGES, start=[S.IN_REVIEW], to=[S.DISMISSED, S.FINAL], when=[holds, independent])
    def dismiss(self, *, statement: UUID) -> str:
        """It is not so, or not shown."""
        self._decide(S.DISMISSED, statement)
        if self.reporter_id is not None or self.reporter_role == Role.SERVICE:
            return S.DISMISSED
        self._end()  # nobody is there to appeal
        return S.FINAL

    # Appeal

    @step(
        by=[Role.BUYER, Role.SELLER, Role.SERVICE],
        start=DECIDED,
        to=S.APPEALED,
        when=[has_lost],
    )
    def appeal(self, *, statement: UUID) -> None:
        """The side that lost wants another, senior mediator to look."""
        self._go_up(statement)

    @step(by=[Role.CLOCK], start=DECIDED, to=S.FINAL)
    def finalize(self) -> None:
        """The time to appeal is over."""
        self._end()

    @step(
        by=[Role.SENIOR],
        start=[S.APPEALED],
        to=S.FINAL,
        when=[holds, independent],
    )
    def confirm(self, *, statement: UUID) -> None:
        """The appeal changes nothing."""
        self._decide(self.verdict, statement)
        self._end()

    @step(
        by=[Role.SENIOR],
        start=[S.APPEALED],
        to=S.FINAL,
        when=[holds, independent],
    )
    def reverse(self, *, statement: UUID, restrictions: Iterable[str] = ()) -> None:
        """The appeal is right: penalties are lifted, or what was dismissed is upheld.

        :raises BadTerms: a restriction is not for this side, or goes with lifting others
        """
        if self.verdict == S.UPHELD:
            if list(restrictions):
                raise BadTerms("Who is right on appeal is not restricted.")
            self._lift()
            self._decide(S.DISMISSED, statement)
        else:
            self._impose(restrictions)
            self._decide(S.UPHELD, statement)
        self._end()

    @step(
        by=[Role.SUPERVISOR],
        start=[S.NEW, S.UPHELD, S.APPEALED, S.FINAL],
        to={S.NEW: S.FINAL, S.UPHELD: SAME, S.APPEALED: SAME, S.FINAL: SAME},
        when=[has_penalties],
        counts="penalties",
    )
    def lift(self, *, statement: UUID) -> None:
        """A supervisor lifts what is in force, with a reason."""
        if self.state == S.NEW:
            self.verdict, self.ended_at = S.UPHELD, self.facts.at
        self._lift()
        self.facts.tell(statement=statement)

    # What steps share

    def _await_review(self):
        self.rank_at = self.facts.ends("review") - timedelta(hours=GROUNDS[self.ground].urgency)

    def _go_up(self, statement):
        self.instance, self.claims = 2, 0
        self._let_go()
        self._await_review()
        self.facts.tell(statement=statement)

    def _let_go(self):
        self.holder, self.lease_until = "", None

    def _decide(self, verdict, statement):
        self.verdict = str(verdict)
        self.excluded = sorted({*self.excluded, self.facts.actor.person})
        self.overdue = False
        self._let_go()
        self.facts.tell(verdict=self.verdict, statement=statement)

    def _end(self):
        self.ended_at, self.overdue = self.facts.at, False
        self._let_go()

    def _impose(self, restrictions):
        wanted = list(dict.fromkeys(restrictions))
        allowed = restrictions_of(self.accused_role)
        if not set(wanted) <= set(allowed):
            raise BadTerms("This restriction is not for this side.", allowed=allowed)
        points = self.facts.terms.points.get(self.ground, 0)
        if self.accused_role == Role.SELLER and points:
            self.facts.penalize(POINTS, points=points)
        for kind in wanted:
            self.facts.penalize(kind)

    def _lift(self):
        self.facts.lift()
