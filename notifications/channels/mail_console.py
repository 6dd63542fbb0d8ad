"""A mail backend for development: one line in the log for each mail, its address masked."""

import logging
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from notifications.masks import masked

log = logging.getLogger("notifications.email")


class EmailBackend(BaseEmailBackend):
    """Mail that reaches nobody: `EMAIL_BACKEND = "notifications.channels.mail_console.…"`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Tell the log."""
        for mail in email_messages:
            for address in mail.recipients():
                log.info("MAIL to %s: %s", masked(address), mail.subject)
        return len(email_messages)
