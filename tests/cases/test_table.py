"""How the two tables of steps are read."""

import pytest

from cases import clocks
from cases.models import Case, Dispute
from cases.roles import Role
from cases.table import paths, steps_of

CASE, DISPUTE = steps_of(Case), steps_of(Dispute)


def test_a_step_that_stays_leads_from_each_start_to_itself():
    assert CASE["counter_offer"].edges == {
        ("negotiating", "negotiating"),
        ("in_mediation", "in_mediation"),
    }


def test_a_step_may_lead_elsewhere_from_each_start():
    assert CASE["offer"].edges == {
        ("awaiting_seller", "negotiating"),
        ("in_mediation", "in_mediation"),
    }


def test_a_step_that_ends_or_stays_never_jumps():
    assert CASE["record_outside_refund"].edges == {
        (state, target)
        for state in CASE["record_outside_refund"].sources
        for target in (state, "closed")
    }


def test_a_run_may_take_a_step_after_a_clock():
    assert ("negotiating", "refused") in paths(Case)  # the offer lapsed; then the seller refused


def test_no_run_leads_back_from_an_end_but_by_the_doors_of_the_table():
    assert {pair for pair in paths(Case) if pair[0] in {"completed", "closed"}} == {
        ("closed", "awaiting_seller"),
        ("closed", "in_mediation"),
        ("completed", "in_mediation"),
    }


@pytest.mark.parametrize("machine", [Case, Dispute])
def test_every_step_says_what_happens_and_who_takes_it(machine):
    for name, step in steps_of(machine).items():
        assert step.doc, name
        assert set(step.rule.by) <= set(Role), name


def test_steps_clocks_and_states_that_are_named_exist():
    steps = CASE | DISPUTE
    states = {
        "case": {state for step in CASE.values() for edge in step.edges for state in edge},
        "dispute": {state for step in DISPUTE.values() for edge in step.edges for state in edge},
    }
    for rule in clocks.CLOCKS.values():
        assert {*rule.during, *rule.stands_still} <= states[rule.of]
        assert {*rule.then, *rule.answered_by} <= steps.keys()
        for name in rule.then:
            assert Role.CLOCK in steps[name].rule.by, name
    for step in steps.values():
        assert set(step.rule.restarts) <= clocks.CLOCKS.keys()
        assert set(step.rule.also.values()) <= steps.keys()
        assert set(step.rule.also) <= {target for _, target in step.edges}


def test_no_name_stands_in_both_tables():
    assert CASE.keys().isdisjoint(DISPUTE)


def test_what_goes_along_is_taken_by_the_other_machine_alone():
    along = {name for step in (CASE | DISPUTE).values() for name in step.rule.also.values()}

    assert {name: (CASE | DISPUTE)[name].rule.by for name in along} == {
        "open_dispute": (Role.CASE,),
        "settle": (Role.CASE,),
        "withdraw_dispute": (Role.CASE,),
        "enforce": (Role.DISPUTE,),
    }
