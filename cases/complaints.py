"""The life of a complaint about a party: the decorators, top to bottom, are the whole table.

The same rules as for a case (cases/lifecycle.py): a step changes memory and nothing else. A
complaint may name a case and never moves or stops it. The accused is heard before anything is
decided. What a step may see is `complaint.facts` (mediation/complaints/facts.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from cases.complaint_conditions import (
    claims_left,
    free,
    has_lost,
    has_penalties,
    hearings_left,
    holds,
    independent,
    is_accused,
    is_reporter,
    senior_enough,
)
from cases.complaint_terms import BEFORE_US, DECIDED, ComplaintState, S
from cases.conduct import GROUNDS, POINTS, restrictions_of
from cases.refusals import BadTerms
from cases.roles import JUDGES, STAFF, Role
from cases.table import SAME, StateField, step


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
