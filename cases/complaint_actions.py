"""What somebody may do with a complaint now: API, desk and the writer all ask here."""

from cases.models import Complaint
from cases.refusals import NotNow, NotYourStep, Refused
from cases.table import Step, steps_of

STEPS = steps_of(Complaint)


def why_not(complaint: Complaint, step: Step) -> Refused | None:
    """Say why the actor of `complaint.facts` may not take a step now; None: it may."""
    if complaint.state not in step.sources:
        state = str(complaint.state)
        return NotNow(f"{step.name} is not possible while {state}.", state=state)
    if complaint.facts.actor.role not in step.rule.by:
        return NotYourStep(f"{step.name} is taken by: {', '.join(step.rule.by)}.")
    for condition in step.conditions:
        if not condition(complaint):
            return condition.refusal(condition.message)
    return None


def available(complaint: Complaint) -> list[Step]:
    """List what the actor of `complaint.facts` may do now."""
    steps = (step for step in STEPS.values() if "new" not in step.sources or step.name == "lift")
    return [step for step in steps if why_not(complaint, step) is None]
