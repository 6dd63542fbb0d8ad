"""What the benchmark is compared with does the same job: it leaves the same rows."""

from datetime import timedelta

import pytest

from benchmarks import fill
from benchmarks.opened import WORDS
from benchmarks.peers import schedulers
from benchmarks.sql_limit import lapse_in_sql
from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Marketplace, Order, OrderLine
from cases.models.policy import publish
from mediation.invariants import check
from mediation.models import Effect
from mediation.steps import Wish, lapse, take
from tests.benchmarks.snapshot import empty, snapshot
from tests.world import actor, at, day

pytestmark = pytest.mark.django_db

N = 12  # cases, a third of a second apart: moments with and without microseconds
STEP = timedelta(microseconds=333_333) * 3
FEW = 4


@pytest.fixture(autouse=True)
def an_empty_database():
    empty()


def test_one_sql_statement_leaves_the_rows_of_the_writer():
    fill.fill(N, first_due=day(2), step=STEP)
    assert lapse(clock=at(day(3))) == N
    written = snapshot()
    empty()

    fill.fill(N, first_due=day(2), step=STEP)
    assert lapse_in_sql(clock=at(day(3))) == N

    assert snapshot() == written


def test_the_task_of_a_peer_leaves_the_rows_of_a_run_over_many_cases():
    fill.fill(FEW, first_due=day(2), step=STEP)
    for case in Case.everywhere.order_by("opened_at"):
        schedulers.expire(str(case.id), clock=at(day(3)))
    one_by_one = snapshot()
    empty()

    fill.fill(FEW, first_due=day(2), step=STEP)
    assert lapse(clock=at(day(3))) == FEW

    assert snapshot() == one_by_one


def test_one_sql_statement_leaves_alone_what_is_not_due():
    fill.fill(FEW, first_due=day(365 * 100))
    before = snapshot()

    assert lapse_in_sql(clock=at(day(3))) == 0
    assert snapshot() == before


def test_filled_cases_have_the_rows_that_the_writer_leaves():
    fill.fill(FEW, first_due=day(2), step=STEP)
    filled, bought = snapshot(), remember()
    empty()

    for kwargs in bought:
        open_again(**kwargs)
    Effect.objects.update(attempts=1, done_at=day(0))
    for effect in Effect.objects.all():
        Effect.objects.filter(pk=effect.pk).update(done_at=effect.due_at)

    assert snapshot() == filled


def test_what_was_only_bought_can_still_be_applied_for():
    [(ref, _buyer)] = fill.buy(1, at=day(0))
    order = Order.everywhere.get(ref=ref)

    open_it(order, new_id(day(0)), "late", by=Actor(role="buyer", party_id=order.buyer_id))

    assert check(at=day(0)) == {}


def test_what_must_always_be_true_is_true_before_and_after():
    fill.fill(N, first_due=day(2), step=STEP)
    assert check(at=day(2)) == {}

    assert lapse_in_sql(clock=at(day(3))) == N

    assert check(at=day(3)) == {}


def remember():
    """Tell what was bought and asked for, so that it can be opened again."""
    return [
        {
            "case": case,
            "market": case.marketplace,
            "parties": [case.buyer, case.seller],
            "order": case.order,
            "rows": [*case.order.lines.all(), *case.order.payments.all()],
        }
        for case in Case.everywhere.order_by("opened_at")
    ]


def open_again(*, case, market, parties, order, rows):
    """Buy the same again and open the case through the writer."""
    if not Marketplace.objects.exists():
        publish(fill.POLICY, effective_from=fill.LONG_AGO, at=fill.LONG_AGO)
        save(market)
    for row in (*parties, order, *rows):
        save(row)
    OrderLine.objects.filter(order=order).update(claimed=0, applications=0)
    open_it(order, case.id, case.reason, by=actor(case, "buyer"), moment=case.opened_at)


def open_it(order, case_id, reason, *, by, moment=day(0)):
    """Open a case about all of an order."""
    [line] = OrderLine.objects.filter(order=order)
    inputs = {
        "reason": reason,
        "remedy": "return_refund",
        "items": [{"line": line.id, "quantity": 1, "amount": None}],
        "statement": WORDS,
    }
    wish = Wish(case_id=case_id, order_id=order.id, step="open", by=by, inputs=inputs)
    [answer] = take([wish], clock=at(moment))
    assert answer.case.state == "awaiting_seller"


def save(row):
    """Insert a row that was read before; a shop that several cases share only once."""
    if not type(row)._base_manager.filter(pk=row.pk).exists():
        row._state.adding = True
        row.save(force_insert=True)
