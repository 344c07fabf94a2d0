"""The calls auth makes to the api, with answers a test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.integration.auth.fake_entra import serving

REMOVAL_ID = "00000000-0000-4000-8000-000000000007"


class FakeApi:
    """Remembers calls. `status` is what a removal answers, once `hold` is set."""

    def __init__(self) -> None:
        self.origin = ""
        self.reset()

    def reset(self) -> None:
        self.status = 200
        self.status_reconnected = 202
        self.asked = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()
        self.removed: list[str] = []
        self.reconnected: list[str] = []
        self.subscribed: dict[str, str | None] = {}
        self.changed: list[str] = []
        self.ordered: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_delete("/api/internal/tenants/{id}", self._remove)
        app.router.add_post("/api/internal/tenants/{id}/connected", self._connected)
        app.router.add_post("/api/internal/live", self._live)
        return app

    async def _remove(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("X-Service-Token", ""))
        self.removed.append(request.match_info["id"])
        self.asked.set()
        await self.hold.wait()
        if self.status != 200:
            return web.Response(status=self.status)
        found: dict[str, object] = {"removed": 2, "left_to_expire": []}
        if request.query.get("delete_messages") == "true":
            self.ordered[request.match_info["id"]] = await request.json()
            found["removal_id"] = REMOVAL_ID
        return web.json_response(found)

    async def _live(self, request: web.Request) -> web.Response:
        self.changed.append((await request.json())["ref"])
        return web.json_response({}, status=202)

    async def _connected(self, request: web.Request) -> web.Response:
        tenant_id = request.match_info["id"]
        self.reconnected.append(tenant_id)
        if self.status_reconnected < 400:
            self.subscribed[tenant_id] = (await request.json())["subscribe"]
        return web.json_response({}, status=self.status_reconnected)


@asynccontextmanager
async def running_api() -> AsyncIterator[FakeApi]:
    api = FakeApi()
    async with serving(api.app()) as origin:
        api.origin = origin
        yield api
