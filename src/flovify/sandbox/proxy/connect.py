"""An HTTPS CONNECT proxy that leads to the sandbox and nowhere else.

It answers CONNECT for Microsoft's two host names by joining the client to the sandbox's own TLS listener, which shows
the certificate for the name the client asks for (SNI) and sees the Host header as sent. Nothing is ever forwarded to
the network: any other host, port or method is refused with the reason (RFC 9110, 9.3.6).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flovify.common.logs import get_logger
from flovify.sandbox.tls.names import MICROSOFT_HOSTS
from flovify.sandbox.tls.ports import BACKLOG

HEADER_BYTES = 16 * 1024
HEADER_SECONDS = 10.0
MAX_TUNNELS = 1024
TARGETS = frozenset(f"{host}:443" for host in MICROSOFT_HOSTS)
_CHUNK_BYTES = 64 * 1024


class Refused(Exception):
    """The proxy will not do what was asked; `status` and the text are the answer."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


class ConnectProxy:
    """Joins clients to `upstream` (host, port of the TLS listener)."""

    def __init__(self, upstream: tuple[str, int], *, header_seconds: float = HEADER_SECONDS) -> None:
        self._upstream = upstream
        self._header_seconds = header_seconds
        self._open: set[asyncio.Task[None]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end; never raises because of what a client does."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is handled in a task")
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except OSError:
            # The client or the listener went away: both ends are closed below, and there is nobody left to tell.
            get_logger().debug("proxy_connection_lost")
        finally:
            self._open.discard(task)
            await _close(writer)

    async def stop(self) -> None:
        """End what is open."""
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target = await self._target(reader)
        except Refused as refusal:
            get_logger().info("proxy_refused", status=refusal.status, reason=str(refusal))
            await _answer(writer, refusal)
            return
        try:
            upstream = await asyncio.open_connection(*self._upstream, limit=_CHUNK_BYTES)
        except OSError:
            await _answer(writer, Refused("502 Bad Gateway", "The sandbox's own HTTPS listener does not answer."))
            return
        get_logger().debug("proxy_tunnel", target=target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await _splice((reader, writer), upstream)
        finally:
            await _close(upstream[1])

    async def _target(self, reader: asyncio.StreamReader) -> str:
        """The allowed `host:port` a client asks for. Raises Refused for everything else."""
        try:
            async with asyncio.timeout(self._header_seconds):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refused(
                "431 Request Header Fields Too Large", f"The request's head is longer than {HEADER_BYTES} bytes."
            ) from None
        except TimeoutError:
            raise Refused(
                "408 Request Timeout", f"No complete request came within {self._header_seconds:g} seconds."
            ) from None
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                raise ConnectionAbortedError from None
            raise Refused("400 Bad Request", "The request ended in the middle of its head.") from None
        if len(self._open) > MAX_TUNNELS:
            raise Refused("503 Service Unavailable", f"More than {MAX_TUNNELS} connections are open.")
        return allowed_target(head)


def allowed_target(head: bytes) -> str:
    """The target of a CONNECT request's head, lower case, if the sandbox stands in for it. Raises Refused otherwise."""
    parts = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Refused("400 Bad Request", "This is no HTTP/1.1 request.")
    method, target = parts[0], parts[1].lower()
    if method != "CONNECT":
        raise Refused("403 Forbidden", f"This proxy only does CONNECT, to {_names()}. It fetches nothing itself.")
    if target not in TARGETS:
        raise Refused("403 Forbidden", f"This proxy leads to {_names()} of the sandbox and to no other host or port.")
    return target


@asynccontextmanager
async def open_proxy(sock: socket.socket, upstream: tuple[str, int]) -> AsyncIterator[ConnectProxy]:
    """Run the proxy on a bound socket until the block ends."""
    proxy = ConnectProxy(upstream)
    server = await asyncio.start_server(proxy.handle, sock=sock, limit=HEADER_BYTES, backlog=BACKLOG)
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()


async def _splice(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Carry bytes both ways until the listener has said all it has to say.

    The client's end of sending is passed on (half-close) and the answer still flows. When the listener has ended,
    nothing the client sends can matter any more.
    """
    forward = asyncio.create_task(_pump(client[0], upstream[1]))
    try:
        await _pump(upstream[0], client[1])
    finally:
        forward.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await forward


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof() and not writer.is_closing():
        # The other side may be gone already; then there is nothing to end.
        with contextlib.suppress(OSError):
            writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, refusal: Refused) -> None:
    body = f"{refusal}\n".encode()
    head = (
        f"HTTP/1.1 {refusal.status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode("ascii") + body)
    await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _names() -> str:
    return " and ".join(sorted(TARGETS))
