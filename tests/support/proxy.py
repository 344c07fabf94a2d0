"""A company's CONNECT proxy that asks for user name and password, and leads to another proxy or to nowhere."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.pump import pump

LOGIN = "proxy-user:p%40ss-canary-7Qx"
_EXPECTED = b"Basic " + base64.b64encode(b"proxy-user:p@ss-canary-7Qx")


class CompanyProxy:
    """Keeps each request line it was sent. `upstream` is (host, port) of a CONNECT proxy; None: all is refused."""

    def __init__(self, upstream: tuple[str, int] | None = None) -> None:
        self.upstream = upstream
        self.port = 0
        self.asked: list[str] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    def url(self, login: str = LOGIN) -> str:
        return f"http://{login}@127.0.0.1:{self.port}"

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Refuse new connections and cut the open ones."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head.split(b"\r\n", 1)[0].decode("latin-1"))
                await self._answer(head, reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"Proxy-Authorization: " + _EXPECTED + b"\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif self.upstream is None:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        else:
            upstream_reader, upstream = await asyncio.open_connection(*self.upstream)
            upstream.write(head)
            await asyncio.gather(pump(reader, upstream), pump(upstream_reader, writer))


@asynccontextmanager
async def company_proxy(upstream: tuple[str, int] | None = None) -> AsyncIterator[CompanyProxy]:
    proxy = CompanyProxy(upstream)
    await proxy.up()
    try:
        yield proxy
    finally:
        await proxy.down()
