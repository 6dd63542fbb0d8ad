"""The API does what its description says, and nothing else: schemathesis asks, and judges.

Each operation is asked for as it should be, by whoever may; then with all that its description
allows and forbids, by everybody: both sides, strangers, another marketplace, nobody at all.
"""

import json
from copy import copy

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from cases.actions import STEPS
from cases.actors import SPEAKS_FOR
from cases.inputs import FOR
from tests.api.callers import Caller
from tests.api.conftest import clocks
from tests.api.contract import (
    AS_DESCRIBED,
    GUARDED,
    asked,
    at_the_edges,
    few,
    judges,
    made_real,
    made_up,
    operations,
    request,
)
from tests.api.problems import problem
from tests.api.schema import addresses
from tests.api.test_actions import PLACES
from tests.api.town import LOOKS, ROLES, Errand, Town
from tests.sizes import SOAK, size

PARTS = size(4, 12)  # side by side
# Of what others have.
OWNED = {"case_id", "complaint_id", "penalty_id", "parcel_id", "endpoint_id", "recovery_id"}


pytestmark = pytest.mark.django_db


def as_long_as_it_is_quick(fixture_name, config):
    """Build anew after very many requests: what they leave until the rollback slows down all."""
    return "function" if SOAK else "module"


@pytest.fixture(scope=as_long_as_it_is_quick)
def town(django_db_setup, django_db_blocker):
    """One town for all tests here; none leaves a trace in it."""
    undone = transaction.atomic()
    undone._from_testcase = True  # durable blocks may be inside
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, undone:
        yield Town(clocks(patch))
        transaction.set_rollback(True)


def test_every_operation_is_answered_well_to_who_may_and_shows_what_there_is(town):
    wrong, unanswered, empty = [], {}, []
    for name, operation in operations().items():
        errand = town.errands[name]
        town.stand_at(errand.at)
        answer, why = asked(request(operation, errand), errand.caller, GUARDED)
        wrong += [f"{name}: {why}"] if why else []
        if answer.status_code // 100 != 2:
            unanswered[name] = f"{answer.status_code} {answer.text[:300]}"
        elif b'"results":[]' in answer.content:
            empty.append(name)

    assert not wrong, "\n\n".join(wrong)
    assert (unanswered, empty) == ({}, [])  # of all operations; nine of ten would be enough


@pytest.mark.parametrize("look", LOOKS)
def test_a_case_is_shown_as_described_wherever_it_stands(look, town):
    wrong = []
    for number, place in enumerate(PLACES):
        looks = town.looks[place]
        for errand in looks if SOAK else [looks[number % len(looks)]]:
            town.stand_at(errand.at)
            answer, why = asked(request(operations()[look], errand), errand.caller, AS_DESCRIBED)
            wrong += [f"{place.__name__}: {why}"] if why else []
            assert answer.status_code == 200 or answer.json()["code"] == "NO_DISPUTE"

    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_asked_for_is_answered_as_described(part, town):
    wrong = []
    for name in sorted(operations())[part::PARTS]:
        operation, errand = operations()[name], town.errands[name]
        people = [errand.caller, *strangers(town, errand)]
        cases = [
            *few(at_the_edges(operation), size(3, 100)),
            *made_up(operation, size(4, 60)),
        ]
        for number, case in enumerate(cases):
            caller = people[number % len(people)]
            if real := bool(number % 3):  # it speaks of what there is
                made_real(case, errand)
            town.stand_at(errand.at)
            judged = judges(case, stranger=caller is not errand.caller, real=real)
            answer, why = asked(case, caller, judged)
            if real and OWNED & case.path_parameters.keys() and caller is not errand.caller:
                why = why or (answer.status_code < 400 and "a stranger was let in")
            wrong += [f"{name}: {why}"] if why else []

    assert not wrong, f"{len(wrong)} answers\n\n" + "\n\n".join(wrong)


def strangers(town, errand):
    """Give those who have no business there: in the same marketplace, in another, and nobody."""
    return [] if errand.caller is None else [*town.neighbours, *town.foreigners, None]


def sent(town, operation, errand, client):
    """Send an errand with a client of whoever it is."""
    method, path, _ = addresses()[operation]
    town.stand_at(errand.at)
    body = {} if errand.body is None else errand.body
    address = path.format_map(errand.path) + "?dry_run=true" * (operation in FOR)
    return client.generic(
        method.upper(), address, json.dumps(body), "application/json", headers=errand.headers
    )


def impostor(shop):
    """Sign as a marketplace, with another key."""
    found = copy(shop)
    found.secret = "x" * 32
    return found


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (lambda _shop: "", "NOT_AUTHENTICATED"),
        (lambda shop: Caller(shop, "service", now=0, seconds=60).token, "TOKEN_EXPIRED"),
        (lambda shop: Caller(impostor(shop), "service").token, "TOKEN_INVALID"),
        (lambda shop: Caller(shop, "mediator").token, "TOKEN_INVALID"),
    ],
    ids=["none", "expired", "forged", "no role of theirs"],
)
def test_no_operation_is_there_without_a_token_that_holds(token, code, town):
    client = APIClient()
    if text := token(town.bought.marketplace):
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    asked_for = [name for name, (*_, by_token) in addresses().items() if by_token]

    answers = {
        name: sent(town, name, Errand(path=town.errands[name].path), client) for name in asked_for
    }

    assert {name: problem(answer) for name, answer in answers.items()} == dict.fromkeys(
        asked_for, (401, code)
    )
    assert addresses().keys() - set(asked_for) == {"gateway_event", "read_file"}


@pytest.mark.parametrize("part", range(4))
def test_a_step_is_for_its_roles_and_no_stranger_knows_the_case(part, town):
    """The case is where the step is possible: only who asks makes the difference."""
    seen, meant = {}, {}
    for step in sorted(FOR.keys() - {"open"})[part::4]:
        errand = town.errands[step]
        for role in ROLES:
            if not {role, *SPEAKS_FOR.get(role, ())} & set(STEPS[step].rule.by):
                client = town.caller(errand.story, role).client
                seen[step, role] = problem(sent(town, step, errand, client))
                meant[step, role] = (403, "NOT_YOUR_STEP")
        for number, caller in enumerate([*town.neighbours, *town.foreigners]):
            seen[step, number] = problem(sent(town, step, errand, caller.client))
            meant[step, number] = (404, "NOT_FOUND")

    assert seen == meant
