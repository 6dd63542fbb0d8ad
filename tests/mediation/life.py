"""A case that anything may happen to, in any order and at any time; in the end all is well."""

from datetime import timedelta
from typing import ClassVar

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cases.actions import available
from cases.actors import Actor
from cases.lifecycle import ENDED
from cases.models import ApplicationItem, Clock, Docket, Ruling
from mediation import loading
from mediation.changes import Changes
from tests import world
from tests.mediation.story import Story, market

PARTIES = [
    *(("buyer", "bea"), ("seller", "sam"), ("service", "shop"), ("carrier", "sf")),
    ("gateway", "bank"),
]
STAFF = [
    *(("mediator", "max"), ("mediator", "mia"), ("senior", "sue"), ("senior", "sid")),
    *(("supervisor", "ann"), ("supervisor", "bob")),
]
REASONS = {
    "refund_only": "quality",
    "return_refund": "quality",
    "exchange": "quality",
    "repair": "quality",
    "reship": "damaged",
    "compensation": "quality",
}
CHOICES = [{"amount_lte": 3_000, "do": "approve", "remedy": "refund_only"}, {"do": "approve"}]
MARKETS = {
    "bazaar": {},
    "souk": {
        "limits": {"offers_per_side": 2, "mediation_rounds": 1, "edits": 1},
        "money": {"approval_amount": 2_000},
        "mediation": {"escalate_while_awaiting": True},
        "clocks__dispatch": {"on_expiry": "out_of_stock"},
    },
    "fair": {
        "clocks__seller_response": {"on_expiry": CHOICES},
        "clocks__inspection": {"on_expiry": "escalate"},
        "mediation": {"appeal": False},
        "request_window": {"default": "90d"},
    },
    "hall": {
        "money": {
            "payout_waits_for_appeal": False,
            "guarantee_per_order": 5_000,
            "guarantee_per_seller": 9_000,
        }
    },
}
DECIDABLE = {"queued", "in_review", "awaiting_approval", "appealed"}
TIMES = [timedelta(minutes=20), timedelta(hours=30), timedelta(days=6)]

amounts = st.integers(1, 12_000)
remedies = st.sampled_from(["refund_only", "return_refund", "exchange", "compensation"])
verdicts = st.sampled_from(["none", "send_back", "refund_only", "return_refund", "exchange"])
sides = st.sampled_from([["buyer"], ["seller"], ["buyer", "seller"]])


def terms(story, remedy, amount):
    if remedy in {"none", "send_back", "exchange"}:
        return {"remedy": remedy, "amounts": {}}
    if remedy == "compensation":
        return {"remedy": remedy, "amounts": {}, "compensation": amount}
    return {"remedy": remedy, "amounts": {story.line.id: amount}}


# What steps ask for, beside what is usual: step → (draw, story) → inputs.
DRAWN = {
    "offer": lambda draw, story: terms(story, draw(remedies), draw(amounts)),
    "rule": lambda draw, story: (
        terms(story, draw(verdicts), draw(amounts)) | {"freight_out": draw(st.booleans())}
    ),
    "bid": lambda draw, story: {"amount": draw(amounts)},
    "chargeback_closed": lambda draw, story: {"lost": draw(st.booleans())},
    "ask_evidence": lambda draw, story: {"requests": {side: ["chat"] for side in draw(sides)}},
    "amend": lambda draw, story: application(draw(st.sampled_from([*REASONS])), draw(amounts)),
    "assign": lambda draw, story: {"mediator": draw(st.sampled_from(["max", "mia", "sue"]))},
}
DRAWN |= {"counter_offer": DRAWN["offer"], "propose": DRAWN["offer"]}
DRAWN |= {"record_outside_refund": DRAWN["bid"], "reapply": DRAWN["amend"]}


def application(remedy, amount):
    shown = [{"slot": slot} for slot in ("photo_goods", "photo_parcel", "video")]
    more = {"compensation": amount} if remedy == "compensation" else {}
    return {"reason": REASONS[remedy], "remedy": remedy, "evidence": shown, **more}


