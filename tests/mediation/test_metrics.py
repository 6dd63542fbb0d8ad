"""Figures for whoever watches: each one moves when the thing that it counts happens."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from cases.models import Clock, Docket, Refund
from mediation import metrics, steps
from mediation.models import Effect
from tests import world
from tests.world import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def found():
    """A case of this moment: nothing is due, nothing late."""
    moment = steps.database_clock()
    bought = world.order(world.marketplace(), delivered=moment - timedelta(days=1))
    return world.open_case(bought, when=moment, remedy="refund_only")


def figures():
    return {(g.name, *g.labels.values()): g.value for g in metrics.work()}


def ago(**length):
    return steps.database_clock() - timedelta(**length)


def test_at_rest_nothing_is_late(found):
    Effect.objects.update(done_at=ago(seconds=0))

    assert {name: value for name, value in figures().items() if value} == {}
    assert len(figures()) == 12


def test_a_clock_that_nobody_has_seen_to_lags_and_is_overdue(found):
    Clock.objects.update(next_at=ago(minutes=3))

    assert 180 <= figures()["mediation_clock_lag_seconds",] < 200
    assert figures()["mediation_clocks_overdue", "seller_response"] == 1


def test_a_test_clock_is_nobody_s_business(found):
    Clock.objects.update(next_at=ago(minutes=3), clock_id=uuid4())
    Effect.objects.update(due_at=ago(minutes=3), clock_id=uuid4())

    assert set(figures().values()) == {0}


def test_a_parked_clock_is_counted(found):
    Clock.objects.update(parked=1)

    assert figures()["mediation_clocks_parked",] == 1


def test_the_oldest_effect_that_is_due_tells_its_age(found):
    Effect.objects.update(due_at=ago(seconds=90))

    assert 90 <= figures()["mediation_oldest_due_seconds", "effects"] < 110


def test_a_dead_letter_is_counted_until_somebody_puts_it_aside(found):
    Effect.objects.update(dead_at=day(0))
    assert figures()["mediation_dead_letters", "effects"] == 1

    Effect.objects.update(discarded_at=day(0))
    assert figures()["mediation_dead_letters", "effects"] == 0


def test_a_refund_is_stuck_after_a_quarter_of_an_hour(found):
    world.do(found, "approve", "seller", when=ago(seconds=0))
    assert figures()["mediation_refunds_stuck",] == 0

    Refund.objects.update(decided_at=ago(minutes=16))
    assert figures()["mediation_refunds_stuck",] == 1

    Refund.objects.update(state="by_hand")
    assert figures()["mediation_refunds_stuck",] == 0


def test_what_the_supervisor_must_look_at_is_counted(found):
    Clock.objects.update(next_at=ago(seconds=0), due_at=ago(seconds=0))
    steps.lapse()
    assert figures()["mediation_disputes_overdue",] == 0

    Docket.objects.update(supervisor=True)
    assert figures()["mediation_disputes_overdue",] == 1


def test_the_figures_are_published_also_without_a_broker(found, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    Clock.objects.update(parked=1)

    text = Client().get("/metrics").content.decode()

    assert "mediation_clocks_parked 1.0" in text.splitlines()


def test_no_figure_reads_a_whole_table_of_clocks_or_queues(found):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + metrics.FIGURES_SQL)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    for table in ("cases_clock", "mediation_effect", "notifications_letter", "cases_refund"):
        assert f"Seq Scan on {table}" not in plan
