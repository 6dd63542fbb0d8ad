"""While clocks fall due: workers are killed, the broker forgets and goes away, beat starts anew.

Each clock runs out once, in time, and no effect is lost. Small in `make test`, 2,000 clocks and
30 s without a broker in `make soak`.
"""

import time
from contextlib import ExitStack
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection

from cases.models import Case, Event, Refund
from cases.models.policy import publish
from mediation import effects, steps
from mediation.gateways import sandbox
from mediation.gateways.models import SandboxRefund
from mediation.invariants import check
from mediation.models import Effect
from notifications.models import Contact, Letter
from tests import workers, world
from tests.sizes import size
from tests.workers import kill, until
from tests.world import at

pytestmark = pytest.mark.django_db(transaction=True)

CLOCKS = size(200, 2_000)
WINDOW = size(12, 60)  # seconds in which they fall due
WITHOUT_BROKER = size(3, 30)  # seconds
LATEST = 30  # seconds after its end, on a machine with far too much to do
LEASE = timedelta(minutes=11)  # after which what a killed worker had begun is tried again

POLICY = """
    name = "unreminded"
    title = {en = "Without reminders", zh = "无提醒"}
    inherits = "default"
    [clocks]
    seller_response = {length = "48h", remind = []}
    inspection = {length = "10d", remind = []}
"""


@pytest.fixture
def market():
    publish(POLICY, effective_from=world.day(-365), at=world.day(-365))
    found = world.marketplace()
    found.policy_name = "unreminded"
    found.save()
    sandbox.tell(found, **{"ok": 7, "timeout": 1, "twice": 1, "fail ok": 1})
    return found


def in_batches(wishes, moment):
    for start in range(0, len(wishes), 100):
        for answer in steps.take(wishes[start : start + 100], clock=at(moment)):
            assert not isinstance(answer, Exception), answer


def bought(market, moment):
    return world.order(market, delivered=moment - timedelta(days=1))


def silent_sellers(market, n, moment):
    in_batches([world.opening(bought(market, moment)) for _ in range(n)], moment)


def returns_under_inspection(market, n, moment):
    orders = [bought(market, moment) for _ in range(n)]
    opened = [world.opening(order) for order in orders]
    in_batches(opened, moment)
    numbers = count(1)
    for step, role in (("approve", "seller"), ("ship_return", "buyer"), ("return_delivered", None)):
        in_batches(
            [
                steps.Wish(
                    case_id=wish.case_id,
                    step=step,
                    by=world.actor(order, role or "carrier"),
                    inputs={"carrier": "sf", "tracking_no": f"SF{next(numbers)}"}
                    if step == "ship_return"
                    else {},
                )
                for wish, order in zip(opened, orders, strict=True)
            ],
            moment,
        )


def fall_due_from_now_on():
    """Move the ends of all clocks to the seconds to come, evenly; give their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE cases_clock AS clock
            SET started_at = started_at + moved, due_at = due_at + moved, next_at = due_at + moved
            FROM (
                SELECT id, clock_timestamp() + interval '2 s' - due_at
                    + interval '1 s' * %s * (row_number() OVER (ORDER BY id)) / count(*) OVER ()
                FROM cases_clock
            ) AS ends(id, moved)
            WHERE clock.id = ends.id RETURNING clock.id
            """,
            [WINDOW],
        )
        return {row[0] for row in cursor.fetchall()}


def reachable(case):
    for party in (case.buyer_id, case.seller_id):
        Contact.objects.create(
            recipient_id=party,
            marketplace_id=case.marketplace_id,
            channel="email",
            address=f"{party.hex[:8]}@example.com",
        )


