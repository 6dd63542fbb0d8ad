"""Who comes first is decided by the moment after the lock, which is held here on purpose."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from cases.models import Case, Complaint, Event, Refund
from cases.refusals import DeadlinePassed
from mediation import steps
from mediation.complaints import docket as complaints
from mediation.invariants import check
from mediation.models import Effect, Mediator
from tests import complaint_world, world
from tests.desk.staff import hire
from tests.mediation.story import Story, in_mediation, market
from tests.workers import until
from tests.world import at, day

pytestmark = pytest.mark.django_db(transaction=True)

END = day(2)  # of the seller's time
JUST_BEFORE, JUST_AFTER = END - timedelta(seconds=1), END + timedelta(seconds=1)


@pytest.fixture
def found():
    return world.open_case(world.order(world.marketplace()))


@contextmanager
def held(*cases):
    """Hold the locks of cases as another run of the writer would."""
    with transaction.atomic():
        ids = [case.pk for case in cases]
        list(Case.everywhere.filter(pk__in=ids).order_by("pk").select_for_update())
        yield


class Meanwhile(threading.Thread):
    """Does something beside the test, with a connection of its own."""

    def __init__(self, does):
        super().__init__(daemon=True)
        self.does, self.answer = does, None
        self.start()

    def run(self):
        try:
            self.answer = self.does()
        finally:
            connection.close()

    def done(self):
        self.join(20)
        assert not self.is_alive()
        return self.answer


def waiting():
    """How many connections wait for a lock (`pg_stat_activity` stands still in a transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def _nobody_is_left():
    """What a failing test has started must not meet the next one."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, Meanwhile):
            thread.join(20)


def names(found):
    return list(found.events.order_by("sequence").values_list("name", flat=True))


def approve(found, clock, step="approve", **inputs):
    by = world.actor(found, "seller")
    [answer] = steps.take(
        [steps.Wish(case_id=found.pk, step=step, by=by, inputs=inputs)], clock=clock
    )
    return answer


def refuse(found, clock):
    return approve(found, clock, "refuse", reason="facts_differ", statement="It is not so.")


# The seller answers while the clock runs out


def test_an_answer_that_gets_the_lock_in_time_counts_though_the_clock_is_due_when_it_is_told(found):
    """The seller holds the lock at the last second: the clock's run leaves the case alone."""
    seen = []

    def at_the_last_second():
        seen.append(steps.lapse(clock=at(JUST_AFTER)))  # another worker, at this very moment
        return JUST_BEFORE

    answer = approve(found, lambda: Meanwhile(at_the_last_second).done())

    assert seen == [0]  # skipped: the seller holds it
    assert answer.case.state == "awaiting_return"
    assert steps.lapse(clock=at(JUST_AFTER)) == 0
    assert names(found) == ["open", "approve"]


def test_an_answer_that_was_sent_in_time_and_waited_for_the_lock_too_long_is_late(found):
    """The moment is read after the wait, not before it."""
    moments = [JUST_BEFORE]
    with held(found):
        seller = Meanwhile(lambda: approve(found, lambda: moments[-1]))
        until(lambda: waiting() == 1)
        moments.append(JUST_AFTER)

    refused = seller.done()

    assert isinstance(refused, DeadlinePassed)
    assert names(found) == ["open", "escalate"]  # the lapse is committed, by the late command
    assert Event.objects.get(name="escalate").due_at == END


def test_an_answer_that_waited_for_the_clock_s_run_is_late(found):
    """The clock's run holds the lock; the seller waits for it, and sees what it did."""
    sound, sellers = steps.loading.load, []

    def slowly(cases, *args, **kwargs):
        if not sellers:
            sellers.append(Meanwhile(lambda: refuse(found, at(JUST_AFTER))))
            until(lambda: waiting() == 1)
        return sound(cases, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps.loading, "load", slowly)
        assert steps.lapse(clock=at(JUST_AFTER)) == 1

    assert isinstance(sellers[0].done(), DeadlinePassed)
    assert names(found) == ["open", "escalate"]


def test_the_first_moment_after_the_end_is_late_and_the_last_before_it_is_not(found):
    other = world.open_case(world.order(found.marketplace))

    assert isinstance(approve(found, at(END)), DeadlinePassed)  # though it may approve afterwards
    assert approve(other, at(END - timedelta(microseconds=1))).case.state == "awaiting_return"


def test_whose_time_it_was_not_may_still_do_what_is_possible_afterwards(found):
    answer = world.do(found, "withdraw", "buyer", when=JUST_AFTER)

    assert answer.case.state == "closed"
    assert names(found) == ["open", "escalate", "withdraw"]


# Two runs and a command at once


def test_two_runs_and_a_command_at_once_do_each_thing_once(found):
    market = found.marketplace
    cases = [found] + [world.open_case(world.order(market)) for _ in range(5)]
    with held(cases[0]):
        command = Meanwhile(lambda: approve(cases[0], at(JUST_AFTER)))
        until(lambda: waiting() == 1)
        first = Meanwhile(lambda: steps.lapse(clock=at(JUST_AFTER)))
        second = Meanwhile(lambda: steps.lapse(clock=at(JUST_AFTER)))
        ran = first.done() + second.done()  # neither waits for the one that is held
        assert ran == 5
        assert command.is_alive()
    assert isinstance(command.done(), DeadlinePassed)

    assert steps.lapse(clock=at(JUST_AFTER)) == 0
    for case in cases:
        assert names(case) == ["open", "escalate"]
    assert Effect.objects.count() == 2 * len(cases)
    assert check(JUST_AFTER) == {}


def test_a_run_skips_what_another_holds_and_takes_the_rest(found):
    other = world.open_case(world.order(found.marketplace), when=day(0, seconds=1))
    with held(found):
        assert Meanwhile(lambda: steps.lapse(clock=at(JUST_AFTER), limit=1)).done() == 1

    assert (names(found), names(other)) == (["open"], ["open", "escalate"])


def test_a_clock_that_was_ended_while_a_run_waited_does_not_run_out(found):
    """What was due when it was looked up is read again after the lock."""
    sound, moments = steps._claim, []

    def claim(*args):
        claimed = sound(*args)
        if not moments:
            moments.append(1)
            return Case.everywhere.in_bulk([found.pk])  # as it was before the seller's answer
        return claimed

    approve(found, at(day(1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "_claim", claim)
        steps.lapse(clock=at(JUST_AFTER))

    assert names(found) == ["open", "approve"]


# Two cases that are added up


@contextmanager
def once_read(patch, does):
    """Let something else try to happen as soon as the next step has read its facts."""
    sound, begun = steps.loading.load, []

    def load(*args, **kwargs):
        sound(*args, **kwargs)
        if not begun:
            begun.append(Meanwhile(does))
            until(lambda: waiting() == 1 or begun[0].answer is not None)

    patch.setattr(steps.loading, "load", load)
    yield
    begun[0].done()


def test_two_rulings_of_one_order_at_once_see_each_other(monkeypatch):
    """Together they are above the amount of the policy: the later one needs a second mediator."""
    bought = world.order(world.marketplace(), lines=2, paid=150_000)
    one, other = [disputed(bought, line) for line in bought.lines.order_by("ref")]

    with once_read(monkeypatch, lambda: other.asks("mediator", "rule", **half(other))):
        one.mediator("rule", **half(one))

    assert (one.dispute.state, other.dispute.state) == ("ruled", "awaiting_approval")


def test_two_rulings_for_one_seller_at_once_share_the_platforms_guarantee(monkeypatch):
    """It pays first for one of two orders: for both it would be more than it promises a seller."""
    found = market(money={"guarantee_per_order": 8_000, "guarantee_per_seller": 8_000})
    one = in_mediation(market=found, remedy="refund_only")
    other = in_mediation(market=found, remedy="refund_only", seller=one.order.seller)

    ruling = {"amounts": {other.line.id: 7_000}}
    with once_read(monkeypatch, lambda: other.asks("mediator", "rule", **ruling)):
        one.mediator("rule", amounts={one.line.id: 7_000})

    assert [refund.case_id for refund in Refund.objects.all()] == [one.id]


def disputed(bought, line):
    story = Story(
        bought, remedy="refund_only", items=[{"line": line.id, "quantity": 1, "amount": None}]
    )
    story.pass_days(3)
    story.mediator("claim")
    return story


def half(story):
    [item] = story.case.attempts.get().items.all()
    return {"amounts": {item.line_id: 150_000}}


# One command many times


def test_the_same_answer_twice_at_once_is_taken_once(found):
    with held(found):
        both = [Meanwhile(lambda: approve(found, at(day(1)))) for _ in range(2)]
        until(lambda: waiting() == 2)

    answers = [thread.done() for thread in both]

    assert sorted(type(answer).__name__ for answer in answers) == ["NotNow", "Taken"]
    assert names(found) == ["open", "approve"]


def test_a_deadlock_between_two_batches_cannot_happen(found):
    """Both lock by primary key, whatever the order of the wishes."""
    other = world.open_case(world.order(found.marketplace))
    first, last = sorted([found, other], key=lambda case: case.pk)

    def both(cases):
        by = [steps.Wish(case_id=c.pk, step="approve", by=world.actor(c, "seller")) for c in cases]
        return steps.take(by, clock=at(day(1)))

    with held(last):
        one = Meanwhile(lambda: both([first, last]))
        until(lambda: waiting() == 1)
        two = Meanwhile(lambda: both([last, first]))
        until(lambda: waiting() == 2)

    taken = [type(answer).__name__ for thread in (one, two) for answer in thread.done()]
    assert sorted(taken) == ["NotNow", "NotNow", "Taken", "Taken"]


def test_a_double_click_does_not_claim_more_complaints_than_one_can_look_after(found):
    mia = hire("mia", capacity=1)
    for side, other, ground in (("seller", "buyer", "abuse"), ("buyer", "seller", "no_answer")):
        complaint = complaint_world.complain(found, side, ground=ground)
        complaint_world.does(complaint, "answer", other, when=day(0), statement="No.")

    with transaction.atomic():
        Mediator.objects.select_for_update().get(pk=mia.pk)
        clicks = [Meanwhile(lambda: complaints.claim_next(mia, clock=at(day(0)))) for _ in range(2)]
        until(lambda: waiting() == 2)  # each has found a complaint of its own

    said = [click.done() for click in clicks]
    assert sorted(type(answer).__name__ for answer in said) == ["AtCapacity", "Taken"]
    assert Complaint.everywhere.filter(holder=mia.person).count() == 1
