"""A process of its own that holds many connections to one listener and comes back when it is put out.

    python -m tests.support.hostile PORT COUNT

From 127.0.0.2 to 127.0.0.20; a third each is silent, drips a header, drips a body. Says `standing` when all of them
have been connected once; ends with SIGTERM.
"""

from __future__ import annotations

import asyncio
import random
import resource
import socket
import sys

import uvloop

SOURCES = [f"127.0.0.{number}" for number in range(2, 21)]
DRIP_SECONDS = 2.0
# Not all at one moment: a thousand and more at once wait for each other in the system's own queue, before any listener.
COME_BACK_SECONDS = (0.5, 2.0)
_BEGINNINGS = (
    b"",
    b"GET /api/ms365/webhook HTTP/1.1\r\nHost: localhost\r\nX: ",
    b"POST /bff/session HTTP/1.1\r\nHost: localhost\r\nX-Flovify: 1\r\nContent-Length: 9000\r\n\r\n",
)


class Hostile(asyncio.Protocol):
    """One connection; `gone` is set when the other side has ended it."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.gone.set()


async def stand(port: int, number: int, first: asyncio.Semaphore, connected: asyncio.Event) -> None:
    """Connect, send what is as little as possible, and begin again when it is over; for ever."""
    while True:
        try:
            async with first:
                transport, hostile = await _connect(port, SOURCES[number % len(SOURCES)])
        except OSError:
            await asyncio.sleep(_come_back_seconds())
            continue
        connected.set()
        beginning = _BEGINNINGS[number % len(_BEGINNINGS)]
        if not transport.is_closing():
            transport.write(beginning)
        while not await _over(hostile):
            if beginning and not transport.is_closing():
                transport.write(b"x")
        transport.abort()
        await asyncio.sleep(_come_back_seconds())


def _come_back_seconds() -> float:
    return random.uniform(*COME_BACK_SECONDS)  # noqa: S311 - only spread


async def _connect(port: int, source: str) -> tuple[asyncio.Transport, Hostile]:
    return await asyncio.get_running_loop().create_connection(
        Hostile, "127.0.0.1", port, family=socket.AF_INET, local_addr=(source, 0)
    )


async def _over(hostile: Hostile) -> bool:
    try:
        await asyncio.wait_for(hostile.gone.wait(), DRIP_SECONDS)
    except TimeoutError:
        return False
    return True


async def main(port: int, count: int) -> None:
    first = asyncio.Semaphore(200)
    connected = [asyncio.Event() for _ in range(count)]
    standing = [asyncio.create_task(stand(port, number, first, one)) for number, one in enumerate(connected)]
    for one in connected:
        await one.wait()
    sys.stdout.write("standing\n")
    sys.stdout.flush()
    await asyncio.gather(*standing)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), int(sys.argv[2])))