class Crew:
    """Two workers for deadlines, two for effects, one for letters, and beat."""

    def __init__(self, stack, redis_url, log):
        self.stack, self.env, self.log = stack, {"REDIS_URL": redis_url}, log
        self.names = count(1)
        self.deadlines = [self.worker("deadlines"), self.worker("deadlines")]
        self.effects = [self.worker("effects"), self.worker("effects")]
        self.letters = self.worker("letters")
        self.beat = self.new_beat()

    def worker(self, queue):
        name = f"{queue}-{next(self.names)}"
        return self.stack.enter_context(workers.worker(queue, name=name, log=self.log, **self.env))

    def new_beat(self):
        schedule = f"{self.log.name}.beat-{next(self.names)}"
        options = ("--pidfile=", "--schedule", schedule, "--loglevel", "WARNING")
        return self.stack.enter_context(workers.program("beat", *options, log=self.log, **self.env))


def a_command_takes(market):
    """Open a case and say how many seconds that took."""
    started = time.monotonic()
    moment = steps.database_clock()
    world.open_case(bought(market, moment), when=moment)
    return time.monotonic() - started


def test_each_clock_runs_out_once_and_no_effect_is_lost(market, tmp_path):
    moment = steps.database_clock()
    with workers.broker() as broker, ExitStack() as stack, (tmp_path / "log").open("w") as log:
        silent_sellers(market, CLOCKS // 2, moment)
        returns_under_inspection(market, CLOCKS - CLOCKS // 2, moment)
        for case in Case.everywhere.order_by("id")[:: CLOCKS // 10]:
            reachable(case)
        crew = Crew(stack, broker.url, log)
        until(lambda: broker.listeners() == 5, seconds=60)
        ids = fall_due_from_now_on()
        assert len(ids) == CLOCKS

        time.sleep(2 + WINDOW / 6)
        kill(crew.deadlines[0])
        kill(crew.effects[0])
        time.sleep(WINDOW / 6)
        broker.forget_everything()
        crew.worker("effects")
        time.sleep(WINDOW / 6)
        broker.stop()
        slowest = max(a_command_takes(market) for _ in range(3))
        time.sleep(WITHOUT_BROKER)
        broker.start()
        crew.beat.terminate()
        crew.beat.wait(10)
        crew.new_beat()

        until(lambda: fired(ids) == CLOCKS, seconds=WINDOW + 60)
        until(nothing_is_due, seconds=size(60, 300))
    finish_what_the_dead_had_begun()

    assert slowest < 3  # the broker was down; commands did not wait for it
    assert fired(ids) == CLOCKS
    assert worst_lag(ids) < LATEST
    assert Event.objects.filter(clock__in=ids).count() == CLOCKS
    assert Effect.objects.filter(done_at=None).count() == 0
    assert states() == {
        "in_mediation": CLOCKS // 2,
        "completed": CLOCKS - CLOCKS // 2,
        "awaiting_seller": 3,  # opened while the broker was down
    }
    assert Refund.objects.filter(state="succeeded").count() == CLOCKS - CLOCKS // 2
    assert list(SandboxRefund.objects.exclude(paid=1)) == []
    assert SandboxRefund.objects.count() == CLOCKS - CLOCKS // 2
    assert Letter.objects.filter(template="open.buyer").count() == 10
    assert check(steps.database_clock() + LEASE) == {}


def fired(ids):
    return Event.objects.filter(clock__in=ids).count()


def worst_lag(ids):
    events = Event.objects.filter(clock__in=ids).values_list("at", "due_at")
    lags = [(recorded - due).total_seconds() for recorded, due in events]
    assert min(lags) >= 0  # none came early
    return max(lags)


def nothing_is_due():
    return not Effect.objects.due(steps.database_clock()).exists()


def finish_what_the_dead_had_begun():
    """It is booked for later: nobody touches it while its lease runs."""
    for _attempt in range(10):
        left = Effect.objects.filter(done_at=None, dead_at=None).order_by("due_at")
        if left:
            effects.run(clock=at(left.last().due_at), limit=1_000)


def states():
    found = {}
    for state in Case.everywhere.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
