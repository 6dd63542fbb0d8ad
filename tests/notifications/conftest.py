"""A post office in memory: mail to Django's outbox, short messages to the memory provider."""

import pytest

from notifications.channels import sms

PROVIDER = "notifications.channels.sms.memory.Memory"


@pytest.fixture(autouse=True)
def defaults(settings):
    """The post office as it is where nobody has set anything: strict."""
    settings.NOTIFICATIONS = {}


@pytest.fixture
def office(settings):
    """Settings of the post office, to be changed by the test."""
    settings.NOTIFICATIONS = {"SMS_PROVIDER": PROVIDER, "LINK": "https://shop.example/{case_no}"}
    return settings.NOTIFICATIONS


@pytest.fixture
def phone(office):
    """What the memory provider has sent: key → number, text."""
    sent = sms.provider().sent
    sent.clear()
    return sent
