"""Addresses and words of people are kept in one place and told nowhere else."""

import json
import logging
import smtplib

import pytest

from notifications import deliveries
from notifications.channels import Message
from notifications.channels.email import Email
from notifications.masks import masked
from notifications.models import Letter, Receipt, WebhookEndpoint
from notifications.post_office import Note, deliver, send
from notifications.rendering import Rendered
from tests.notifications.make import BEA, MARKETPLACE, SECRET, contact, day, delivery, endpoint

MAIL, PHONE = "bea.buyer@example.com", "+8613912344321"
NOTE = {
    "case_id": BEA,
    "event_id": BEA,
    "marketplace_id": MARKETPLACE,
    "recipient_id": BEA,
    "template": "message.buyer",
    "params": {"case_no": "C-1001", "order_no": "2026-77"},
}


def tells(text):
    return [secret for secret in (MAIL, "bea.buyer", PHONE, PHONE[3:], SECRET) if secret in text]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (MAIL, "b***@example.com"),
        (PHONE, "+86 *** 4321"),
        ("+1234567", "***"),
        ("", "***"),
        ("@example.com", "***@example.com"),
    ],
)
def test_an_address_is_shown_masked(address, shown):
    assert masked(address) == shown


@pytest.mark.django_db
def test_no_repr_tells_an_address_a_word_or_a_secret():
    to = endpoint()
    rows = [contact(address=MAIL), contact(channel="sms", address=PHONE), to, delivery(to)]
    message = Message(
        key="k", to=MAIL, template="t", params=NOTE, locale="en", rendered=Rendered(MAIL, "", "")
    )

    assert tells(repr(rows) + str([str(row) for row in rows]) + repr(message)) == []
    assert str(rows[0]) == "email b***@example.com"


@pytest.mark.django_db
def test_a_letter_and_its_receipt_hold_no_address(phone):
    contact(address=MAIL), contact(channel="sms", address=PHONE)
    by_phone = {"template": "close.buyer", "event_id": MARKETPLACE}
    assert send([Note(**NOTE), Note(**{**NOTE, **by_phone})], at=day(0)) == []
    deliver(clock=lambda: day(0))

    kept = [*Letter.objects.values(), *Receipt.objects.values()]
    assert len(kept) == 4  # three letters, one of them with a receipt
    assert tells(json.dumps(kept, default=str)) == []


@pytest.mark.django_db
def test_the_words_of_a_mail_server_reach_neither_log_nor_row(office, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    contact(address=MAIL)
    send([Note(**NOTE)], at=day(0))
    refusal = smtplib.SMTPRecipientsRefused({MAIL: (450, f"try {MAIL} later".encode())})
    monkeypatch.setattr(Email, "send", lambda self, message: _raise(refusal))

    deliver(clock=lambda: day(0))

    letter = Letter.objects.get()
    assert caplog.messages == [f"letter {letter.pk} by email failed: smtplib.SMTPRecipientsRefused"]
    assert letter.last_error == "smtplib.SMTPRecipientsRefused"


@pytest.mark.django_db
def test_a_failing_webhook_tells_neither_its_secret_nor_its_address(caplog):
    caplog.set_level(logging.DEBUG)
    row = delivery(endpoint(f"https://shop.example:8443/{PHONE}"))

    deliveries.deliver(clock=lambda: day(0))

    row.refresh_from_db()
    assert row.last_error == "the URL must be https on port 443"
    assert tells(caplog.text + row.last_error) == []
    assert "secret" not in repr(WebhookEndpoint.objects.get())


def _raise(error):
    raise error
