"""A case and its people, told step by step: Bea buys, Sam sells, Max mediates.

Every step takes a minute; `pass_days` lets clocks run out. A refusal is raised unless the test
asks for it. Inputs that a step needs and a test does not care about are filled in.
"""

import json
from datetime import timedelta

from cases.actors import Actor
from cases.models import Clock, Dispute, Event, OrderLine, Refund
from cases.models.policy import publish
from cases.refusals import Refused
from cases.roles import JUDGES
from mediation.invariants import check
from mediation.models import Heartbeat
from mediation.steps import Wish, lapse, take
from tests import world
from tests.mediation.usual import Usual, slots_for
from tests.world import day

MINUTE = timedelta(minutes=1)


class Story(Usual):
    """One case. Money in minor units."""

    def __init__(
        self, bought=None, *, reason="quality", remedy="return_refund", items=None, **order
    ):
        self.order = bought or world.order(order.pop("market", None) or bazaar(), **order)
        self.now = day(0)
        self.lease = None
        self.holder = ""
        more = {"items": items} if items else {}
        more |= {"compensation": 3_000} if remedy == "compensation" else {}
        found = world.open_case(
            self.order, reason=reason, remedy=remedy, evidence=slots_for(reason), **more
        )
        self.id = found.id

    # Who does something

    def buyer(self, step, **inputs):
        return self.does("buyer", step, **inputs)

    def seller(self, step, **inputs):
        return self.does("seller", step, **inputs)

    def mediator(self, step, **inputs):
        return self.does("mediator", step, **inputs)

    def carrier(self, step, **inputs):
        return self.does("carrier", step, **inputs)

    def gateway(self, step, **inputs):
        return self.does("gateway", step, **inputs)

    def service(self, step, **inputs):
        return self.does("service", step, **inputs)

    def does(self, role, step, *, person=None, **inputs):
        """Take a step and say what the event was; raise what refused it."""
        answer = self.asks(role, step, person=person, **inputs)
        if isinstance(answer, Refused):
            raise answer
        return answer.event

    def asks(self, role, step, *, person=None, if_match=None, lease=None, **inputs):
        """Take a step, or hear why not."""
        self.now += MINUTE
        by = Actor(
            role=role,
            marketplace_id=self.order.marketplace_id,
            party_id=getattr(self.order, f"{role}_id", None),
            person=person or f"{role}-1",
        )
        wish = Wish(
            case_id=self.id,
            step=step,
            by=by,
            inputs={**self.usual(step), **inputs},
            version=if_match,
            lease=lease or (self.lease if role in JUDGES else None),
        )
        [answer] = take([wish], clock=lambda: self.now)
        if step == "claim" and not isinstance(answer, Refused):
            self.lease = wish.inputs["lease"]
        return answer

    def pass_days(self, days, **more):
        """Let time pass, and let every clock run out at its own moment."""
        until = self.now + timedelta(days=days, **more)
        for moment in iter(lambda: self._next_moment(until), None):
            self.now = moment
            Heartbeat.objects.update(at=moment)  # time was busy, the clocks were not asleep
            lapse(clock=lambda: self.now)
        self.now = until

    def _next_moment(self, until):
        moments = Clock.objects.filter(next_at__lte=until, clock_id=None).order_by("next_at")
        return moments.values_list("next_at", flat=True).first()

    # What is the case

    @property
    def case(self):
        return world.case(self.id)

    @property
    def state(self):
        return self.case.state

    @property
    def dispute(self):
        return Dispute.objects.get(case=self.id)

    @property
    def clocks(self):
        """Name → time left, of those that run; those that stand still have a star."""
        return {
            clock.name
            + (f" {clock.party}" if clock.party else "")
            + ("*" if clock.remaining else ""): clock.remaining or clock.due_at - self.now
            for clock in Clock.objects.filter(case=self.id).order_by("name", "party")
        }

    @property
    def wrongs(self):
        """List the invariants that do not hold, with the offending rows."""
        return check(at=self.now)

    @property
    def steps(self):
        """Name the events so far, reminders left out."""
        events = Event.objects.filter(case=self.id).exclude(name="remind").order_by("sequence")
        return list(events.values_list("name", flat=True))

    @property
    def line(self):
        return OrderLine.objects.filter(order=self.order).order_by("ref").first()

    @property
    def money(self):
        """Tell of the first line: claimed, reserved, refunded, given back outside."""
        line = self.line
        return line.claimed, line.reserved, line.refunded, line.outside

    @property
    def refund(self):
        return Refund.objects.get(case=self.id, state="pending")


def market(slug="souk", **tables):
    """Make a marketplace with a policy of its own: table → {key: value}, both as in a file."""
    lines = [f'name = "{slug}"', 'inherits = "default"']
    for table, values in tables.items():
        lines.append(f"[{table.replace('__', '.')}]")
        lines += [f"{key} = {toml(value)}" for key, value in values.items()]
    publish("\n".join(lines), effective_from=day(-365), at=day(-365))
    found = world.marketplace(slug)
    found.policy_name = slug
    found.save()
    return found


def bazaar():
    """Give the marketplace of all stories that do not ask for another."""
    return world.Marketplace.objects.filter(slug="bazaar").first() or world.marketplace()


def toml(value):
    """Write a value as TOML does: as JSON, but for tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def in_mediation(**order):
    """Tell a story until the mediator holds the dispute."""
    story = Story(**order)
    story.pass_days(3)
    story.mediator("claim")
    return story


def ruled(**content):
    """Tell a story until a ruling may be appealed."""
    story = in_mediation()
    story.mediator("rule", **content)
    return story
