"""Cases in which the acts of the desk are possible, on the real clock."""

from datetime import timedelta

from cases.models import Case, Docket
from mediation import docket
from mediation.steps import Wish, database_clock, take
from tests import world
from tests.desk.staff import disputes, hire

RULING = {
    "remedy": "refund_only",
    "compensation": 0,
    "payer": "seller",
    "freight_payer": "seller",
    "freight_out": None,
    "fault": {"buyer": 0, "seller": 100, "platform": 0, "carrier": 0},
    "rule": "Article 4",
    "evidence": [],
}


class Scene:
    """A marketplace with its staff, and one case; `mia` is who acts on it first."""

    def __init__(self):
        self.market = world.marketplace()
        self.staff = {
            "mediator": hire("mia"),
            "second": hire("max"),
            "senior": hire("sue", "senior"),
            "supervisor": hire("sol", "supervisor"),
            "auditor": hire("ada", "auditor"),
            "ops": hire("ole", "ops"),
        }
        self.case = None

    @property
    def mia(self):
        return self.staff["mediator"]

    def opened(self, **more):
        now = database_clock()
        order = world.order(self.market, delivered=now - timedelta(hours=2), **more)
        return world.open_case(order, when=now - timedelta(hours=1), remedy="refund_only")

    def waiting_for_the_seller(self):
        return self.opened()

    def asked_for_time(self):
        case = self.opened()
        step(case, "ask_extension", world.actor(case, "seller"), hours=24)
        return read(case)

    def queued(self):
        [case] = disputes(1, self.market, now=database_clock())
        return case

    def in_review(self):
        case = self.queued()
        docket.claim(self.mia, case.pk)
        return read(case)

    def back_and_forth(self):
        """A buyer escalated a refusal: there is a state to hand back to."""
        case = self.opened()
        step(case, "refuse", world.actor(case, "seller"), reason="outside_window", statement="No.")
        step(case, "escalate", world.actor(case, "buyer"))
        docket.claim(self.mia, case.pk)
        return read(case)

    def awaiting_approval(self):
        now = database_clock()
        order = world.order(self.market, paid=50_000_000, delivered=now - timedelta(hours=2))
        case = world.open_case(order, when=now - timedelta(hours=1), remedy="refund_only")
        step(case, "refuse", world.actor(case, "seller"), reason="outside_window", statement="No.")
        step(case, "escalate", world.actor(case, "buyer"))
        docket.claim(self.mia, case.pk)
        amounts = {order.lines.get().pk: 40_000_000}
        ruling = {**RULING, "amounts": amounts, "statement": "So it is."}
        step(case, "rule", self.mia.actor, lease=read(case).docket.lease, **ruling)
        return read(case)

    def closed(self):
        case = self.opened()
        step(case, "withdraw", world.actor(case, "buyer"))
        return read(case)

    def refunding(self):
        case = self.opened()
        step(case, "approve", world.actor(case, "seller"))
        return read(case)


def step(case, name, by, lease=None, **inputs):
    """Take a step now, and see that it was taken."""
    [answer] = take([Wish(case_id=case.pk, step=name, by=by, inputs=inputs, lease=lease)])
    assert not isinstance(answer, Exception), answer
    return answer


def read(case):
    """Read a case afresh."""
    return Case.everywhere.get(pk=case.pk)


def all_of(case):
    """All that an act may change: the case, its dispute and its place in the docket."""
    rows = Case.everywhere.filter(pk=case.pk).values()
    disputes_ = case.dispute.__class__.objects.filter(case=case).values() if _has(case) else []
    return [*rows, *disputes_, *Docket.objects.filter(case=case).values()]


def _has(case):
    return Docket.objects.filter(case=case).exists()
