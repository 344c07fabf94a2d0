"""Mail comes in by SMTP (RFC 5321), from any stock client.

The bytes are handed on exactly as they were sent, after undoing dot-stuffing: no Received or Return-Path line is
added, so that what Graph's `$value` gives back can be compared with what was sent.
"""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from flovify.common.logs import get_logger
from flovify.sandbox.clouds import Clouds
from flovify.sandbox.tls.ports import BACKLOG

# Exchange Online's default limit for one message (graph/outlook-large-attachments: "35 MB by default").
MAX_MESSAGE_BYTES = 35 * 2**20
MAX_RECIPIENTS = 500
_COMMAND_BYTES = 4096
_IDLE_SECONDS = 120.0


class Handler:
    """Answers RCPT and DATA from the mailboxes of all clouds."""

    def __init__(self, clouds: Clouds) -> None:
        self._clouds = clouds

    async def handle_RCPT(  # noqa: N802 - the library looks hooks up by the command's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self._clouds.has_mailbox(address):
            return (
                f"550 5.1.1 <{_shown(address)}> is no mailbox of this sandbox; "
                "list them with GET /_sandbox/mailboxes, make one with POST /_sandbox/mailboxes"
            )
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return f"452 4.5.3 At most {MAX_RECIPIENTS} recipients a message"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Put a copy into each mailbox, one for each however often its address was given."""
        content = envelope.content
        if not isinstance(content, bytes):
            raise TypeError("the server is set to hand over bytes")
        mailboxes = {address.lower(): address for address in envelope.rcpt_tos}
        for address in mailboxes.values():
            self._clouds.deliver(address, content)
        get_logger().info("smtp_delivered", recipients=len(mailboxes), bytes=len(content))
        return f"250 2.0.0 OK, delivered to {len(mailboxes)}"


class Connection(SMTP):
    """One client's connection, corrected where the library loses mail or mixes up connections."""

    # The only limit on a line is the one on the whole message: real mail has base64 and HTML on one long line.
    line_length_limit = MAX_MESSAGE_BYTES

    def __init__(self, handler: Handler, opened: set[Connection], loop: asyncio.AbstractEventLoop) -> None:
        # The library shares this table between all connections and empties it for each new one.
        self.command_size_limits = defaultdict(lambda: _COMMAND_BYTES)
        self._opened = opened
        super().__init__(
            handler,
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname="sandbox.flovify.local",
            ident="Flovify sandbox SMTP",
            timeout=_IDLE_SECONDS,
            loop=loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._opened.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._opened.discard(self)
        super().connection_lost(error)

    def eof_received(self) -> bool:
        """Let what has been sent be worked off: a client may end its side right after QUIT, as `nc` does.

        The library would cancel the work here, in the middle of a delivery too.
        """
        self._reader.feed_eof()
        return True

    async def handle_exception(self, error: Exception) -> str:
        """The status for a failure of ours: 4yz, so that a sender tries again. Ends the connection at its end."""
        if isinstance(error, asyncio.IncompleteReadError):
            if self.transport is not None:
                self.transport.close()
            return "421 4.3.0 The connection ended in the middle of a command"
        get_logger().error("smtp_failed", error=type(error).__name__)
        return "451 4.3.0 The sandbox could not do this; its log says more"

    def end(self) -> None:
        """Close the connection, whatever the client is doing."""
        if self.transport is not None:
            self.transport.close()


@asynccontextmanager
async def open_smtp(sock: socket.socket, clouds: Clouds) -> AsyncIterator[None]:
    """Serve SMTP on a bound socket until the block ends; a delivery never waits, so none is cut in two then."""
    loop = asyncio.get_running_loop()
    handler = Handler(clouds)
    opened: set[Connection] = set()
    factory: Callable[[], Connection] = lambda: Connection(handler, opened, loop)  # noqa: E731
    server = await loop.create_server(factory, sock=sock, backlog=BACKLOG)
    try:
        yield
    finally:
        server.close()
        for connection in tuple(opened):
            connection.end()


def _shown(address: str) -> str:
    """An address fit for a reply line: ASCII, one line, not too long."""
    return address[:200].encode("ascii", "backslashreplace").decode("ascii").replace("\r", "").replace("\n", "")
