"""Both graphs, explored: first as the tables publish them, then with a case in memory."""

from collections import defaultdict, deque

import pytest

from cases import clocks, dispute, lifecycle
from cases.models import Case, Dispute
from cases.parcels import OWED
from cases.table import steps_of
from tests.cases import situations
from tests.sizes import size
from tests.world import POLICIES

PRESETS = sorted(path.stem for path in POLICIES.glob("*.toml"))
MACHINES = {"case": Case, "dispute": Dispute}
ENDS = {"case": set(lifecycle.ENDED), "dispute": set(dispute.OVER)}
OPEN = {"case": set(lifecycle.OPEN), "dispute": set(dispute.LIVE)}

# Counter → what bounds it: a limit of the policy, or something that is used up.
BOUNDS = {
    "edits": "limits.edits",
    "applications": "limits.applications",
    "offers": "limits.offers_per_side",
    "mediation_rounds": "limits.mediation_rounds",
    "claims": "limits.claims; after that a supervisor alone goes on",
    "evidence_rounds": "limits.evidence_rounds",
    "proposals": "limits.proposals",
    "rulings": "limits.rulings",
    "appeals": "once for each side",
    "bids": "once for each side",
    "asked sides": "each side is crossed out once it has answered",
    "corrections": "once for each parcel",
    "extensions": "limits.extensions for each clock, or the policy's own right",
    "deliveries": "once for each parcel",
    "rating": "once",
    "settled_by": "two people",
    "money_left": "each takes away from what is left",
    "chargebacks": "the bank's; each is opened once and closed once",
    "advances": "once for each ruling that is paid before it is final",
    "failures": "the gateway's; two supervisors may end it",
}

# Steps that go round without a counter, each with its reason.
ENDLESS = {
    "alarm": "rings each working day until the refund is settled",
    "to_supervisor": "rings each day until somebody rules",
    "end_aftercare": "its clock is gone with it",
    "triage": "a supervisor moves a dispute in the docket; its ruling's clock goes on",
    "call_supervisor": "once until somebody takes the dispute",
}


@pytest.fixture(params=PRESETS)
def policy(request):
    return situations.policy(request.param)


@pytest.fixture(params=MACHINES)
def of(request):
    return request.param


def edges(of, *, without=()):
    return {
        edge
        for step in steps_of(MACHINES[of]).values()
        if step.name not in without
        for edge in step.edges
    }


def reached(starts, pairs):
    """List what can be reached along pairs of (from, to)."""
    after = defaultdict(set)
    for before, then in pairs:
        after[before].add(then)
    found, waiting = set(starts), list(starts)
    while waiting:
        more = after[waiting.pop()] - found
        found |= more
        waiting += more
    return found


# The tables


def test_every_state_is_reached(of):
    assert reached({"new"}, edges(of)) == {"new"} | OPEN[of] | ENDS[of]


def test_every_state_has_a_way_to_an_end(of):
    assert reached(ENDS[of], {(b, a) for a, b in edges(of)}) == {"new"} | OPEN[of] | ENDS[of]


def test_every_open_state_has_a_clock_and_somebody_it_waits_on(of):
    for state in OPEN[of]:
        if (of, state) != ("case", "in_mediation"):  # there it is the dispute's clocks
            running = clocks.running(of, state)
            assert running, state
            assert all(clocks.CLOCKS[name].waits_on for name in running), state


def test_what_a_policy_chooses_is_possible_wherever_the_clock_runs(policy):
    steps = steps_of(Case) | steps_of(Dispute)
    for name, rule in clocks.CLOCKS.items():
        for choice in policy.clocks[name].on_expiry:
            assert set(rule.during) <= steps[choice.then].sources, (name, choice.then)


def test_every_cycle_passes_a_counter(of):
    steps = steps_of(MACHINES[of])
    counted = {name for name, step in steps.items() if step.rule.counts}
    free = edges(of, without=counted | ENDLESS.keys())

    assert [edge for edge in free if edge[0] in reached({edge[1]}, free)] == []


def test_every_counter_is_bounded():
    steps = steps_of(Case) | steps_of(Dispute)

    assert {step.rule.counts for step in steps.values()} - {""} == BOUNDS.keys()
    assert ENDLESS.keys() <= steps.keys()


@pytest.mark.parametrize("name", PRESETS)
def test_a_case_is_in_mediation_at_most_twice(name):
    assert situations.policy(name).limits.mediation_rounds <= 2


# Cases in memory

OPTIONAL = {"aftercare", "docket_wait"}  # clocks that may end while their state goes on

WAITS_ON_THE_PLATFORM = {"queued", "in_review", "awaiting_approval", "appealed"}


class Walk:
    """Every kind of situation, breadth first: what leads where, and what only clocks lead to."""

    def __init__(self, policy, most):
        self.cases, self.leads, self.lapses = {}, defaultdict(set), defaultdict(set)
        self.names = defaultdict(set)  # step or clock → the states it was seen in
        waiting = deque([self._meet(situations.new_case(policy))[0]])
        while waiting and len(self.leads) < most:
            here = waiting.popleft()
            case = self.cases[here]
            self.leads[here] = set()
            for what, move in situations.moves(case):
                then = situations.after(case, move)
                if then is None:
                    continue
                there, is_new = self._meet(then)
                self.leads[here].add(there)
                self.names[what.split()[0]].add(str(case.state))
                if " by " not in what:
                    self.lapses[here].add(there)
                if is_new:
                    waiting.append(there)
        self.unseen = set(waiting)  # met, and not walked on from

    def _meet(self, case):
        key = situations.key(case)
        is_new = key not in self.cases
        if is_new:
            self.cases[key] = case
            check(case)
        return key, is_new


