"""Letters: written once, carried by every channel, put off, given up, captured."""

import threading
from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection, transaction

from notifications import rounds
from notifications.attempts import LEASE, MOST_ATTEMPTS, Failed
from notifications.channels import Bounced
from notifications.channels.email import Email
from notifications.models import Contact, Letter, Receipt
from notifications.post_office import Note, deliver, send
from tests.notifications.make import BEA, MARKETPLACE, SAM, contact, day, letter

SEND = 2  # contacts, letters
DELIVER = 12  # claim: 4; contacts, cap; then savepoint, outcomes, settle, receipts, again, release
PARAMS = {"case_no": "C-1001", "order_no": "2026-77", "due": "2026-01-07T09:00:00+00:00"}
PHONE = "+8613912344321"


def note(recipient_id=BEA, template="escalate.buyer.clock", **given):
    return Note(
        **{
            "case_id": UUID(int=1),
            "event_id": UUID(int=2),
            "marketplace_id": MARKETPLACE,
            "recipient_id": recipient_id,
            "template": template,
            "params": PARAMS,
            **given,
        }
    )


def carry(at=None, **given):
    return deliver(clock=lambda: at or day(0), **given)


def letters(**given):
    return list(Letter.objects.filter(**given).order_by("recipient_id", "channel"))


@pytest.mark.django_db
class TestSend:
    def test_writes_one_letter_for_each_channel_of_each_reader(self):
        contact(BEA, "email"), contact(BEA, "sms", PHONE), contact(SAM, "email", "sam@shop.cn")

        send([note(BEA), note(SAM, "escalate.seller.clock")], at=day(0))

        assert [(row.recipient_id, row.channel, row.template) for row in letters()] == [
            (BEA, "email", "escalate.buyer.clock"),
            (BEA, "sms", "escalate.buyer.clock"),
            (SAM, "email", "escalate.seller.clock"),
        ]

    def test_sending_twice_writes_once(self):
        contact()
        send([note()], at=day(0))
        [first] = letters()

        send([note(), note()], at=day(1))

        assert [row.key for row in letters()] == [first.key]

    def test_words_for_mail_alone_go_by_mail_alone(self):
        contact(BEA, "email"), contact(BEA, "sms", PHONE)

        send([note(template="message.buyer")], at=day(0))

        assert [row.channel for row in letters()] == ["email"]

    def test_where_mail_bounces_the_phone_takes_over(self):
        contact(BEA, "email", bounced_at=day(-1)), contact(BEA, "sms", PHONE)

        send([note(template="message.buyer")], at=day(0))

        assert [row.channel for row in letters()] == ["sms"]

    def test_nobody_without_a_contact_gets_any(self):
        assert send([note()], at=day(0)) == []
        assert letters() == []

    def test_a_channel_that_we_no_longer_have_is_left_out(self):
        contact(BEA, "fax", "4321")

        send([note()], at=day(0))

        assert letters() == []

    def test_quiet_hours_put_a_letter_off(self):
        contact(BEA, "email")
        contact(BEA, "sms", PHONE, quiet_from=time(8), quiet_until=time(20))

        send([note()], at=day(0))

        assert [row.due_at for row in letters()] == [day(0), day(0) + timedelta(hours=11)]

    def test_a_bad_note_is_handed_back_and_holds_up_nobody(self):
        contact()
        unknown = note(template="nothing.buyer")
        lacking = note(params={"case_no": "C-1001"})

        refused = send([unknown, note(), lacking], at=day(0))

        assert [(bad, str(why)) for bad, why in refused] == [
            (unknown, "there is no text nothing.buyer"),
            (lacking, "escalate.buyer.clock asks for due, order_no"),
        ]
        assert len(letters()) == 1

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, django_assert_num_queries):
        notes = [note(UUID(int=1000 + i), event_id=uuid4()) for i in range(n)]
        for wanted in notes:
            contact(wanted.recipient_id), contact(wanted.recipient_id, "sms", PHONE)

        with django_assert_num_queries(SEND):
            send(notes, at=day(0))

        assert len(letters()) == 2 * n


