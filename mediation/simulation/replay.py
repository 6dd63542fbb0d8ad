"""Grievances become cases, and a simulated clock runs through everything that follows.

From moment to moment: the next clock that runs out, or the next person who acts. Nothing is
bypassed: people and clocks go through the writer, letters and refunds through the effects.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cases.actors import Actor
from cases.ids import new_id
from cases.lifecycle import ENDED
from cases.models import Case, Clock, Marketplace, Order, TestClock
from cases.refusals import Refused
from cases.roles import Role
from mediation import effects, letters, loading, notices, steps
from mediation.changes import Changes
from mediation.simulation import answers, shop
from mediation.simulation.script import AT_ONCE, Script, delay
from mediation.simulation.shop import Grievance
from notifications import post_office

TICK = timedelta(hours=12)  # people act at the next of these, when they have that long
PUMP = timedelta(hours=24)  # how often effects are carried out and letters delivered
EPOCH = datetime(2016, 1, 1, tzinfo=UTC)  # of the ticks
BATCH = 500
LONGEST = timedelta(days=730)  # after the last grievance; what has not ended then never does


class Replay:
    """One run over a marketplace of its own, on a test clock."""

    def __init__(self, market: Marketplace, grievances: Iterable[Grievance], *, seed: int) -> None:
        """:raises ValueError: the marketplace has no `clock_id`: live workers would touch it"""
        if market.clock_id is None:
            raise ValueError("a replay has a test clock of its own")
        self.market, self.clock_id, self.script = market, market.clock_id, Script(seed)
        self.grievances = list(grievances)
        self.now = min(grievance.at for grievance in self.grievances) - TICK
        self.orders = _orders(market, self.grievances, self.now)
        self.refused: Counter[str] = Counter()
        self.opened: dict[UUID, Order] = {}  # case → order
        self.going: set[UUID] = set()
        self.turns: list[tuple[datetime, int, UUID | Grievance]] = [
            (_opens(grievance), number, grievance)
            for number, grievance in enumerate(self.grievances)
        ]
        heapq.heapify(self.turns)
        self.count = len(self.turns)
        self.until = max(grievance.at for grievance in self.grievances) + LONGEST
        self.turn_of: dict[UUID, int] = {}  # case → its one turn that counts
        self.known: dict[UUID, Case] = {}  # as last seen, with their facts if we have those
        self.dues: list[tuple[datetime, int, UUID]] = []
        self.dues_of: dict[UUID, dict[datetime, str]] = {}  # case → when its clocks run out
        self.next_pump = self.now
        self.paying: set[UUID] = set()
        self.stirred = False  # something has happened that has effects

    def run(self, told: Callable[[int], object] = lambda _done: None) -> None:
        """Go on until every case has ended and nothing is left to do.

        :param told: called with the number of grievances that have come to their end
        """
        while (moment := self._next_moment()) and moment < self.until:
            self.now = max(moment, self.now)
            self._lapse()
            self._act()
            if self.now >= self.next_pump and (self.stirred or self.paying):
                self._pump()
                told(len(self.grievances) - len(self.going) - self._still_to_open())
        self._pump()
        TestClock.objects.filter(pk=self.clock_id).update(at=self.now)

    # Moments

    def _next_moment(self):
        while self.dues and self.dues[0][0] not in self.dues_of[self.dues[0][2]]:
            heapq.heappop(self.dues)  # that clock was stopped
        heads = [heap[0][0] for heap in (self.turns, self.dues) if heap]
        if self.stirred or self.paying:
            heads.append(self.next_pump)
        return min(heads, default=None)

    def _clock(self):
        return self.now

    def _lapse(self):
        while steps.lapse(clock=self._clock, clock_id=self.clock_id, limit=BATCH) == BATCH:
            pass
        due = set()
        while self.dues and self.dues[0][0] <= self.now:
            moment, _, case_id = heapq.heappop(self.dues)
            if clock := self.dues_of[case_id].pop(moment, None):
                self.script.clocks[clock] += 1
                due.add(case_id)
        self._look_again(due)

    def _look_again(self, case_ids):
        """See how cases stand that moved without us, and when somebody acts in them next."""
        if not case_ids:
            return
        cases = Case.everywhere.filter(pk__in=case_ids).prefetch_related("clocks")
        for case in sorted(cases, key=self._place):
            if case.sequence != self.known[case.id].sequence:
                self._follow(case, case.clocks.all())

    def _with_facts(self, case_ids: Iterable[UUID]) -> list[Case]:
        """Give cases with facts of this moment; those that only we have moved are known."""
        now = dict(Case.everywhere.filter(pk__in=case_ids).values_list("pk", "sequence"))
        known = {pk: self.known[pk] for pk in now if self._knows(pk, now[pk])}
        for case in known.values():
            case.facts.at = self.now
        fresh = list(Case.everywhere.filter(pk__in=now.keys() - known.keys()))
        if fresh:
            loading.load(fresh, Changes(at=self.now))
        self.known |= {case.id: case for case in fresh}
        return sorted([*known.values(), *fresh], key=self._place)

    def _knows(self, case_id, sequence):
        case = self.known[case_id]
        return case.sequence == sequence and "facts" in vars(case)

    def _place(self, case):
        """The order of cases is that of their orders: ids hold chance."""
        return self.opened[case.id].ref, case.opened_at

    # Turns

    def _act(self):
        """Let everybody act whose moment has come: one step per case, until none is left."""
        while self.turns and self.turns[0][0] <= self.now:
            grievances, case_ids = [], set()
            while self.turns and self.turns[0][0] <= self.now:
                _, number, whose = heapq.heappop(self.turns)
                if isinstance(whose, Grievance):
                    grievances.append(whose)
                elif self.turn_of[whose] == number:
                    case_ids.add(whose)
            wishes = [self._opening(grievance) for grievance in grievances]
            cases = self._with_facts(case_ids) if case_ids else []
            self._take(wishes + [wish for case in cases if (wish := self._wish(case))])

    def _opening(self, grievance):
        order = self.orders[grievance.purchase.ref]
        chance = self.script.chance(order.ref)
        role = chance.choices([Role.BUYER, Role.SELLER, Role.SERVICE], [90, 5, 5])[0]
        lines = order.lines.order_by("ref")
        case_id = new_id(self.now)
        self.opened[case_id] = order
        return steps.Wish(
            case_id=case_id,
            order_id=order.id,
            step="open",
            by=Actor(
                role=role,
                marketplace_id=self.market.id,
                party_id=getattr(order, f"{role}_id", None),
                person=f"{role}-1",
            ),
            inputs=answers.application(list(lines), grievance.reason, grievance.words, chance),
        )

    def _wish(self, case):
        chance = self.script.chance(self.opened[case.id].ref)
        wish = self.script.choose(case, chance)
        if wish is None and case.state in ENDED and not case.facts.clocks:
            self.going.discard(case.id)
        return wish

    def _take(self, wishes):
        if not wishes:
            return
        answered = steps.take(wishes, clock=self._clock)
        for wish, answer in zip(wishes, answered, strict=True):
            if not isinstance(answer, Refused):
                self.script.steps[wish.step] += 1
                self._adopt(answer.case, wish.step)
                self._follow(answer.case, answer.case.facts.clocks, wish.step)
                continue
            self.refused[f"{wish.step}: {answer.code}"] += 1
            if wish.order_id is None:
                self.known[wish.case_id].sequence = 0  # look, even if nothing has happened
                self._look_again({wish.case_id})

    def _adopt(self, case, step):
        """Let the people of a case act in the one that was split off as well."""
        if step == "split":
            branch = Case.everywhere.get(pk=case.split_into)
            self.opened[branch.id] = self.opened[case.id]
            self._follow(branch, Clock.objects.filter(case=branch.id))

    def _follow(self, case, clocks, step=""):
        """Note when the clocks of a case run out and when somebody acts in it."""
        self.stirred = True
        self.going.add(case.id)
        self.known[case.id] = case
        if case.state == "refunding":
            self.paying.add(case.id)
        dues = {clock.due_at: clock.name for clock in clocks if clock.due_at is not None}
        for due in dues.keys() - self.dues_of.get(case.id, {}).keys():
            self._at(self.dues, due, case.id)
        self.dues_of[case.id] = dues
        if case.state == "completed" and not clocks:
            self.going.discard(case.id)
            return
        chance = self.script.chance(self.opened[case.id].ref)
        at = self.now + delay([due - self.now for due in dues], chance, step)
        later = _tick(at)
        if step not in AT_ONCE and all(later < due for due in dues):
            at = later
        self.turn_of[case.id] = self._at(self.turns, at, case.id)

    def _at(self, heap, moment, case_id):
        self.count += 1
        heapq.heappush(heap, (moment, self.count, case_id))
        return self.count

    def _still_to_open(self):
        return sum(isinstance(whose, Grievance) for _, _, whose in self.turns)

    # Effects

    def _pump(self):
        """Carry out what is due; gateways may have moved cases."""
        self.next_pump, self.stirred = self.now + PUMP, False
        while effects.run(clock=self._clock, clock_id=self.clock_id, limit=BATCH):
            pass
        while post_office.deliver(
            clock=self._clock,
            clock_id=self.clock_id,
            limit=BATCH,
            still_wanted=letters.still_wanted,
            words=notices.words,
        ):
            pass
        if self.paying:
            paid = Case.everywhere.filter(pk__in=self.paying).exclude(state="refunding")
            moved = set(paid.values_list("pk", flat=True))
            self.paying -= moved
            self._look_again(moved)


def _tick(moment: datetime) -> datetime:
    """The first tick at or after a moment."""
    since = (moment - EPOCH) % TICK
    return moment if not since else moment + TICK - since


def _opens(grievance: Grievance) -> datetime:
    """The tick at which a buyer complains, unless the parcel would have come before it."""
    delivered, tick = grievance.purchase.delivered_at, _tick(grievance.at)
    return grievance.at if delivered and grievance.at < delivered <= tick else tick


def _orders(market, grievances, at):
    purchases = {g.purchase.ref: g.purchase for g in grievances}
    return shop.store(market, purchases.values(), at=at)
