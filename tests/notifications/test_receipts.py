"""Receipts only move forward."""

import json

import pytest
from django.test import RequestFactory

from notifications.channels import sms
from notifications.channels.sms import Report
from notifications.channels.sms.console import Console
from notifications.models import Contact, Letter, Receipt
from notifications.receipts import record
from tests.notifications.make import contact, day, letter

State = Receipt.State
PHONE = "+8613912344321"


def receipt(**given):
    row = letter(channel="sms", done_at=day(0), outcome="sent")
    return Receipt.objects.create(letter=row, provider_id="memory:1", at=day(0), **given)


def state():
    return Receipt.objects.get().state


@pytest.mark.django_db
class TestRecord:
    def test_moves_forward(self):
        receipt()

        assert record([Report("memory:1", State.SENT)], at=day(1)) == 1
        assert record([Report("memory:1", State.DELIVERED)], at=day(2)) == 1

        assert (state(), Receipt.objects.get().at) == (State.DELIVERED, day(2))

    @pytest.mark.parametrize("late", [State.QUEUED, State.SENT, State.DELIVERED, State.FAILED])
    def test_never_moves_back_and_what_has_ended_stays(self, late):
        receipt(state=State.DELIVERED)

        assert record([Report("memory:1", late)], at=day(2)) == 0
        assert state() == State.DELIVERED

    def test_what_comes_late_is_old_news(self):
        receipt(state=State.SENT)

        assert record([Report("memory:1", State.QUEUED)], at=day(2)) == 0
        assert (state(), Receipt.objects.get().at) == (State.SENT, day(0))

    def test_takes_the_furthest_of_a_batch_in_any_order(self):
        receipt()
        told = [Report("memory:1", State.DELIVERED), Report("memory:1", State.SENT)]

        assert record(told, at=day(1)) == 1
        assert state() == State.DELIVERED

    def test_an_unknown_id_changes_nothing(self):
        assert record([Report("memory:9", State.SENT)], at=day(1)) == 0

    def test_a_message_that_failed_is_written_again_for_the_other_channel(self):
        contact(), contact(channel="sms", address=PHONE)
        receipt()

        record([Report("memory:1", State.FAILED, "busy")], at=day(1))

        assert Letter.objects.filter(channel="email", due_at=day(1)).count() == 1
        assert Receipt.objects.get().code == "busy"
        assert Contact.objects.filter(bounced_at__isnull=False).count() == 0

    def test_a_number_that_is_wrong_for_good_is_marked(self):
        contact(), contact(channel="sms", address=PHONE)
        receipt()

        record([Report("memory:1", State.FAILED, "gone", is_permanent=True)], at=day(1))

        assert Contact.objects.get(bounced_at=day(1)).channel == "sms"

    @pytest.mark.parametrize("n", [1, 50])
    def test_costs_the_same_statements_for_any_n(self, n, django_assert_num_queries):
        for i in range(n):
            row = letter(channel="sms", done_at=day(0))
            Receipt.objects.create(letter=row, provider_id=f"memory:{i}", at=day(0))
        told = [Report(f"memory:{i}", State.DELIVERED) for i in range(n)]

        with django_assert_num_queries(3):  # savepoint, update, release
            assert record(told, at=day(1)) == n


class TestParsing:
    def parse(self, body):
        return sms.provider().parse_receipts(
            RequestFactory().post("/", body, content_type="application/json")
        )

    def test_a_provider_reads_its_own_words(self, phone):
        told = [{"id": "7", "state": "failed", "code": "E1", "permanent": True}]

        assert self.parse(json.dumps(told)) == [
            Report("memory:7", State.FAILED, "E1", is_permanent=True)
        ]

    @pytest.mark.parametrize(
        "body", ["", "{", "[1]", "7", '[{"id": 1}]', '[{"id": 1, "state": "flown"}]']
    )
    def test_anything_else_is_refused(self, phone, body):
        with pytest.raises(ValueError, match="not a list of receipts"):
            self.parse(body)

    def test_the_console_sends_none(self):
        with pytest.raises(ValueError, match="no receipts"):
            Console().parse_receipts(RequestFactory().post("/"))
