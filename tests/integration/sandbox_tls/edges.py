"""The edges of the sandbox around a tiny application and two mailboxes, on free ports."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from flovify.sandbox.clouds import Clouds
from flovify.sandbox.settings import SandboxSettings
from flovify.sandbox.tls.edges import open_edges
from flovify.sandbox.world import World, create_world
from tests.support.net import free_ports

SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"


@functools.cache
def _world() -> World:
    """One for all tests, for its signing key takes long to make."""
    return create_world(SandboxSettings(flovify_sandbox_memory=True))


class TinyClouds(Clouds):
    """An empty sandbox with two mailboxes, behind an application that only tells what it was asked.

    Keeps what was delivered, in order.
    """

    def __init__(self) -> None:
        world = _world()
        world.reset()
        super().__init__(world)
        self._directory = world.directory
        self._echo = Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])
        self.delivered: list[tuple[str, bytes]] = []
        self.error: Exception | None = None
        for address in (SALES, SUPPORT):
            self.add_mailbox(address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._echo(scope, receive, send)

    def add_mailbox(self, address: str) -> None:
        self._directory.add_user(address, address)

    def deliver(self, address: str, raw: bytes) -> None:
        if self.error:
            raise self.error
        super().deliver(address, raw)
        self.delivered.append((address.lower(), raw))


@dataclass
class Edges:
    settings: SandboxSettings
    clouds: TinyClouds

    @property
    def ca(self) -> Path:
        return self.settings.flovify_data_dir / "sandbox" / "ca.pem"

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.settings.flovify_sandbox_proxy_port}"


async def _echo(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"url": str(request.url), "host": request.headers["host"], "bytes": len(body)})


def settings(folder: Path) -> SandboxSettings:
    tls, proxy, smtp = free_ports(3)
    return SandboxSettings(
        flovify_data_dir=folder,
        flovify_sandbox_tls_port=tls,
        flovify_sandbox_proxy_port=proxy,
        flovify_sandbox_smtp_port=smtp,
    )


@asynccontextmanager
async def edges(folder: Path) -> AsyncIterator[Edges]:
    made = Edges(settings(folder), TinyClouds())
    async with open_edges(made.clouds, made.settings):
        yield made