class AnyLife(RuleBasedStateMachine):
    """One case; whatever it leaves is rolled back."""

    actors = PARTIES + STAFF
    markets: ClassVar[dict] = {}  # they are there before the first life, and stay

    def __init__(self):
        super().__init__()
        # A transaction of its own: one around all lives would hold up what waits for its end.
        self.undone = transaction.atomic()
        self.undone._from_testcase = True  # durable blocks may be inside
        self.undone.__enter__()

    @initialize(
        name=st.sampled_from([*MARKETS]),
        remedy=st.sampled_from([*REASONS]),
        freight=st.sampled_from([0, 700]),
        quantity=st.integers(1, 3),
        lines=st.integers(1, 2),
    )
    def open(self, name, remedy, **bought):
        found = self.markets[name]
        self.story = Story(market=found, remedy=remedy, reason=REASONS[remedy], **bought)

    @rule(data=st.data())
    def somebody_acts(self, data):
        possible = self._possible()
        if not possible:
            return
        step, (role, person) = data.draw(st.sampled_from(possible))
        docket = Docket.objects.filter(case=self.story.id).first()
        self.story.lease = docket and docket.lease
        draw = DRAWN.get(step, lambda draw, story: {})
        self.story.asks(role, step, person=person, **draw(data.draw, self.story))

    def _possible(self):
        case = self.story.case
        loading.load([case], Changes(at=self.story.now))
        docket = case.facts.dispute and case.facts.docket
        found = []
        for role, person in self.actors:
            case.facts.begin(Actor(role=role, person=person), lease=docket and docket.lease)
            found += [(step.name, (role, person)) for step in available(case)[0]]
        return found

    @rule(time=st.sampled_from(TIMES))
    def time_passes(self, time):
        self.story.pass_days(0, seconds=time.total_seconds())

    @rule(data=st.data())
    def a_clock_runs_out(self, data):
        ends = Clock.objects.filter(case=self.story.id, due_at__isnull=False)
        if moments := sorted(ends.values_list("due_at", flat=True)):
            end = data.draw(st.sampled_from(moments))
            self.story.pass_days(0, seconds=(end - self.story.now).total_seconds())

    @rule(data=st.data())
    def somebody_asks_for_anything(self, data):
        step = data.draw(st.sampled_from(["approve", "withdraw", "ship_return", "appeal", "rate"]))
        role, person = data.draw(st.sampled_from(self.actors))
        self.story.asks(role, step, person=person)

    def teardown(self):
        try:
            if hasattr(self, "story"):
                self.see_to_the_end()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def see_to_the_end(self):
        self.story.pass_days(0)  # what has run out in other cases of the family meanwhile
        wrongs = self.story.wrongs
        assert wrongs == {}, wrongs
        self._left_alone_it_ends()

    def _left_alone_it_ends(self):
        """Nobody acts any more, but the platform and the gateway do their work."""
        story = self.story
        if story.case.held:
            story.service("chargeback_closed", lost=False)
        for _ in range(40):
            case = story.case
            if case.state in ENDED:
                break
            if case.state == "refunding":
                story.gateway("refund_settled")
            elif case.state == "in_mediation" and story.dispute.state in DECIDABLE:
                self._decide()
            else:
                story.pass_days(16)
        assert story.state in ENDED, story.steps
        assert story.wrongs == {}

    def _decide(self):
        story, state = self.story, self.story.dispute.state
        if state == "awaiting_approval":
            drafted = Ruling.objects.filter(case=story.id, state="draft").get()
            other = "zed" if drafted.ruled_by == "zoe" else "zoe"
            story.does("senior", "approve_ruling", person=other)
            return
        docket = Docket.objects.get(case=story.id)
        judge = next(name for name in ("zoe", "zed") if name not in docket.excluded)
        story.does("supervisor", "assign", mediator=judge)
        story.lease = Docket.objects.get(case=story.id).lease
        line = ApplicationItem.objects.filter(application__case=story.id, claims=True).last().line
        nothing = terms(story, "none", 0) | {"fault": {"buyer": 100}}
        some = {"remedy": "refund_only", "amounts": {line.id: 1}, "fault": {"seller": 100}}
        may_pay = line.reserved + line.refunded + line.outside < line.paid
        may_pay &= story.case.advance_id is None  # else it is denied, whatever it was for
        story.does("senior", "rule", person=judge, **(some if may_pay else nothing))


def live(kind, *, lives, steps):
    """Let so many cases live, each for so many steps."""
    kind.markets = {
        name: market(name, **tables) if tables else world.marketplace()
        for name, tables in MARKETS.items()
    }
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],  # to make it smaller takes minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
