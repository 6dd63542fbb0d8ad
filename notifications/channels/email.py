"""Mail: plain text, through whatever `EMAIL_BACKEND` says."""

from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from notifications.channels import Bounced, Message

PERMANENT = range(500, 600)  # SMTP answers, RFC 5321


class Email:
    """Plain text to one address, with a Message-ID that is the same for every attempt."""

    def send(self, message: Message) -> str:
        """Hand a mail to the server.

        :raises Bounced: no mail address, or the server refuses it for good
        """
        try:
            validate_email(message.to)
        except ValidationError:
            raise Bounced("the mail address is not valid") from None
        message_id = f"<{message.key}@{_host()}>"
        mail = EmailMessage(
            subject=message.rendered.subject,
            body=message.rendered.text,
            to=[message.to],
            headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            if codes and all(code in PERMANENT for code in codes):
                raise Bounced(f"the mail server refused the address ({codes[0]})") from None
            raise
        return ""  # a bounce names the Message-ID, and with it the letter


def _host() -> str:
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return sender.rpartition("@")[2] or "localhost"
