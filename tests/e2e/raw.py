"""Requests as bytes, for what no client library would send."""

from __future__ import annotations

import asyncio


class _Taken(asyncio.Protocol):
    """Keeps what came although the connection broke afterwards, as it does under who still sends when it is closed."""

    def __init__(self) -> None:
        self.data = b""
        self.headed, self.closed = asyncio.Event(), asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data
        if b"\r\n\r\n" in self.data:
            self.headed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.headed.set()
        self.closed.set()


async def answer_to(port: int, raw: bytes, *, until_closed: bool = False) -> bytes:
    """What comes back: the first head at least, or everything until the other side closes."""
    transport, taken = await asyncio.get_running_loop().create_connection(_Taken, "127.0.0.1", port)
    transport.write(raw)
    async with asyncio.timeout(20):
        await (taken.closed if until_closed else taken.headed).wait()
    transport.close()
    return taken.data
