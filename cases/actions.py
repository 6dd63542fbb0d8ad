"""What somebody may do now: API, admin buttons, permissions and the writer all ask here."""

from typing import Any

from cases.models import Case, Dispute
from cases.refusals import DeadlinePassed, NotNow, NotYourStep, Refused
from cases.standing import shown
from cases.table import Step, steps_of

CASE_STEPS = steps_of(Case)
DISPUTE_STEPS = steps_of(Dispute)
STEPS: dict[str, Step] = {**CASE_STEPS, **DISPUTE_STEPS}


def machine_of(case: Case, step: str) -> Any:
    """Find whose step it is: the case's, or its dispute's (None: there is no dispute)."""
    return case if step in CASE_STEPS else case.facts.dispute


def why_not(case: Case, step: Step) -> Refused | None:
    """Say why the actor of `case.facts` may not take a step now; None: it may."""
    facts = case.facts
    machine = machine_of(case, step.name)
    state = machine.state if machine is not None else "new"
    if state not in step.sources:
        return _not_now(case, step, state)
    if case.held and not step.rule.while_held:
        return NotNow("A chargeback holds the case.")
    if facts.actor.role not in step.rule.by:
        return NotYourStep(f"{step.name} is taken by: {', '.join(step.rule.by)}.")
    for condition in step.conditions:
        if not condition(machine):
            return condition.refusal(condition.message)
    return None


def _not_now(case, step, state):
    if case.lapsed_from and case.lapsed_from in step.sources:
        return DeadlinePassed(f"The time for {step.name} has run out.")
    known = shown(str(state), case.facts.actor.role)
    return NotNow(f"{step.name} is not possible while {known}.", state=known)


def available(case: Case) -> tuple[list[Step], dict[str, Refused]]:
    """List what the actor of `case.facts` may do now, and why the rest of its steps must wait."""
    mine = [step for step in STEPS.values() if case.facts.actor.role in step.rule.by]
    refusals = {step.name: why_not(case, step) for step in mine if "new" not in step.sources}
    possible = [STEPS[name] for name, refusal in refusals.items() if refusal is None]
    return possible, {name: refusal for name, refusal in refusals.items() if refusal is not None}