def check(case):
    """See that a situation is sound."""
    facts = case.facts
    assert clocks_there(facts) == clocks_due(facts) | clocks_kept(facts)
    if case.state in lifecycle.OPEN:
        assert case.held or any(clock.due_at is not None for clock in facts.clocks)
        assert waited_for(case), (case.state, facts.dispute and facts.dispute.state)
    is_live = facts.dispute is not None and facts.dispute.state in dispute.LIVE
    assert is_live == (case.state == "in_mediation")
    check_money(case)


def clocks_there(facts):
    return {(clock.name, clock.party, clock.due_at is not None) for clock in facts.clocks}


def clocks_due(facts):
    """Say which clocks must run or stand still, by the states alone."""
    case = facts.case
    states = {"case": case.state, "dispute": facts.dispute.state if facts.dispute else "new"}
    found = set()
    for name, rule in clocks.CLOCKS.items():
        state = states[rule.of]
        kept = state in rule.stands_still and (rule.of, state) != ("case", "in_mediation")
        early = state in {s for states in rule.counts_from.values() for s in states}
        may_be_missing = early or name in OPTIONAL
        there = {clock.name for clock in facts.clocks}
        if (state in rule.during or kept or early) and (not may_be_missing or name in there):
            parties = facts.dispute.waiting if rule.per_side else [""]
            if rule.waits_on == "answerer":
                parties = ["seller" if facts.offer.side == "buyer" else "buyer"]
            runs = (early or state in rule.during) and not case.held
            found |= {(name, party, runs) for party in parties}
    return found


def clocks_kept(facts):
    """Say which clocks stand still for `hand_back`, if there are any."""
    case = facts.case
    if case.state != "in_mediation":
        return set()
    rules = [rule for rule in clocks.CLOCKS.values() if rule.of == "case"]
    ran = {r.name for r in rules if case.back_to in {*r.during, *sum(r.counts_from.values(), ())}}
    return {(name, "", False) for name in ran} & clocks_there(facts)


def waited_for(case):
    """Say whether what an open case waits for is there."""
    facts = case.facts
    ruling = facts.ruling and facts.ruling.state
    if case.state == "in_mediation":
        return {
            "queued": facts.docket.waiting,
            "appealed": facts.docket.waiting and facts.docket.senior,
            "in_review": facts.docket.holder,
            "gathering": facts.dispute.waiting,
            "proposed": facts.dispute.waiting and facts.proposal,
            "awaiting_approval": ruling == "draft",
            "ruled": facts.dispute.waiting and ruling == "live",
        }[str(facts.dispute.state)]
    return {
        "negotiating": facts.offer,
        "return_in_transit": facts.parcel("return"),
        "replacement_in_transit": facts.parcel(OWED.get(case.remedy, "")),
        "refunding": facts.refund,
    }.get(str(case.state), True)


def check_money(case):
    facts = case.facts
    [line], [payment], [item] = facts.lines.values(), facts.payments, facts.items or [None]
    if item is None:
        return
    paid_out = line.refunded + facts.order.freight_refunded
    on_its_way = facts.refund.amount if facts.refund and facts.refund.kind == "refund" else 0
    assert line.reserved + line.refunded + line.outside <= line.paid
    assert min(line.claimed, line.reserved, line.refunded, line.outside) >= 0
    assert (line.claimed, line.reserved) == (item.claims * item.quantity, item.agreed)
    assert facts.order.freight_reserved == case.freight
    assert facts.order.freight_refunded == case.freight_refunded <= situations.FREIGHT
    assert payment.given_back == paid_out + on_its_way <= payment.amount
    if on_its_way:
        assert on_its_way == line.reserved + case.freight
    if case.state in lifecycle.ENDED:
        assert (line.reserved, case.freight) == (0, 0)
        assert line.claimed == (item.claims and item.refunded > 0)
    else:
        assert item.claims


@pytest.fixture(scope="module")
def walk():
    return Walk(situations.policy("default"), most=size(1_200, 20_000))


def test_from_every_situation_an_end_is_reached(walk):
    ended = {key for key, case in walk.cases.items() if situations.has_ended(case)}
    back = {(there, here) for here, all_there in walk.leads.items() for there in all_there}

    stuck = walk.cases.keys() - reached(ended | walk.unseen, back)
    assert [str(key) for key in stuck] == []


def test_if_nobody_acts_a_case_ends_or_waits_for_the_platform_or_the_gateway(walk):
    def rests(case):
        facts = case.facts
        at_work = facts.dispute is not None and facts.dispute.state in WAITS_ON_THE_PLATFORM
        in_mediation = case.state == "in_mediation" and at_work
        return situations.has_ended(case) or in_mediation or case.state == "refunding" or case.held

    resting = {key for key, case in walk.cases.items() if rests(case)}
    back = {(there, here) for here, all_there in walk.lapses.items() for there in all_there}

    restless = walk.cases.keys() - reached(resting | walk.unseen, back) - {start(walk)}
    assert [str(key) for key in restless] == []


def start(walk):
    return next(key for key, case in walk.cases.items() if case.state == "new")


def test_the_walk_has_seen_every_state(walk):
    states = {str(case.state) for case in walk.cases.values()}
    dispute_states = {str(c.facts.dispute.state) for c in walk.cases.values() if c.facts.dispute}

    assert states == {"new"} | OPEN["case"] | ENDS["case"]
    assert dispute_states == OPEN["dispute"] | ENDS["dispute"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_sound(name):
    assert Walk(situations.policy(name), most=size(30, 1_500)).leads
