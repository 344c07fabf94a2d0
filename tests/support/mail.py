"""Messages written for tests."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime


def as_transmitted(raw: bytes) -> bytes:
    """The message with CRLF at every line end, as a client must send it (RFC 5321, 2.3.8)."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


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
