"""The queue row: claimed once, booked first, settled in one statement, buried, replayed."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from notifications.attempts import (
    GAPS,
    LEASE,
    MOST_ATTEMPTS,
    Busy,
    Failed,
    GiveUp,
    claim,
    describe,
    discard,
    replay,
    settle,
)
from notifications.models import Letter
from tests.notifications.make import day, letter

CLAIM = 4  # savepoint (the test holds a transaction), lock, book, release
SETTLE = 1


def reload(row):
    return Letter.objects.get(pk=row.pk)


@pytest.mark.django_db
class TestClaim:
    def test_takes_what_is_due_the_oldest_first(self):
        second = letter(due_at=day(0))
        first = letter(due_at=day(-1))
        letter(due_at=day(1))  # not yet

        assert claim(Letter, at=day(0), limit=10) == [first, second]

    def test_takes_no_more_than_the_limit(self):
        letters = [letter(due_at=day(-n)) for n in (3, 2, 1)]

        assert claim(Letter, at=day(0), limit=2) == letters[:2]

    def test_leaves_what_is_done_or_dead(self):
        letter(done_at=day(0))
        letter(dead_at=day(0))

        assert claim(Letter, at=day(1), limit=10) == []

    def test_live_workers_never_touch_the_letters_of_a_sandbox_clock(self):
        clock_id = uuid4()
        live = letter()
        simulated = letter(clock_id=clock_id)
        letter(clock_id=uuid4())

        assert claim(Letter, at=day(9), limit=10, clock_id=clock_id) == [simulated]
        assert claim(Letter, at=day(9), limit=10) == [live]

    def test_takes_only_what_a_further_condition_allows(self):
        mail = letter(channel="email")
        letter(channel="sms")

        assert claim(Letter, at=day(0), limit=10, extra=Q(channel="email")) == [mail]

    def test_books_the_next_attempt_before_this_one(self):
        row = letter()

        [claimed] = claim(Letter, at=day(0), limit=10)

        assert (claimed.attempts, reload(row).attempts) == (1, 1)
        assert reload(row).due_at == day(0) + LEASE

    def test_a_crash_is_just_a_retry_with_the_same_key(self):
        [before] = [letter()] and claim(Letter, at=day(0), limit=10)  # and the worker dies

        assert claim(Letter, at=day(0) + LEASE - timedelta(seconds=1), limit=10) == []
        [after] = claim(Letter, at=day(0) + LEASE, limit=10)
        assert after.key == before.key
        assert after.attempts == 2

    def test_a_row_that_kills_its_worker_every_time_is_buried_in_the_end(self):
        row = letter(attempts=MOST_ATTEMPTS)

        assert claim(Letter, at=day(0), limit=10) == []
        assert reload(row).dead_at == day(0)
        assert reload(row).last_error == "no answer in the last attempt"

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, django_assert_num_queries):
        for _ in range(n):
            letter()

        with django_assert_num_queries(CLAIM):
            assert len(claim(Letter, at=day(0), limit=100)) == n


@pytest.mark.django_db(transaction=True)
class TestWorkersSideBySide:
    def test_a_row_in_the_hands_of_one_worker_is_passed_over_by_the_other(self):
        held, free = letter(due_at=day(-1)), letter()
        seen = []

        with transaction.atomic():
            Letter.objects.select_for_update().get(pk=held.pk)
            other = threading.Thread(target=_in_thread(seen, at=day(0)))
            other.start()
            other.join(timeout=10)

        assert not other.is_alive()  # it did not wait
        assert seen == [free.pk]

    def test_a_worker_that_looks_late_does_not_get_what_was_just_claimed(self):
        letter()
        seen = []

        claim(Letter, at=day(0), limit=10)
        other = threading.Thread(target=_in_thread(seen, at=day(0)))
        other.start()
        other.join(timeout=10)

        assert seen == []

    def test_refuses_to_hold_a_transaction_open_during_the_attempt(self):
        with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
            claim(Letter, at=day(0), limit=1)


def _in_thread(seen, at):
    def run():
        seen.extend(row.pk for row in claim(Letter, at=at, limit=10))
        connection.close()

    return run


@pytest.mark.django_db
class TestSettle:
    def test_what_is_done_is_never_due_again(self):
        row = letter(attempts=1)

        settle(Letter, at=day(0), done=[row.pk])

        assert reload(row).done_at == day(0)
        assert claim(Letter, at=day(99), limit=10) == []

    @pytest.mark.parametrize("attempt", range(1, MOST_ATTEMPTS))
    def test_a_failure_backs_off_further_each_time(self, attempt):
        row = letter(attempts=attempt)

        settle(Letter, at=day(0), failed={row.pk: Failed("timed out")})

        waited = reload(row).due_at - day(0)
        assert GAPS[attempt - 1] * 0.75 <= waited <= GAPS[attempt - 1] * 1.25
        assert reload(row).last_error == "timed out"
        assert reload(row).dead_at is None

    def test_the_gaps_make_twelve_attempts_in_three_days(self):
        assert MOST_ATTEMPTS == 12
        assert timedelta(hours=70) <= sum(GAPS, timedelta()) <= timedelta(hours=74)
        assert list(GAPS) == sorted(GAPS)

    def test_two_rows_that_fail_together_do_not_come_back_together(self):
        rows = [letter(attempts=9) for _ in range(20)]

        settle(Letter, at=day(0), failed={row.pk: Failed("timed out") for row in rows})

        assert Letter.objects.values("due_at").distinct().count() > 1

    def test_the_last_failure_buries(self):
        row = letter(attempts=MOST_ATTEMPTS)

        settle(Letter, at=day(3), failed={row.pk: Failed("timed out")})

        assert reload(row).dead_at == day(3)

    def test_giving_up_buries_at_once(self):
        row = letter(attempts=1)

        settle(Letter, at=day(0), failed={row.pk: GiveUp("410")})

        assert reload(row).dead_at == day(0)
        assert reload(row).last_error == "410"

    def test_the_other_side_may_ask_for_patience(self):
        row = letter(attempts=1)

        settle(Letter, at=day(0), failed={row.pk: Busy("429", after=timedelta(hours=3))})

        assert reload(row).due_at == day(0) + timedelta(hours=3)

    def test_putting_off_costs_no_attempt(self):
        row = letter(attempts=1)

        settle(Letter, at=day(0), later={row.pk: day(2)})

        assert (reload(row).due_at, reload(row).attempts) == (day(2), 0)

    def test_settling_twice_changes_nothing(self):
        row = letter(attempts=1)
        settle(Letter, at=day(0), done=[row.pk])

        settle(Letter, at=day(1), done=[row.pk])
        settle(Letter, at=day(1), failed={row.pk: GiveUp("too late")})

        assert (reload(row).done_at, reload(row).dead_at) == (day(0), None)

    def test_what_arrived_after_it_was_buried_is_done_all_the_same(self):
        row = letter(attempts=MOST_ATTEMPTS, dead_at=day(0))

        settle(Letter, at=day(1), done=[row.pk])

        assert (reload(row).done_at, reload(row).dead_at) == (day(1), None)

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_one_statement_for_any_n(self, n, django_assert_num_queries):
        done, failed, later = ([letter(attempts=1).pk for _ in range(n)] for _ in range(3))

        with django_assert_num_queries(SETTLE):
            settle(
                Letter,
                at=day(0),
                done=done,
                failed=dict.fromkeys(failed, Failed("no")),
                later=dict.fromkeys(later, day(1)),
            )

        assert Letter.objects.filter(done_at=day(0)).count() == n
        assert Letter.objects.filter(last_error="no").count() == n
        assert Letter.objects.filter(due_at=day(1)).count() == n

    def test_nothing_to_settle_costs_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            settle(Letter, at=day(0))


@pytest.mark.django_db
class TestDeadLetters:
    def test_replay_gives_all_attempts_again(self):
        dead, done = letter(attempts=12, dead_at=day(0)), letter(attempts=1, done_at=day(0))

        assert replay(Letter.objects.all(), at=day(5)) == 1

        [row] = claim(Letter, at=day(5), limit=10)
        assert (row.pk, row.attempts, row.dead_at) == (dead.pk, 1, None)
        assert reload(done).done_at == day(0)

    def test_discarded_ones_stay_dead_and_leave_the_list(self):
        row = letter(attempts=12, dead_at=day(0))

        assert discard(Letter.objects.all(), at=day(5)) == 1
        assert discard(Letter.objects.all(), at=day(6)) == 0

        assert list(Letter.objects.dead()) == []
        assert (reload(row).dead_at, reload(row).discarded_at) == (day(0), day(5))

    def test_nothing_is_both_done_and_dead(self):
        with pytest.raises(IntegrityError, match="notifications_letter_one_end"):
            letter(done_at=day(0), dead_at=day(0))

    def test_only_the_dead_can_be_discarded(self):
        with pytest.raises(IntegrityError, match="notifications_letter_discard"):
            letter(discarded_at=day(0))


class TestWordsOfAnError:
    def test_our_own_are_kept(self):
        assert describe(GiveUp("the endpoint answered 410")) == "the endpoint answered 410"

    def test_those_of_strangers_are_not_as_they_may_name_an_address(self):
        error = OSError("550 no mailbox bea@example.com")

        assert describe(error) == "builtins.OSError"

    def test_are_cut_at_500_characters(self):
        assert len(describe("x" * 600)) == 500