@pytest.mark.django_db
class TestDeliver:
    def test_a_reader_gets_mail_and_short_message(self, phone):
        contact(BEA, "email", locale="zh-CN", time_zone="Asia/Shanghai")
        contact(BEA, "sms", PHONE, time_zone="Asia/Shanghai")
        send([note()], at=day(0))

        assert carry() == 2

        [sent] = mail.outbox
        assert (sent.to, sent.subject) == (
            ["bea@example.com"],
            "[C-1001] 卖家逾期未答复，平台已自动介入",
        )
        assert "https://shop.example/C-1001" in sent.body
        [(number, text)] = phone.values()
        assert number == PHONE
        assert text == (
            "Case C-1001: the seller did not answer in time."
            " A mediator has it now; a decision is due by 7 Jan, 17:00."
        )
        assert {(row.outcome, row.done_at) for row in letters()} == {("sent", day(0))}

    def test_draining_twice_changes_nothing(self, phone):
        contact(), contact(BEA, "sms", PHONE)
        send([note()], at=day(0))
        carry()
        before = list(Letter.objects.order_by("id").values())

        assert carry(day(9)) == 0

        assert list(Letter.objects.order_by("id").values()) == before
        assert (len(mail.outbox), len(phone)) == (1, 1)

    def test_a_crash_before_the_end_is_a_second_attempt_with_the_same_key(self, phone, monkeypatch):
        contact(), contact(BEA, "sms", PHONE)
        send([note()], at=day(0))
        with monkeypatch.context() as crash:
            crash.setattr(rounds.Round, "write", _die)
            with pytest.raises(KeyboardInterrupt):
                carry()

        assert carry() == 0  # not before the lease is over
        assert carry(day(0) + LEASE) == 2

        first, second = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
        assert first == second
        assert len(phone) == 1  # the provider honours the key
        assert {row.attempts for row in letters()} == {2}

    def test_what_the_case_no_longer_wants_is_not_sent(self, office):
        contact()
        send([note()], at=day(0))

        carry(still_wanted=lambda asked: [])

        assert [(row.outcome, row.done_at) for row in letters()] == [("unwanted", day(0))]
        assert mail.outbox == []

    def test_the_case_is_asked_once_for_the_whole_batch(self, office):
        contact(BEA), contact(SAM, "email", "sam@shop.cn")
        send([note(BEA), note(SAM, "escalate.seller.clock")], at=day(0))
        asked = []

        def still_wanted(batch):
            asked.append(sorted(row.recipient_id for row in batch))
            return [row.pk for row in batch if row.recipient_id == SAM]

        carry(still_wanted=still_wanted)

        assert asked == [[BEA, SAM]]
        assert [sent.to for sent in mail.outbox] == [["sam@shop.cn"]]

    def test_quiet_hours_that_have_begun_meanwhile_cost_no_attempt(self, phone):
        contact(BEA, "sms", PHONE, quiet_from=time(8), quiet_until=time(20))
        letter(channel="sms", due_at=day(0))

        carry()

        [row] = letters()
        assert (row.due_at, row.attempts) == (day(0) + timedelta(hours=11), 0)
        assert phone == {}

    def test_letters_of_a_sandbox_are_captured_and_leave_the_house_for_nobody(self, phone):
        clock_id = uuid4()
        contact(), contact(BEA, "sms", PHONE)
        send([note(clock_id=clock_id)], at=day(0))

        assert carry() == 0  # the live workers
        assert carry(clock_id=clock_id) == 2

        assert (mail.outbox, phone) == ([], {})
        by_mail, by_phone = letters()
        assert by_mail.outcome == by_phone.outcome == "captured"
        assert by_mail.rendered.startswith("[C-1001] The seller did not answer: a mediator")
        assert by_phone.rendered.startswith("Case C-1001: the seller did not answer in time.")

    @pytest.mark.parametrize(("keep", "kept"), [(True, True), (False, False)])
    def test_what_was_written_is_kept_in_development_alone(self, office, keep, kept):
        office["KEEP_LETTERS"] = keep
        contact()
        send([note()], at=day(0))

        carry()

        assert bool(letters()[0].rendered) == kept

    def test_a_failing_letter_backs_off_and_holds_up_nobody(self, office, monkeypatch):
        contact(BEA), contact(SAM, "email", "sam@shop.cn")
        letter(recipient_id=BEA), letter(recipient_id=SAM)
        monkeypatch.setattr(Email, "send", _only_for("sam@shop.cn", Failed("no answer")))

        carry()

        failed, sent = letters()
        assert (failed.outcome, failed.done_at, failed.last_error) == ("waiting", None, "no answer")
        assert failed.due_at > day(0)
        assert (sent.outcome, sent.done_at) == ("sent", day(0))

    def test_a_bounced_address_is_marked_and_the_other_channel_takes_over(self, phone, monkeypatch):
        contact(), contact(BEA, "sms", PHONE)
        send([note(template="message.buyer")], at=day(0))
        monkeypatch.setattr(Email, "send", _only_for("nobody", Bounced("no such mailbox")))

        carry()
        carry()

        assert Contact.objects.get(channel="email").bounced_at == day(0)
        by_mail, by_phone = letters()
        assert (by_mail.outcome, by_mail.dead_at) == ("failed", day(0))
        assert (by_phone.outcome, by_phone.event_id) == ("sent", by_mail.event_id)
        assert [text for _, text in phone.values()] == ["Case C-1001: You have a new message"]

    def test_the_other_channel_takes_over_after_the_last_attempt(self, phone, monkeypatch):
        contact(), contact(BEA, "sms", PHONE)
        letter(attempts=MOST_ATTEMPTS - 1)
        monkeypatch.setattr(Email, "send", _only_for("nobody", Failed("no answer")))

        carry()

        assert [(row.channel, row.outcome) for row in letters()] == [
            ("email", "failed"),
            ("sms", "waiting"),
        ]

    def test_no_channel_takes_over_that_has_bounced_itself(self, phone):
        contact(BEA, "sms", PHONE, bounced_at=day(-1))
        letter()  # by mail, to nobody's address

        carry()

        assert [(row.channel, row.outcome) for row in letters()] == [("email", "failed")]

    def test_a_wrong_number_bounces(self, phone):
        contact(BEA, "sms", "+8612")
        letter(channel="sms")

        carry()

        [row] = letters()
        assert (row.last_error, row.dead_at) == ("the phone number is not valid", day(0))
        assert Contact.objects.get().bounced_at == day(0)

    def test_a_letter_whose_contact_is_gone_is_given_up(self, office):
        letter()

        carry()

        assert letters()[0].last_error == "there is no address for email"
        assert letters()[0].dead_at == day(0)

    def test_a_reader_gets_no_more_short_messages_a_day_than_the_cap(self, phone, office):
        office["SMS_DAILY_CAP"] = 2
        contact(BEA, "sms", PHONE), contact(BEA, "email")
        letter(channel="sms", outcome="sent", done_at=day(-0.5))
        letter(channel="sms", outcome="sent", done_at=day(-1.1))  # more than a day ago
        letter(channel="sms", due_at=day(-0.2)), letter(channel="sms", due_at=day(-0.1))

        carry()
        carry()

        assert len(phone) == 1
        [capped] = letters(outcome="capped")
        [instead] = letters(channel="email")
        assert (instead.event_id, instead.outcome) == (capped.event_id, "sent")

    def test_a_round_that_takes_too_long_leaves_the_rest_untried(self, office, monkeypatch):
        contact()
        letter(), letter()
        ticks = iter([0.0, 1.0, rounds.BUDGET + 1.0])
        monkeypatch.setattr(rounds.time, "monotonic", lambda: next(ticks))

        carry()

        assert len(mail.outbox) == 1
        [rest] = letters(done_at=None)
        assert (rest.due_at, rest.attempts) == (day(0), 0)

    def test_the_provider_s_id_is_kept(self, phone):
        contact(BEA, "sms", PHONE)
        row = letter(channel="sms")

        carry()

        receipt = Receipt.objects.get()
        assert (receipt.letter, receipt.provider_id) == (row, f"memory:{row.key}")

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, phone, django_assert_num_queries):
        for i in range(n):
            contact(UUID(int=1000 + i), "sms", PHONE)
            letter(recipient_id=UUID(int=1000 + i), channel="sms")
            letter(recipient_id=UUID(int=1000 + i), channel="email")  # nobody there

        with django_assert_num_queries(DELIVER):
            assert carry() == 2 * n

        assert len(letters(outcome="sent")) == n


@pytest.mark.django_db(transaction=True)
class TestSideBySide:
    def test_two_workers_never_carry_the_same_letter_at_the_same_time(self, office):
        contact()
        held = letter()
        carried = []

        def other():
            carried.append(carry())
            connection.close()

        with transaction.atomic():
            Letter.objects.select_for_update().get(pk=held.pk)  # the first worker's claim
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(timeout=10)

        assert carried == [0]
        assert mail.outbox == []

    def test_no_transaction_is_open_while_a_letter_is_handed_over(self, office, monkeypatch):
        contact()
        letter()
        seen = []
        monkeypatch.setattr(
            Email, "send", lambda self, message: seen.append(connection.in_atomic_block) or ""
        )

        carry()

        assert seen == [False]


def _die(self, *, at):
    raise KeyboardInterrupt


def _only_for(address, error):
    def send(self, message):
        if message.to != address:
            raise error
        return ""

    return send
