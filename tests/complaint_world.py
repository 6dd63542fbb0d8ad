"""Complaints for the tests: filed, answered, decided, each in one call."""

from cases.actors import Actor
from cases.models import Complaint, Penalty
from cases.models.policy import in_force
from cases.refusals import Refused
from mediation.complaints import filing, stepping, writer
from mediation.complaints.writer import Wish
from mediation.stepping import LEASE
from tests import world
from tests.world import at, day

MIA = Actor(role="mediator", person="1")
SUE = Actor(role="senior", person="2")
SOL = Actor(role="supervisor", person="3")


def complain(case, by="seller", *, ground="malicious_refund", when=None, statement="Look at it."):
    """Let one side of a case complain of the other, or our people or the record of a side."""
    actor = by if isinstance(by, Actor) else world.actor(case, by)
    accused = case.buyer if by == "seller" or ground == "malicious_refund" else case.seller
    moment = when or day(0)
    new = filing.new(
        accused,
        ground=ground,
        by=actor,
        at=moment,
        policy_id=in_force(case.marketplace.policy_name, moment).pk,
        case_id=case.pk,
        clock_id=case.clock_id,
    )
    wish = Wish(
        complaint_id=new.pk, step="file", by=actor, new=new, inputs={"statement": statement}
    )
    return read(taken(writer.take(wish, clock=at(moment))))


def act(found, step, by, *, when, **inputs):
    """Take one step; give what the writer answers."""
    case = found.case
    actor = by if isinstance(by, Actor) else world.actor(case, by)
    wish = Wish(complaint_id=found.pk, step=step, by=actor, inputs=inputs)
    return writer.take(wish, clock=at(when))


def does(found, step, by, *, when, **inputs):
    """Take one step that must be taken, and read the complaint afresh."""
    return read(taken(act(found, step, by, when=when, **inputs)))


def claimed(found, by=MIA, *, when):
    """Let a mediator take it up."""
    return does(found, "claim", by, when=when, until=when + LEASE)


def in_review(case, *, when=None, **more):
    """File a complaint, let the accused answer at once, and a mediator take it up."""
    moment = when or day(0)
    found = complain(case, when=moment, **more)
    found = does(found, "answer", found.accused_role, when=moment, statement="I did not.")
    return claimed(found, when=moment)


def upheld(case, *restrictions, when=None, **more):
    """Uphold a complaint, with restrictions."""
    moment = when or day(0)
    found = in_review(case, when=moment, **more)
    return does(found, "uphold", MIA, when=moment, statement="So it is.", restrictions=restrictions)


def taken(answer):
    if isinstance(answer, Refused):
        raise answer
    return answer


def read(answer):
    """Read a complaint afresh."""
    key = answer.complaint.pk if isinstance(answer, stepping.Taken) else answer.pk
    return Complaint.everywhere.get(pk=key)


def penalties(party):
    """Name the penalties of a party."""
    return sorted(Penalty.objects.filter(party=party).values_list("kind", flat=True))


def lapse(when):
    """Let the clocks of complaints run out."""
    done = 0
    while count := writer.lapse(clock=at(when)):
        done += count
    return done
