"""Notifications at a fixed rate, whatever becomes of those before: how long each waits for its answer.

A process of its own: `python -m flovify.cli.bench.openloop URL SECRETS_FILE PER_SECOND SECONDS` prints JSON. A delay is
counted from the moment the request was due, so that waiting in here is not left out.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvloop

from flovify.cli.bench.percentile import percentile

CONNECTIONS = 64


class _Sender:
    """Keeps connections, and answers' delays in seconds."""

    def __init__(self, url: str, subscriptions: list[list[str]]) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path
        self._subscriptions = subscriptions
        self._free: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.LifoQueue()
        self.delays: list[float] = []
        self.statuses: dict[str, int] = {}

    async def open(self) -> None:
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection(self._host, self._port))

    async def send(self, number: int, due: float) -> None:
        reader, writer = await self._free.get()
        body = self._body(number)
        head = f"POST {self._path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        writer.write(head.encode() + b"\r\n\r\n" + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        self.delays.append(asyncio.get_running_loop().time() - due)
        status = answer[9:12].decode()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self._free.put_nowait((reader, writer))

    def _body(self, number: int) -> bytes:
        """One to ten notifications."""
        items = []
        for part in range(number % 10 + 1):
            subscription_id, secret = self._subscriptions[(number + part) % len(self._subscriptions)]
            path = f"Users/x/Messages/open-{number}-{part}"
            data = {"@odata.type": "#Microsoft.Graph.Message", "@odata.id": path, "@odata.etag": f'W/"{number}"'}
            items.append(
                {
                    "subscriptionId": subscription_id,
                    "clientState": secret,
                    "changeType": "created",
                    "resource": path,
                    "resourceData": {**data, "id": f"AAkALgAAAAAAHYQDEapmEc2byACqAC-open-{number}-{part}"},
                }
            )
        return json.dumps({"value": items}).encode()


async def _run(url: str, subscriptions: list[list[str]], per_second: float, seconds: float) -> dict[str, Any]:
    sender = _Sender(url, subscriptions)
    await sender.open()
    loop = asyncio.get_running_loop()
    began, tasks = loop.time(), set[asyncio.Task[None]]()
    for number in range(int(per_second * seconds)):
        due = began + number / per_second
        if (rest := due - loop.time()) > 0:
            await asyncio.sleep(rest)
        task = asyncio.create_task(sender.send(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    delays = sorted(sender.delays)
    return {
        "p50": delays[len(delays) // 2],
        "p99": percentile(delays, 99),
        "max": delays[-1],
        "statuses": sender.statuses,
    }


def main() -> None:
    url, secrets, per_second, seconds = sys.argv[1:5]
    subscriptions = json.loads(Path(secrets).read_text())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_run(url, subscriptions, float(per_second), float(seconds)))
    print(json.dumps(found))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
