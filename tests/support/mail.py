"""Messages written for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime


def simple_mail(number: int, to: str, marker: str = "message") -> bytes:
    """A small, valid message whose subject and Message-ID carry the marker and the number."""
    message = EmailMessage()
    message["From"] = "Ada Example <ada@example.org>"
    message["To"] = to
    message["Subject"] = f"{marker} {number}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{marker}-{number}@example.org>"
    message.set_content(f"This is {marker} number {number}.\n")
    return message.as_bytes()
