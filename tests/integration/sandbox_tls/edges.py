"""The edges of the sandbox around a tiny application and a tiny mailbox store, on free ports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from flovify.sandbox.tls.edges import open_edges
from tests.support.net import free_ports

SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"


@dataclass
class Mailboxes:
    """Keeps what was delivered, in order."""

    delivered: list[tuple[str, bytes]] = field(default_factory=list)
    known: set[str] = field(default_factory=lambda: {SALES, SUPPORT})
    error: Exception | None = None

    def has_mailbox(self, address: str) -> bool:
        return address.lower() in self.known

    async def deliver(self, address: str, raw: bytes) -> None:
        if self.error:
            raise self.error
        self.delivered.append((address.lower(), raw))


@dataclass
class World:
    mail: Mailboxes = field(default_factory=Mailboxes)


@dataclass
class Settings:
    flovify_data_dir: Path
    flovify_sandbox_tls_port: int
    flovify_sandbox_proxy_port: int
    flovify_sandbox_smtp_port: int
    flovify_host: str = "127.0.0.1"


@dataclass
class Edges:
    settings: Settings
    world: World

    @property
    def ca(self) -> Path:
        return self.settings.flovify_data_dir / "sandbox" / "ca.pem"

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.settings.flovify_sandbox_proxy_port}"


async def _echo(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"url": str(request.url), "host": request.headers["host"], "bytes": len(body)})


def app() -> Starlette:
    return Starlette(routes=[Route("/{path:path}", _echo, methods=["GET", "POST"])])


def settings(folder: Path) -> Settings:
    tls, proxy, smtp = free_ports(3)
    return Settings(folder, tls, proxy, smtp)


@asynccontextmanager
async def edges(folder: Path) -> AsyncIterator[Edges]:
    made = Edges(settings(folder), World())
    async with open_edges(made.world.mail, app(), made.settings):
        yield made
