"""The graph of a complaint, explored: first as its table publishes it, then in memory."""

from collections import deque
from copy import copy, deepcopy
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.actors import CLOCK, Actor
from cases.complaint_actions import STEPS
from cases.complaint_terms import OVER, TERMS, ComplaintState
from cases.conduct import restrictions_of
from cases.models import Complaint
from cases.policies import load
from cases.refusals import Refused
from mediation.changes import Changes
from mediation.complaints import stepping
from mediation.complaints.facts import Facts
from tests.cases.test_exploration import reached
from tests.world import day

OPEN = {str(s) for s in ComplaintState if s not in {"new", *OVER}}
ENDS = {str(s) for s in OVER}
ENDLESS = {"to_supervisor"}  # rings each working day until somebody decides
MARKET, REPORTER, ACCUSED = (UUID(int=n) for n in (1, 2, 3))
PEOPLE = {
    "buyer": Actor(role="buyer", marketplace_id=MARKET, party_id=ACCUSED, person="b"),
    "seller": Actor(role="seller", marketplace_id=MARKET, party_id=REPORTER, person="s"),
    "service": Actor(role="service", marketplace_id=MARKET, person="m"),
    "mia": Actor(role="mediator", person="1"),
    "max": Actor(role="mediator", person="2"),
    "sue": Actor(role="senior", person="3"),
    "sam": Actor(role="senior", person="4"),
    "sol": Actor(role="supervisor", person="5"),
    "clock": CLOCK,
}
MOST = 4_000


def edges(*, without=()):
    return {edge for step in STEPS.values() if step.name not in without for edge in step.edges}


def test_every_state_is_reached_and_has_a_way_to_an_end():
    everything = {"new"} | OPEN | ENDS
    assert reached({"new"}, edges()) == everything
    assert reached(ENDS, {(b, a) for a, b in edges()}) == everything


def test_every_open_state_has_its_clock_and_no_other_has_one():
    assert {str(state) for state in TERMS} == OPEN


def test_every_cycle_passes_a_counter():
    counted = {step.name for step in STEPS.values() if step.rule.counts}
    free = edges(without=counted | ENDLESS)

    assert [edge for edge in free if edge[0] in reached({edge[1]}, free)] == []


# In memory


def fresh():
    found = Complaint.fresh(
        id=UUID(int=9),
        marketplace_id=MARKET,
        policy_id=UUID(int=8),
        reporter_id=REPORTER,
        reporter_role="seller",
        accused_id=ACCUSED,
        accused_role="buyer",
        ground="malicious_refund",
        opened_at=day(0),
    )
    found.facts = Facts(found, load("default"), Changes(at=day(0)))
    return found


def again(found, at):
    """Copy a complaint with its facts, as it were read afresh at a moment."""
    other = copy(found)
    other._state = copy(found._state)
    other.excluded = list(found.excluded)
    other.facts = Facts(other, found.facts.policy, Changes(at=at))
    other.facts.penalties = [deepcopy(row) for row in found.facts.penalties]
    return other


INPUTS = {
    "claim": lambda at: {"until": at + timedelta(minutes=30)},
    "uphold": lambda _at: {"restrictions": ["notice"]},
}


def take(found, name, by):
    at = found.facts.at
    inputs = INPUTS.get(name, lambda _at: {})(at)
    worded = {*STEPS} - {"withdraw", "claim", "release", "close_hearing", "finalize"}
    if name in worded - {"to_supervisor"}:
        inputs["statement"] = "Words."
    return stepping.move(found, name, PEOPLE[by], inputs, fired=by == "clock")


def key(found):
    holder = found.holder if found.state in {"in_review", "appealed"} else ""
    live = sum(row.in_force(found.facts.at) for row in found.facts.penalties)
    return (
        str(found.state),
        found.verdict,
        found.instance,
        found.hearings,
        min(found.claims, 2),
        holder,
        tuple(found.excluded),
        live > 0,
    )


def moves(found):
    """Try everything that anybody may wish, and the end of the clock."""
    for name, step in STEPS.items():
        if name == "object":
            continue
        for person, actor in PEOPLE.items():
            if actor.role not in step.rule.by:
                continue
            at = found.due_at if person == "clock" and found.due_at else found.facts.at
            then = again(found, at)
            try:
                take(then, name, person)
            except Refused:
                continue
            yield name, person, then


def check(found):
    state = str(found.state)
    assert (found.due_at is not None) == (state in OPEN)
    assert (found.ended_at is not None) == (state in ENDS)
    assert bool(found.verdict) == (state in {"upheld", "dismissed", "appealed", "final"})
    if found.verdict == "dismissed":
        assert not any(row.in_force(found.facts.at) for row in found.facts.penalties)
    assert len(set(found.excluded)) == len(found.excluded)


def test_from_every_situation_an_end_is_reached_and_everything_is_sound():
    start = fresh()
    take(start, "file", "seller")
    known, leads, waiting = {key(start): start}, {}, deque([start])
    while waiting and len(leads) < MOST:
        here = waiting.popleft()
        leads[key(here)] = set()
        for _name, _person, then in moves(here):
            check(then)
            leads[key(here)].add(key(then))
            if key(then) not in known:
                known[key(then)] = then
                waiting.append(then)

    assert not waiting
    ended = {k for k, found in known.items() if found.state in ENDS}
    back = {(there, here) for here, all_there in leads.items() for there in all_there}
    assert known.keys() - reached(ended, back) == set()
    assert {k[0] for k in known} == OPEN | ENDS


def test_if_nobody_acts_a_complaint_waits_for_us_alone():
    found = fresh()
    take(found, "file", "seller")
    for _ in range(5):
        found = again(found, found.due_at)
        stepping.run_out(found)

    assert (found.state, found.overdue, found.heard) == ("in_review", True, False)


def columns(found):
    return {
        field.attname: getattr(found, field.attname) for field in Complaint._meta.concrete_fields
    }


WISHES = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(sorted(PEOPLE))), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(WISHES)
def test_whatever_is_wished_a_refusal_changes_nothing_and_the_rest_is_sound(wishes):
    found = fresh()
    take(found, "file", "seller")
    for name, person in wishes:
        before, rows = columns(found), deepcopy(found.facts.penalties)
        try:
            take(found, name, person)
        except Refused:
            assert columns(found) == before
            assert [row.lifted_at for row in found.facts.penalties] == [r.lifted_at for r in rows]
        check(found)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_the_mildest_restriction_of_either_side_is_a_notice(side):
    assert restrictions_of(side)[0] == "notice"
