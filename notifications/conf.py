"""The settings of the post office: `NOTIFICATIONS = {...}`, each with its default."""

from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # One class per channel; a contact's `channel` is a key here.
    "CHANNELS": {
        "email": "notifications.channels.email.Email",
        "sms": "notifications.channels.sms.Sms",
    },
    "SMS_PROVIDER": "notifications.channels.sms.console.Console",
    # Short messages to one number in 24 hours; beyond it letters go by mail alone.
    "SMS_DAILY_CAP": 10,
    # The page of a case for its parties: case_no, case_id, marketplace_id.
    "LINK": "http://127.0.0.1:8000/cases/{case_no}",
    # Keep what was written, for the admin: development only, as it may hold personal data.
    "KEEP_LETTERS": False,
    # Let webhooks go to http and to this very machine: development and tests only.
    "ALLOW_LOOPBACK": False,
}


def get(name: str) -> Any:
    """Read one setting.

    :raises KeyError: there is none of that name
    """
    default = DEFAULTS[name]
    return getattr(settings, "NOTIFICATIONS", {}).get(name, default)
