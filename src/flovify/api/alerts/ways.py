"""How a note reaches somebody: by a call of a webhook, or by mail."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol

import aiohttp
import aiosmtplib

from flovify.api.alerts.settings import AlertSettings, MailServer, read_server
from flovify.api.alerts.words import Note
from flovify.common.logs import get_logger
from flovify.common.outbound import own_session

WEBHOOK_SECONDS = 10.0
MAIL_SECONDS = 30.0
_LEAVE_SECONDS = 3.0


class NotTaken(Exception):
    """The receiver did not take it, or did not say so. The text holds no address, password or word of the receiver."""


class Way(Protocol):
    """`name` is what is kept with what was told by it."""

    name: str

    async def send(self, note: Note) -> str:
        """Give it to the receiver; says what that answered. Raises NotTaken."""
        ...


def ways(settings: AlertSettings) -> tuple[Way, ...]:
    """Those that are set; none where nothing is."""
    found: list[Way] = []
    if url := settings.flovify_alert_webhook_url.get_secret_value():
        found.append(Webhook(url))
    if server := read_server(settings.flovify_alert_smtp_url):
        found.append(Mail(server, settings.flovify_alert_from, settings.alert_addresses))
    return tuple(found)


class Webhook:
    """POSTs a note as JSON: `text` for chats, which show it, and `alerts` for programs. Any 2xx is a receipt.

    A session for each call: there are days between them. It goes there directly, never by the proxy for Microsoft.
    """

    name = "webhook"

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, note: Note) -> str:
        body = {"text": f"{note.subject}\n\n{note.text}", "alerts": note.alerts}
        timeout = aiohttp.ClientTimeout(total=WEBHOOK_SECONDS)
        try:
            async with (
                own_session(self._url) as session,
                session.post(self._url, json=body, timeout=timeout, allow_redirects=False) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotTaken(type(error).__name__) from None
        if not 200 <= status < 300:
            raise NotTaken(f"HTTP {status}")
        return f"HTTP {status}"


class Mail:
    """Hands a note to the mail server, for all addresses at once."""

    name = "mail"

    def __init__(self, server: MailServer, sender: str, to: tuple[str, ...]) -> None:
        self._server = server
        self._sender = sender
        self._to = to

    async def send(self, note: Note) -> str:
        client = self._client()
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                await client.connect()
                refused, _ = await client.send_message(self._message(note))
            await _take_leave(client)
        except aiosmtplib.SMTPResponseException as error:
            raise NotTaken(f"{type(error).__name__}: {error.code}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotTaken(type(error).__name__) from None
        finally:
            client.close()
        if refused:
            codes = sorted({answer.code for answer in refused.values()})
            get_logger().warning("alert_addresses_refused", refused=len(refused), codes=codes)
        return f"taken for {len(self._to) - len(refused)} of {len(self._to)} addresses"

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.encryption == "tls",
            # Required, not tried: without it neither password nor mail leaves.
            start_tls=server.encryption == "starttls",
            # Read now, so that SSL_CERT_FILE counts.
            tls_context=None if server.encryption == "none" else ssl.create_default_context(),
            timeout=MAIL_SECONDS,
        )

    def _message(self, note: Note) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._to)
        message["Subject"] = note.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.partition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(note.text)
        return message


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    """What goes wrong after the receipt changes nothing of it."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=_LEAVE_SECONDS)
