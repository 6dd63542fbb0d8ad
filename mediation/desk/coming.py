"""What happens next if nobody acts: the forecast, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from mediation import forecast
from mediation.desk import details, sentences
from mediation.forecast import Future

FARTHEST = 8  # events
SILENT = {"remind"}
ENDS: dict[str, str | Promise] = {
    "ended": _("Then it is over."),
    "waits": _("Then no clock runs: it waits on people."),
    "repeats": _("From then on the same reminders and alarms come again."),
    "cut": _("And so on."),
}


@dataclass(frozen=True, kw_only=True)
class Coming:
    """What will happen, in order, and how the line ends."""

    events: list["Step"]
    ends: str
    state: str  # of the case, then


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that will happen."""

    at: datetime
    sentence: str
    details: list[str]


def of(case: Case) -> Coming:
    """Tell what follows by itself from how a case stands; the case stays as it is.

    :param case: with its facts
    """
    return told(forecast.forecast(forecast.twin(case), most=3 * FARTHEST, depth=0))


def told(future: Future, *, after: int = 0) -> Coming:
    """Put a line of the future in sentences, without its reminders.

    :param after: so many of its events have happened already
    """
    events = [_step(event, future.case) for event in future.events[after:] if _counts(event)]
    cut = len(events) > FARTHEST
    return Coming(
        events=events[:FARTHEST],
        ends=str(ENDS["cut" if cut else future.ends]),
        state=str(future.case.state),
    )


def _counts(event: Any) -> bool:
    return event.name not in SILENT


def _step(event, case):
    payload = sentences.payload(event)
    said = details.Told(payload=payload, currency=case.currency, names={})
    return Step(
        at=event.at,
        sentence=sentences.sentence(event, payload),
        details=list(said.details()),
    )
