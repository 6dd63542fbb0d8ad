"""Who does what: a weighted choice among what is possible, with a push for what is rare.

The weights are made up; nothing in the data tells how people answer. A step or a clock that has
happened fewer than QUOTA times weighs more, so that a run shows all of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from cases import actions
from cases.actors import CLOCK, Actor
from cases.lifecycle import ENDED
from cases.models import Case
from cases.roles import Role
from mediation.simulation import answers
from mediation.steps import Wish

QUOTA = 12
PUSH = 12  # times the weight, at least, of what has not happened QUOTA times yet
ORDINARY = 20  # the least that a rare step weighs before the push

WEIGHTS = {  # of a step, where it is possible; those not named: 1
    "approve": 12,
    "refuse": 10,
    "offer": 6,
    "accept_offer": 25,
    "counter_offer": 12,
    "decline_offer": 8,
    "reapply": 15,
    "escalate": 15,
    "ship_return": 60,
    "return_delivered": 60,
    "accept_return": 25,
    "reject_return": 8,
    "dispatch_replacement": 100,
    "out_of_stock": 5,
    "replacement_delivered": 40,
    "confirm_replacement": 20,
    "reject_replacement": 30,
    "claim": 80,
    "rule": 45,
    "ask_evidence": 15,
    "propose": 20,
    "hand_in": 60,
    "accept_proposal": 45,
    "decline_proposal": 12,
    "approve_ruling": 60,
    "send_back": 6,
    "appeal": 10,
    "waive_appeal": 40,
    "chargeback_closed": 100,
    "rate": 25,
    "grant_extension": 20,
    "settle_by_hand": 60,
    "amend": 3,
    "withdraw": 2,
    "return_lost": 2,
    "replacement_lost": 2,
    "bid": 2,
}
SILENCE = {  # of letting time pass, by the state of the dispute, or else of the case
    "queued": 8,
    "in_review": 2,
    "gathering": 20,
    "proposed": 15,
    "awaiting_approval": 8,
    "ruled": 25,
    "appealed": 8,
    "return_in_transit": 5,
    "awaiting_return": 8,
    "refunding": 200,
    "completed": 50,
    "closed": 60,
}
USUAL_SILENCE = 20
AT_ONCE = {"claim", "assign", "release"}  # who takes a dispute goes on with it
NONE = timedelta()
LATEST = timedelta(days=4)
LEFT = (0.03, 0.85)  # of the time left, how much passes before somebody acts


@dataclass
class Script:
    """The scripted people of one marketplace, with their chance and what they have done."""

    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)  # that ran out
    chances: dict[str, Random] = field(default_factory=dict)
    mute: frozenset[str] = frozenset()  # roles that are played elsewhere

    def chance(self, ref: str) -> Random:
        """Give an order its own chance, so that orders do not depend on each other's."""
        if ref not in self.chances:
            self.chances[ref] = Random(f"{self.seed} {ref}")  # noqa: S311 -- a story, no secret
        return self.chances[ref]

    def choose(self, case: Case, chance: Random) -> Wish | None:
        """Choose what happens now in a case whose facts are loaded; None: time passes."""
        options = _options(case, self.mute)
        may_wait = _may_wait(case) and options.keys() != {"release"}
        while options or may_wait:
            weights = {name: self._weight(name) for name in sorted(options)}
            if may_wait:
                weights[""] = self._silence(case)
            [name] = chance.choices(list(weights), list(weights.values()))
            if not name:
                return None
            actor = chance.choice(options.pop(name))
            inputs = answers.FOR[name](case, actor, chance)
            if inputs is not None:
                lease = case.facts.docket.lease if case.facts.dispute else None
                return Wish(case_id=case.id, step=name, by=actor, inputs=inputs, lease=lease)
        return None

    def _weight(self, step):
        weight = WEIGHTS.get(step, 1)
        return max(weight, ORDINARY) * PUSH if self.steps[step] < QUOTA else weight

    def _silence(self, case):
        weight = SILENCE.get(_place(case), USUAL_SILENCE)
        running = [clock.name for clock in case.facts.clocks if clock.due_at is not None]
        rare = any(self.clocks[name] < QUOTA for name in running)
        return weight * PUSH if rare else weight


def delay(left: Iterable[timedelta], chance: Random, step: str = "") -> timedelta:
    """Tell after what time somebody acts, mostly before the next clock runs out.

    :param left: the time left of each clock that runs
    :param step: what was done last
    """
    return min([*left, LATEST]) * chance.uniform(*LEFT) if step not in AT_ONCE else NONE


def _place(case):
    in_mediation = case.state == "in_mediation" and case.facts.dispute is not None
    return str(case.facts.dispute.state if in_mediation else case.state)


def _may_wait(case):
    """Time may pass where a clock runs, and after the end."""
    return case.state in ENDED or any(clock.due_at is not None for clock in case.facts.clocks)


def _options(case: Case, mute: frozenset[str]) -> dict[str, list[Actor]]:
    """Name the possible steps with those who may take them."""
    if _lease_is_over(case):
        return {"release": [CLOCK]}
    found: dict[str, list[Actor]] = defaultdict(list)
    lease = case.facts.docket.lease if case.facts.dispute else None
    for actor in (actor for actor in _everybody(case) if actor.role not in mute):
        case.facts.begin(actor, lease=lease)
        for step in actions.available(case)[0]:
            if step.name in answers.FOR:
                found[step.name].append(actor)
    return found


def _lease_is_over(case):
    dispute = case.facts.dispute
    return (
        dispute is not None
        and dispute.state == "in_review"
        and case.facts.docket.lease_until <= case.facts.at
        and not case.held
    )


def _everybody(case: Case) -> Iterator[Actor]:
    for role in (Role.BUYER, Role.SELLER):
        party = getattr(case, f"{role}_id")
        yield Actor(
            role=role, marketplace_id=case.marketplace_id, party_id=party, person=f"{role}-1"
        )
    judges = answers.JUDGES if case.state == "in_mediation" else answers.JUDGES[:1]
    for person in (*judges, "supervisor-1", "supervisor-2", "service-1", "carrier-1"):
        role = Role(person.partition("-")[0])
        yield Actor(role=role, marketplace_id=case.marketplace_id, person=person)
