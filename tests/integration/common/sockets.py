"""A client that sends bytes as it likes, and a server with limits as small as a test has time for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY
from starlette.types import ASGIApp

from flovify.common.listener.direct import DirectRoute
from flovify.common.listener.limits import Limits
from flovify.common.server import bind, create_server
from tests.support.wait import until

PATIENCE_SECONDS = 5.0


class Client:
    """One connection. `taken` counts the bytes that the other side let us send."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._reading: asyncio.Task[bytes] | None = None
        self.taken = 0

    async def send(self, data: bytes) -> bool:
        """False when the other side takes nothing any more."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._loop.sock_sendall(self._sock, data)
        except OSError:  # TimeoutError too
            return False
        self.taken += len(data)
        return True

    def say_no_more(self) -> None:
        self._sock.shutdown(socket.SHUT_WR)

    async def read(self, seconds: float = PATIENCE_SECONDS) -> bytes | None:
        """What came; b"" at the end of the connection, None when nothing came in time."""
        # Cancelled in the moment something comes, a read would take it along: one that was not answered goes on.
        reading = self._reading = self._reading or asyncio.create_task(self._receive())
        if not (await asyncio.wait((reading,), timeout=seconds))[0]:
            return None
        self._reading = None
        return reading.result()

    async def _receive(self) -> bytes:
        try:
            return await self._loop.sock_recv(self._sock, 65536)
        except OSError:
            return b""

    async def rest(self) -> bytes:
        """All that comes until the other side closes. Raises AssertionError when it does not."""
        found = b""
        while piece := await self.read():
            found += piece
        assert piece is not None, f"still open after {found!r}"
        return found

    async def answer(self) -> bytes:
        """One whole answer with a length of at most two digits; the connection may stay open."""
        found = b""
        while b"\r\n\r\n" not in found or len(found.partition(b"\r\n\r\n")[2]) < _length(found):
            piece = await self.read()
            assert piece, f"no whole answer: {found!r}"
            found += piece
        return found

    async def drip(self, piece: bytes, every: float = 0.02) -> bytes:
        """Send `piece` again and again until something comes back or the connection ends; all that came."""
        while (found := await self.read(every)) is None:
            await self.send(piece)
        return found + await self.rest() if found else b""

    async def is_open(self) -> bool:
        return await self.read(0.02) is None

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.wait((self._reading,))
        self._sock.close()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2][:2])


class Place:
    """A listener: its port, its figures, and the clients a test has opened."""

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self._clients: list[Client] = []

    async def connect(self, source: str = "127.0.0.1") -> Client:
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        self._clients.append(Client(sock))
        return self._clients[-1]

    async def ask(self, *parts: bytes, source: str = "127.0.0.1") -> bytes:
        """All that comes back for these bytes until the connection is closed."""
        client = await self.connect(source)
        for part in parts:
            await client.send(part)
        return await client.rest()

    @property
    def open(self) -> int:
        return int(REGISTRY.get_sample_value("flovify_listener_connections", {"listener": self.name}) or 0)

    def refused(self, reason: str) -> int:
        labels = {"listener": self.name, "reason": reason}
        return int(REGISTRY.get_sample_value("flovify_listener_refused_total", labels) or 0)

    async def empty(self) -> None:
        """Close what the test has opened, and wait until it is seen."""
        while self._clients:
            await self._clients.pop().close()
        await until(lambda: self.open == 0, what="the end of all connections")


@asynccontextmanager
async def served(
    app: ASGIApp, limits: Limits, name: str, direct: Mapping[str, DirectRoute] | None = None
) -> AsyncIterator[Place]:
    sock = bind("127.0.0.1", 0)
    server = create_server(app, 1, limits, name, direct)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    await until(lambda: server.started, what="the listener", poll=0.01)
    try:
        yield Place(name, sock.getsockname()[1])
    finally:
        server.should_exit = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(task, 5)
