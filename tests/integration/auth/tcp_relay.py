"""A TCP relay in front of PostgreSQL that a test can take away and bring back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit, urlunsplit

from tests.support.pump import pump


class TcpRelay:
    """Forwards connections to the server of `dsn`; while it is down it refuses new ones and has cut the old ones."""

    def __init__(self, dsn: str) -> None:
        self._dsn = urlsplit(dsn)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def dsn(self) -> str:
        """The same database through the relay."""
        sign_in = self._dsn.netloc.rpartition("@")[0]
        return urlunsplit(("postgresql", f"{sign_in}@127.0.0.1:{self._port}", self._dsn.path, "", ""))

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await self._connect()
        self._writers |= {writer, upstream}
        await asyncio.gather(pump(reader, upstream), pump(upstream_reader, writer))
        self._writers -= {writer, upstream}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._dsn.query)
        host = query.get("host", [self._dsn.hostname or ""])[0]
        port = int(query.get("port", [str(self._dsn.port or 5432)])[0])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


@asynccontextmanager
async def running_tcp_relay(dsn: str) -> AsyncIterator[TcpRelay]:
    relay = TcpRelay(dsn)
    await relay.up()
    try:
        yield relay
    finally:
        await relay.down()
