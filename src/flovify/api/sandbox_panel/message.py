"""A test message as it would come from the internet (RFC 5322)."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from flovify.api.sandbox_panel.schemas import SendTestMessage
from flovify.common.errors import InvalidRequest

_FROM = "Flovify sandbox <tester@sandbox.example>"
_TEXT = "This message was sent from the sandbox panel.\n\nIts trace shows when each step was taken.\n"


def compose(wanted: SendTestMessage, now: datetime) -> bytes:
    """The raw message. Raises InvalidRequest for what cannot stand in a header."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = _FROM
        message["To"] = wanted.address
        message["Subject"] = wanted.subject or f"Test message of {now:%H:%M:%S} UTC"
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain="sandbox.example")
        message.set_content(_clean(wanted.text) or _TEXT)
        if wanted.html:
            message.add_alternative(_clean(wanted.html), subtype="html")
        if wanted.attachment:
            message.add_attachment("A small attachment.\n", filename="attachment.txt")
        return message.as_bytes()
    except (ValueError, UnicodeError):
        raise InvalidRequest("The address or the subject has characters that no message header can have.") from None


def _clean(text: str | None) -> str:
    """Lone surrogates have no UTF-8; they become question marks."""
    return (text or "").encode("utf-8", "replace").decode()
