"""Many at once, over real connections: one wins, the others hear why not, nothing is doubled."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from cases.models import Application, Case, Event, OrderLine
from mediation.idempotency import Key
from mediation.models import Effect, StoredAnswer
from tests.api import callers
from tests.api.callers import Caller, application, buyer, order, seller
from tests.api.problems import problem

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 50
CONNECTIONS = 16  # the server has a hundred for everybody


def at_once(call, arguments):
    """Call with each argument, as many at a time as there are connections."""
    gate = threading.Barrier(CONNECTIONS)

    def run(number, argument):
        if number < CONNECTIONS:
            gate.wait()
        try:
            return call(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return list(pool.map(run, range(len(arguments)), arguments))


@pytest.mark.parametrize("pieces", [1, 2])
def test_fifty_applications_for_the_same_pieces_leave_as_many_cases_as_there_are_pieces(pieces):
    bought = order(quantity=pieces)
    body = application(bought, items=[{"line": "0", "quantity": 1}])
    people = [Caller(bought.marketplace, "service", person=f"p-{n}") for n in range(TIMES)]

    answers = at_once(lambda caller: caller.post("cases", body), people)

    codes = Counter(a.status_code if a.status_code == 201 else problem(a) for a in answers)
    assert codes == {201: pieces, (409, "QUANTITY_TAKEN"): TIMES - pieces}
    assert Case.everywhere.count() == Application.objects.count() == pieces
    assert OrderLine.objects.get().claimed == pieces


def test_the_same_key_fifty_times_at_once_has_one_effect():
    bought = order()
    bea, body = buyer(bought), application(bought)

    answers = at_once(lambda _: bea.post("cases", body, key="k1"), range(TIMES))

    made = [answer for answer in answers if answer.status_code == 201]
    others = {problem(answer) for answer in answers if answer.status_code != 201}
    assert others <= {(409, "IN_FLIGHT")}
    assert len({answer.json()["id"] for answer in made}) == 1
    assert Case.everywhere.count() == StoredAnswer.objects.count() == 1
    assert Event.objects.count() == Effect.objects.count() == 1


def test_a_key_that_is_being_worked_on_is_told_so_at_once():
    bought = order()
    bea, body = buyer(bought), application(bought)
    caller = f"{bought.marketplace_id}:buyer:{bought.buyer_id}:buyer-1"
    key = Key(caller=caller, route="POST /api/v1/cases", key="k1", fingerprint="")

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key.lock])
        [answer] = at_once_one(lambda: bea.post("cases", body, key="k1"))

    assert problem(answer) == (409, "IN_FLIGHT")
    assert (answer["Retry-After"], answer.json()["retryable"]) == ("1", True)
    assert Case.everywhere.count() == 0
    assert bea.post("cases", body, key="k1").status_code == 201


def at_once_one(call):
    """Call in a thread with a connection of its own."""

    def run():
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return [pool.submit(run).result()]


def test_two_steps_with_the_same_version_do_not_both_count():
    """Hold the case, let both wait, let go: the second finds that the version has moved on."""
    bought = order()
    case, sam = callers.opened(bought), seller(bought)
    no = {"reason": "outside_window", "statement": "No."}
    steps = [lambda: sam.step(case, "approve"), lambda: sam.step(case, "refuse", **no)]

    def run(call):
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            list(Case.everywhere.select_for_update())
            waiting = [pool.submit(run, step) for step in steps]
            wait_for_locks(2)
        answers = sorted((each.result() for each in waiting), key=lambda a: a.status_code)

    assert [answer.status_code for answer in answers] == [200, 412]
    assert problem(answers[1]) == (412, "STALE_VERSION")
    assert Event.objects.filter(name__in=["approve", "refuse"]).count() == 1


def wait_for_locks(number):
    """Wait until so many connections wait for a lock."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    for _ in range(1_000):
        with connection.cursor() as cursor:
            cursor.execute(sql, [connection.settings_dict["NAME"]])
            if cursor.fetchone()[0] >= number:
                return
            cursor.execute("SELECT pg_sleep(0.01), pg_stat_clear_snapshot()")
    raise AssertionError("nobody waits")
