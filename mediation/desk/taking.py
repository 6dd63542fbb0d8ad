"""Taking an act of the desk: from a valid form to the writer, or to the docket for it."""

from typing import Any

from cases.models import Case
from cases.refusals import NotYourStep
from mediation import docket, looking, steps
from mediation.desk.act import Act
from mediation.models import Mediator


def take(me: Mediator, case: Case, step: str, form: Act) -> Any:
    """Take an act.

    :param form: of that step, valid
    :returns: what was taken, or the refusal
    """
    clock, version = looking.clock_of(case), form.cleaned_data["version"]
    if step == "claim":
        answer = docket.claim(me, case.pk, version=version, clock=clock)
    elif step == "assign":
        to = form.cleaned_data["mediator"]
        answer = docket.assign(me, case.pk, to, version=version, clock=clock)
    else:
        wish = steps.Wish(
            case_id=case.pk,
            step=step,
            by=me.actor,
            inputs=form.inputs(),
            version=version,
            lease=form.cleaned_data["lease"],
        )
        [answer] = steps.take([wish], clock=clock)
    return NotYourStep("This dispute is not for this person.") if answer is None else answer


def as_seen_now(posted: Any, case: Case) -> Any:
    """Keep what was typed; who sends it again has seen the case as it is now."""
    again = posted.copy()
    again["version"] = case.version
    again["lease"] = case.facts.lease or ""
    return again
