"""Channels: one class each, found by the settings; mail over real SMTP."""

import logging
from email import message_from_bytes

import pytest
from django.core import checks, mail
from django.core.exceptions import ImproperlyConfigured

from notifications import conf, texts
from notifications.apps import NotificationsConfig
from notifications.attempts import GiveUp
from notifications.channels import Bounced, Message, channel
from notifications.channels.email import Email
from notifications.channels.sms import Sms
from notifications.channels.sms.console import Console
from notifications.rendering import Rendered
from tests.notifications.servers import mail_server

PHONE = "+8613912344321"


def message(to="bea@example.com", **given):
    rendered = Rendered("退款已到账", "19.90元 已退回。", "短信")
    return Message(
        **{
            "key": "11111111-1111-1111-1111-111111111111",
            "to": to,
            "template": "refund_settled.buyer",
            "params": {"case_no": "C-1001"},
            "locale": "zh-hans",
            "rendered": rendered,
            **given,
        }
    )


@pytest.fixture
def smtp(settings):
    """Let mail go to a real server that answers as told."""

    def serve(port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "After-sales <care@shop.example>"

    return serve


class TestEmail:
    def test_a_mail_is_plain_text_with_the_same_id_at_every_attempt(self, smtp):
        with mail_server(answers_recipients="250 ok") as (port, received):
            smtp(port)
            Email().send(message())
            Email().send(message())

        first, second = (message_from_bytes(text) for text in received)
        assert (
            first["Message-ID"]
            == second["Message-ID"]
            == "<11111111-1111-1111-1111-111111111111@shop.example>"
        )
        assert (first.get_content_type(), first["To"]) == ("text/plain", "bea@example.com")
        assert first["Auto-Submitted"] == "auto-generated"
        assert first.get_payload(decode=True).decode().strip() == "19.90元 已退回。"

    def test_a_mailbox_that_does_not_exist_bounces_and_is_not_named(self, smtp):
        with mail_server(answers_recipients="550 no mailbox bea@example.com") as (port, _):
            smtp(port)
            with pytest.raises(Bounced) as caught:
                Email().send(message())

        assert str(caught.value) == "the mail server refused the address (550)"

    def test_a_full_mailbox_is_worth_another_attempt(self, smtp):
        with mail_server(answers_recipients="452 full") as (port, _):
            smtp(port)
            with pytest.raises(Exception, match="452") as caught:
                Email().send(message())

        assert not isinstance(caught.value, GiveUp)

    @pytest.mark.parametrize("address", ["bea", "bea@", "", "a@b.example\nBcc: c@d.example"])
    def test_what_is_no_address_bounces(self, address):
        with pytest.raises(Bounced, match="not valid"):
            Email().send(message(address))


class TestSms:
    @pytest.mark.parametrize("spelling", [PHONE, "+86 139 1234 4321", "+86-139-1234-4321"])
    def test_a_number_is_sent_to_in_e164(self, phone, spelling):
        Sms().send(message(spelling))

        assert list(phone.values()) == [(PHONE, "短信")]

    @pytest.mark.parametrize("number", ["13912344321", "+86", "+8612", "none", "", "+999 12345678"])
    def test_what_is_no_number_bounces(self, phone, number):
        with pytest.raises(Bounced, match="not valid"):
            Sms().send(message(number))

    def test_the_same_key_is_sent_once(self, phone):
        first, second = Sms().send(message(PHONE)), Sms().send(message(PHONE))

        assert first == second
        assert len(phone) == 1

    def test_the_console_tells_the_log_and_masks_the_number(self, caplog):
        caplog.set_level(logging.INFO)

        Console().send(
            PHONE, template_key="rule.buyer", params={}, locale="en", text="Decided.", idem_key="k"
        )

        assert caplog.messages == ["SMS rule.buyer to +86 *** 4321: Decided."]


class TestMailConsole:
    def test_tells_the_log_and_masks_the_address(self, settings, caplog):
        caplog.set_level(logging.INFO)
        connection = mail.get_connection("notifications.channels.mail_console.EmailBackend")

        sent = connection.send_messages([mail.EmailMessage("Hello", "…", to=["bea@example.com"])])

        assert (sent, caplog.messages) == (1, ["MAIL to b***@example.com: Hello"])


class TestRegistry:
    def test_a_channel_is_one_class_named_in_the_settings(self, settings):
        settings.NOTIFICATIONS = {"CHANNELS": {"post": "notifications.channels.email.Email"}}

        assert isinstance(channel("post"), Email)

    def test_a_channel_that_is_gone_is_given_up(self, office):
        with pytest.raises(GiveUp, match="there is no channel fax"):
            channel("fax")

    def test_settings_have_defaults(self, settings):
        settings.NOTIFICATIONS = {"SMS_DAILY_CAP": 3}

        assert (conf.get("SMS_DAILY_CAP"), conf.get("KEEP_LETTERS")) == (3, False)
        with pytest.raises(KeyError):
            conf.get("NOTHING")


def test_a_mistake_in_the_texts_stops_the_start(monkeypatch):
    monkeypatch.setattr(texts, "table", _bad_table)

    with pytest.raises(ImproperlyConfigured, match="x is missing"):
        NotificationsConfig("notifications", __import__("notifications")).ready()


def test_django_finds_nothing_to_complain_about():
    assert checks.run_checks(app_configs=None) == []


def _bad_table():
    raise texts.BadTexts("x is missing")
