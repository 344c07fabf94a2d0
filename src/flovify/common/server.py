"""Serve one or more ASGI applications from one process until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn

from flovify.common.correlation import CorrelationMiddleware
from flovify.common.listener.descriptors import raise_descriptor_limit
from flovify.common.listener.direct import DirectProtocol, DirectRoute
from flovify.common.listener.door import Door
from flovify.common.listener.limits import Limits
from flovify.common.listener.protocol import GuardedProtocol
from flovify.common.logs import get_logger
from flovify.common.pace import wait
from flovify.common.settings import SettingError

BACKLOG = 2048
_TICK_SECONDS = 1.0


@dataclass(frozen=True)
class Listener:
    """An application and where it listens. `variable` is the setting that names the port, for errors and figures.

    `limits` hold for every route, before it sees anything. Answers carry a correlation id, except where `correlated`
    is off. `direct` are routes by path that are asked before the application, and need none.
    """

    app: Any
    host: str
    port: int
    variable: str = ""
    correlated: bool = True
    limits: Limits = field(default_factory=Limits)
    direct: Mapping[str, DirectRoute] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.variable or str(self.port)

    @property
    def served(self) -> Any:
        """The application as the server calls it."""
        return CorrelationMiddleware(self.app) if self.correlated else self.app


class _Server(uvicorn.Server):
    """A server that leaves the signals to its process, so that several can share one, and sleeps while it is idle.

    uvicorn's own loop looks ten times a second whether it is to end: a quarter of a percent of a core for each process.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._ending = asyncio.Event()
        super().__init__(config)

    @property
    def should_exit(self) -> bool:
        return self._ending.is_set()

    @should_exit.setter
    def should_exit(self, value: bool) -> None:
        (self._ending.set if value else self._ending.clear)()

    def capture_signals(self) -> Any:
        return contextlib.nullcontext()

    async def main_loop(self) -> None:
        # Each whole tick sets the date that answers carry.
        while not await self.on_tick(0):
            await wait(self._ending, _TICK_SECONDS)


async def serve(
    listeners: Sequence[Listener],
    *,
    drain_seconds: float = 8,
    on_started: Callable[[], Awaitable[None]] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Run until SIGTERM or SIGINT (or until `stop` is set), then finish what is in flight within `drain_seconds`.

    Client addresses are never taken from forwarded headers. Raises SettingError when a port is taken.
    """
    stop = stop or asyncio.Event()
    sockets = [bind(one.host, one.port, one.variable) for one in listeners]
    raise_descriptor_limit(sum(one.limits.max_connections for one in listeners))
    servers = [create_server(one.served, drain_seconds, one.limits, one.name, one.direct) for one in listeners]
    _stop_on_signals(stop)
    tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in zip(servers, sockets, strict=True)]
    try:
        await _until_started(servers, tasks)
        get_logger().info("listening", addresses=[f"{item.host}:{item.port}" for item in listeners])
        if on_started:
            await on_started()
        await _first_of(stop, tasks)
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)
        get_logger().info("stopped")


def create_server(
    app: Any,
    drain_seconds: float,
    limits: Limits = Limits(),
    name: str = "",
    direct: Mapping[str, DirectRoute] | None = None,
    **options: Any,
) -> uvicorn.Server:
    """An HTTP server for sockets that are bound already; `options` are uvicorn's own, beyond what all of ours share.

    `name` is what its figures are labelled with.
    """
    door = Door(limits, name)
    routes = {path.encode(): route for path, route in (direct or {}).items()}
    protocol = (
        functools.partial(DirectProtocol, door=door, routes=routes)
        if routes
        else functools.partial(GuardedProtocol, door=door)
    )
    config = uvicorn.Config(
        app,
        http=cast("type[asyncio.Protocol]", protocol),  # uvicorn only calls it
        ws="none",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(drain_seconds),
        **options,
    )
    return _Server(config)


def bind(host: str, port: int, variable: str = "") -> socket.socket:
    """A bound, non-blocking TCP socket, not yet listening. Port 0 takes any free one.

    Raises SettingError naming `variable` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio switches Nagle's algorithm off, as uvloop does: answers would wait 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingError(
            f"{variable or 'the port'}: cannot listen on {host}:{port} ({error.strerror}); "
            f"choose another port, or see who has it with: ss -ltnp 'sport = :{port}'"
        ) from None
    sock.setblocking(False)
    return sock


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def _until_started(servers: Sequence[uvicorn.Server], tasks: Sequence[asyncio.Task[None]]) -> None:
    while not all(server.started for server in servers):
        if any(task.done() for task in tasks):
            raise RuntimeError("a listener stopped while starting")
        await asyncio.sleep(0.01)


async def _first_of(stop: asyncio.Event, tasks: Sequence[asyncio.Task[None]]) -> None:
    waiter = asyncio.create_task(stop.wait())
    await asyncio.wait([waiter, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
