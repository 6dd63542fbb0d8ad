"""The life of a dispute: the decorators, read from top to bottom, are the whole table.

The same rules as for a case (cases/lifecycle.py). A dispute is locked through its case; its clocks
belong to the case; `self.facts` is the case's.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from cases import conditions, papers, proposals, rulings
from cases.roles import JUDGES, PARTIES, Role
from cases.table import SAME, StateField, step


class DisputeState(models.TextChoices):
    """Where a dispute stands. `new` is never stored."""

    NEW = "new"
    QUEUED = "queued"
    IN_REVIEW = "in_review"
    GATHERING = "gathering"
    PROPOSED = "proposed"
    AWAITING_APPROVAL = "awaiting_approval"
    RULED = "ruled"
    APPEALED = "appealed"
    FINAL = "final"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


S = DisputeState
OVER = (S.FINAL, S.SETTLED, S.WITHDRAWN)
UNDECIDED = (S.QUEUED, S.IN_REVIEW, S.GATHERING, S.PROPOSED, S.AWAITING_APPROVAL)
LIVE = (*UNDECIDED, S.RULED, S.APPEALED)
AFTER_RULING = (S.AWAITING_APPROVAL, S.RULED, S.FINAL)
ENFORCED = {S.FINAL: "enforce"}


class DisputeLifecycle(models.Model):
    """The machine of a dispute; `Dispute` inherits it, with the columns that are used here."""

    facts: Any

    state = StateField(choices=DisputeState.choices, default=DisputeState.NEW, protected=True)

    class Meta:
        abstract = True

    @step(by=[Role.CASE], start=[S.NEW, *OVER], to=S.QUEUED, counts="mediation_rounds")
    def open_dispute(self) -> None:
        """The case goes into mediation: a new round begins and the platform's clock starts."""
        papers.begin(self)

    @step(by=[Role.CASE], start=UNDECIDED, to=S.SETTLED)
    def settle(self) -> None:
        """The sides agreed by themselves."""
        papers.leave(self, "settled")

    @step(by=[Role.CASE], start=LIVE, to=S.WITHDRAWN)
    def withdraw_dispute(self) -> None:
        """The case left mediation: withdrawn, handed back, or nothing is left to decide."""
        papers.leave(self, "withdrawn")

    # The docket

    @step(
        by=JUDGES,
        start=[S.QUEUED, S.APPEALED],
        to=S.IN_REVIEW,
        when=[conditions.claims_left, conditions.independent, conditions.senior_enough],
        counts="claims",
        quiet=True,
        resumes=True,
    )
    def claim(self, *, lease: UUID, until: datetime) -> None:
        """A mediator takes the dispute from the docket, on a lease."""
        papers.hold(self, self.facts.actor.person, lease, until)

    @step(
        by=[Role.SUPERVISOR],
        start=[S.QUEUED, S.APPEALED, S.IN_REVIEW],
        to=S.IN_REVIEW,
        counts="claims",
        quiet=True,
        resumes=True,
    )
    def assign(self, *, mediator: str, lease: UUID, until: datetime) -> None:
        """A supervisor gives the dispute to a mediator, however many have had it before."""
        papers.assign(self, mediator, lease, until)

    @step(
        by=[*JUDGES, Role.SUPERVISOR, Role.CLOCK],
        start=[S.IN_REVIEW],
        to=[S.QUEUED, S.APPEALED],
        when=[conditions.may_release],
        quiet=True,
        resumes=True,
        light=True,
    )
    def release(self) -> str:
        """The dispute goes back to the docket: given back, or the lease ran out."""
        papers.put_back(self)
        return S.APPEALED if self.instance > 1 else S.QUEUED

    @step(
        by=[Role.CLOCK],
        start=[S.QUEUED, S.IN_REVIEW, S.AWAITING_APPROVAL, S.APPEALED],
        to=SAME,
        quiet=True,
        restarts=["ruling", "approval"],
        light=True,
    )
    def to_supervisor(self) -> None:
        """The platform is late: the supervisor's queue, shown to both sides, again each day."""
        papers.overdue(self)

    @step(
        by=[Role.CLOCK],
        start=[S.QUEUED, S.APPEALED],
        to=SAME,
        when=[conditions.supervisor_unaware],
        quiet=True,
        light=True,
    )
    def call_supervisor(self) -> None:
        """All who could decide the dispute have done so before: the supervisor finds somebody."""
        papers.alarm(self)

    @step(
        by=[Role.SUPERVISOR],
        start=[S.QUEUED, S.IN_REVIEW, S.APPEALED],
        to=SAME,
        quiet=True,
        light=True,
    )
    def triage(self, *, hours: int, skill: str, language: str, statement: UUID) -> None:
        """A supervisor ranks the dispute otherwise, or moves it to another lane, with a reason."""
        papers.triage(self, hours, skill, language, statement)

    # Evidence

    @step(
        by=JUDGES,
        start=[S.IN_REVIEW],
        to=S.GATHERING,
        when=[conditions.holds_lease, conditions.evidence_rounds_left],
        counts="evidence_rounds",
    )
    def ask_evidence(self, *, requests: dict, statement: UUID, hours: int | None = None) -> None:
        """The mediator asks one side or both for named items, within so many hours."""
        papers.ask(self, requests, statement, hours)

    @step(
        by=PARTIES,
        start=[S.GATHERING],
        to=[SAME, S.IN_REVIEW],
        when=[conditions.was_asked],
        counts="asked sides",
        resumes=True,
    )
    def hand_in(self, *, statement: UUID) -> str:
        """An asked side says that it has handed in all it has."""
        return papers.hand_in(self, self.facts.actor.role, statement)

    @step(
        by=[Role.CLOCK],
        start=[S.GATHERING],
        to=[SAME, S.IN_REVIEW],
        counts="asked sides",
        resumes=True,
        light=True,
    )
    def seal(self, *, party: str) -> str:
        """An asked side's time is over: what exists is sealed."""
        return papers.hand_in(self, party, None)

    # Proposal and sealed bids

    @step(
        by=JUDGES,
        start=[S.IN_REVIEW],
        to=S.PROPOSED,
        when=[conditions.holds_lease, conditions.proposals_left, conditions.nothing_advanced],
        counts="proposals",
    )
    def propose(self, *, statement: UUID, **content: Any) -> None:
        """The mediator proposes terms to both sides."""
        proposals.propose(self, content, statement)

    @step(
        by=PARTIES,
        start=[S.PROPOSED],
        to=[SAME, S.SETTLED],
        when=[conditions.not_answered_yet],
        also={S.SETTLED: "enforce"},
        counts="asked sides",
    )
    def accept_proposal(self, *, proposal: UUID) -> str:
        """A side accepts the mediator's proposal; with both it is a settlement."""
        return proposals.accept(self, proposal)

    @step(
        by=PARTIES,
        start=[S.PROPOSED],
        to=S.IN_REVIEW,
        when=[conditions.not_answered_yet],
        resumes=True,
    )
    def decline_proposal(self, *, proposal: UUID) -> None:
        """A side declines the mediator's proposal."""
        proposals.end_proposal(self, "declined", proposal)

    @step(by=[Role.CLOCK], start=[S.PROPOSED], to=S.IN_REVIEW, resumes=True, light=True)
    def lapse_proposal(self) -> None:
        """A side did not answer the proposal in time."""
        proposals.end_proposal(self, "lapsed")

    @step(
        by=PARTIES,
        start=[S.QUEUED, S.IN_REVIEW, S.GATHERING, S.PROPOSED],
        to=[SAME, S.SETTLED],
        when=[conditions.has_not_bid, conditions.money_is_left, conditions.nothing_advanced],
        also={S.SETTLED: "enforce"},
        counts="bids",
        quiet=True,
    )
    def bid(self, *, amount: int) -> str:
        """A side says, sealed, what it would pay or take; an overlap settles at the midpoint."""
        return proposals.bid(self, amount)

    # Ruling

    @step(
        by=JUDGES,
        start=[S.IN_REVIEW],
        to=AFTER_RULING,
        when=[conditions.holds_lease, conditions.independent, conditions.senior_enough],
        also=ENFORCED,
        counts="rulings",
        adds_up=True,
    )
    def rule(self, *, statement: UUID, **content: Any) -> str:
        """The mediator decides, with reasons; above the policy's amount a second one looks."""
        return rulings.rule(self, content, statement)

    @step(
        by=JUDGES,
        start=[S.AWAITING_APPROVAL],
        to=[S.RULED, S.FINAL],
        when=[conditions.is_a_second_mediator, conditions.independent],
        also=ENFORCED,
        adds_up=True,
    )
    def approve_ruling(self, *, sha256: str) -> str:
        """A second mediator approves exactly what was shown."""
        return rulings.approve(self, sha256)

    @step(
        by=JUDGES,
        start=[S.AWAITING_APPROVAL],
        to=S.IN_REVIEW,
        when=[
            conditions.is_a_second_mediator,
            conditions.independent,
            conditions.rulings_left,
        ],
        resumes=True,
    )
    def send_back(self, *, statement: UUID) -> None:
        """A second mediator does not approve; the first one thinks again."""
        rulings.send_back(self, statement)

    # Appeal

    @step(
        by=PARTIES,
        start=[S.RULED, S.APPEALED],
        to=S.APPEALED,
        when=[conditions.may_appeal],
        counts="appeals",
    )
    def appeal(self, *, statement: UUID) -> None:
        """A side appeals, once; the other side's appeal joins the first."""
        rulings.appeal(self, statement)

    @step(
        by=PARTIES,
        start=[S.RULED],
        to=[SAME, S.FINAL],
        when=[conditions.may_appeal],
        also=ENFORCED,
        counts="asked sides",
    )
    def waive_appeal(self) -> str:
        """A side accepts the ruling; with both it is final."""
        return rulings.waive(self, self.facts.actor.role)

    @step(
        by=[Role.CLOCK],
        start=[S.RULED],
        to=[SAME, S.FINAL],
        also=ENFORCED,
        counts="asked sides",
    )
    def finalize(self, *, party: str) -> str:
        """A side let the time to appeal pass; with both the ruling is final."""
        return rulings.waive(self, party)
