"""The two calls auth makes to the api, with answers a test chooses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.integration.auth.fake_entra import serving


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
        self.tokens: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_delete("/api/internal/tenants/{id}", self._remove)
        app.router.add_post("/api/internal/tenants/{id}/reconnected", self._reconnected)
        return app

    async def _remove(self, request: web.Request) -> web.Response:
        self.tokens.add(request.headers.get("X-Service-Token", ""))
        self.removed.append(request.match_info["id"])
        self.asked.set()
        await self.hold.wait()
        if self.status != 200:
            return web.Response(status=self.status)
        return web.json_response({"removed": 2, "left_to_expire": []})

    async def _reconnected(self, request: web.Request) -> web.Response:
        self.reconnected.append(request.match_info["id"])
        return web.json_response({}, status=self.status_reconnected)


@asynccontextmanager
async def running_api() -> AsyncIterator[FakeApi]:
    api = FakeApi()
    async with serving(api.app()) as origin:
        api.origin = origin
        yield api
