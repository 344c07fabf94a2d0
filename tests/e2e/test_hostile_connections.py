"""Strangers who hold connections and send as little or as much as they can keep nobody else waiting."""

from __future__ import annotations

import asyncio
import socket
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.conftest import House
from tests.e2e.ground import send
from tests.support.processes import spawn
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

NOTIFICATIONS = 50
# Over some seconds, so that strangers are put out and come back meanwhile.
PACE_SECONDS = 0.1
MIB = 2**20
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


@pytest.mark.parametrize("strangers", [200, pytest.param(4000, marks=pytest.mark.nightly)])
async def test_a_genuine_notification_is_answered_while_strangers_hold_connections(
    house: House, strangers: int, record_property: Any
) -> None:
    item = await _genuine(house)
    port = house.stack.ports["FLOVIFY_PORT"]
    alone = await _seconds(house, item)
    with spawn([sys.executable, "-m", "tests.support.hostile", str(port), str(strangers)], {}) as hostile:
        await until(lambda: "standing" in hostile.output(), 60, "all strangers")
        # Behind thousands that came at the same moment: they stand in the system's queue before they stand here.
        async with house.stack.http.get(f"{house.stack.bff}/bff/health") as health:
            assert health.status == 200
        beside = await _seconds(house, item, PACE_SECONDS if strangers > 1000 else 0)
        assert hostile.alive()
    for name, values in (("alone", alone), ("beside", beside)):
        shown = f"median {statistics.median(values) * 1000:.1f} ms, worst {max(values) * 1000:.1f} ms"
        record_property(name, shown)
        sys.stdout.write(f"{strangers} strangers, {name}: {shown}\n")
    assert statistics.median(beside) < 0.1


async def _genuine(house: House) -> dict[str, Any]:
    """What Microsoft's stand-in has announced of one message."""
    mailbox = await house.connected()
    await send(house, mailbox, range(1))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    item = house.relay.item_for(mailbox.subscription_id)
    assert item is not None
    return item


async def _seconds(house: House, item: dict[str, Any], pace: float = 0) -> list[float]:
    """How long each of many notifications takes, over a connection of its own, to be stored and answered."""
    found = []
    url = f"http://127.0.0.1:{house.stack.ports['FLOVIFY_PORT']}/api/ms365/webhook"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        for _ in range(NOTIFICATIONS):
            began = time.perf_counter()
            async with session.post(url, json={"value": [item]}, headers={"Host": "localhost"}) as answer:
                assert answer.status == 202
            found.append(time.perf_counter() - began)
            await asyncio.sleep(pace)
    return found


@pytest.mark.parametrize(
    ("service", "port", "path"),
    [
        ("api", "FLOVIFY_API_PORT", "/api/ms365/subscriptions"),
        ("api", "FLOVIFY_API_INTERNAL_PORT", "/api/internal/renew-subscription"),
        ("auth", "FLOVIFY_AUTH_PORT", "/auth/users"),
        ("auth", "FLOVIFY_AUTH_INTERNAL_PORT", "/auth/internal/tenant-token"),
        ("bff", "FLOVIFY_PORT", "/bff/api/ms365/subscriptions"),
        ("bff", "FLOVIFY_BFF_INTERNAL_PORT", "/metrics"),
        ("worker", "FLOVIFY_WORKER_PORT", "/metrics"),
    ],
)
@pytest.mark.parametrize("how", ["Content-Length: 67108864", "Transfer-Encoding: chunked"])
async def test_a_body_without_credentials_is_refused_and_takes_no_memory(
    house: House, service: str, port: str, path: str, how: str
) -> None:
    pid = house.stack.processes[service].pid
    before = _resident(pid)
    answer, taken, most = await asyncio.to_thread(_pour, house.stack.ports[port], path, how, pid)
    # Where no size is announced, a route that reads no body may have refused before there is too much of it.
    allowed = (413,) if "Length" in how else (413, 401, 405)
    assert int(answer.split(b" ", 2)[1]) in allowed, answer
    assert b" 413 " not in answer or b'"body_too_large"' in answer
    # The sockets' own buffers are a part of what is taken, some 4 MiB on loopback.
    assert taken < 16 * MIB
    assert most - before < 16 * MIB


def _pour(port: int, path: str, how: str, pid: int) -> tuple[bytes, int, int]:
    """Send 64 MiB or as much as is taken: the answer, the bytes taken, and the most memory seen meanwhile."""
    taken, most = 0, 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Flovify: 1\r\n{how}"
        sock.sendall(f"{head}\r\n\r\n".encode())
        try:
            while taken < 64 * MIB:
                sock.sendall(CHUNK)
                taken += len(CHUNK)
                most = max(most, _resident(pid))
        except OSError:
            pass
        try:
            return sock.recv(65536), taken, most
        except OSError as error:
            return repr(error).encode(), taken, most


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
