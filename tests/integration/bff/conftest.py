from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest_asyncio

from tests.integration.bff.services import Auth, Service, running_services
from tests.support.net import free_ports
from tests.support.processes import Process, start, stop, wait_ready

CHANGE = {"X-Flovify": "1"}

HOP = "hop-canary-7yQ2rT0x"


@dataclass
class Door:
    """A real bff process in front of two small servers."""

    port: int
    internal_port: int
    auth: Auth
    api: Service
    http: aiohttp.ClientSession
    process: Process

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def cookie_name(self) -> str:
        return f"flovify_sid_{self.port}"

    async def sign_in(self, email: str = "ann@example.com") -> dict[str, str]:
        """The headers of a signed-in program: cookie and X-Flovify."""
        body = {"email": email, "password": "right password"}
        async with self.http.post(f"{self.url}/bff/session", json=body, headers=CHANGE) as answer:
            assert answer.status == 200, await answer.text()
            return {**CHANGE, "Cookie": f"{self.cookie_name}={answer.cookies[self.cookie_name].value}"}

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON body."""
        async with self.http.request(method, f"{self.url}{path}", allow_redirects=False, **options) as answer:
            return answer.status, await answer.json(content_type=None) if answer.content_length != 0 else None

    async def raw(self, request: bytes) -> bytes:
        """Everything that comes back for these bytes until the other side closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            await writer.drain()
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()

    def forget(self) -> None:
        self.auth.seen.clear()
        self.api.seen.clear()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_door() -> AsyncIterator[Door]:
    port, internal = free_ports(2)
    async with running_services() as (auth, api), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        env = {
            "FLOVIFY_PORT": str(port),
            "FLOVIFY_BFF_INTERNAL_PORT": str(internal),
            "PUBLIC_URL": f"http://localhost:{port}",
            "FRONT_DOOR_SECRET": f"{HOP},the-one-before-this-one",
            "FLOVIFY_AUTH_URL": auth.url,
            "FLOVIFY_API_URL": api.url,
            "MS365_WEBHOOK_URL": "https://tunnel.example.net/api/ms365/webhook",
        }
        process = start(["serve", "bff"], env)
        try:
            await asyncio.to_thread(wait_ready, process, f"http://localhost:{port}/bff/ready", 120)
            yield Door(port, internal, auth, api, http, process)
        finally:
            await asyncio.to_thread(stop, process)


@pytest_asyncio.fixture(loop_scope="session")
async def door(running_door: Door) -> AsyncIterator[Door]:
    """The one front door, with nothing seen yet and no answer chosen."""
    chosen = dict(running_door.auth.answers)
    running_door.forget()
    yield running_door
    running_door.auth.answers = chosen
    running_door.auth.slow = None
    running_door.api.answers.clear()
