"""Requests that are answered without an application: for the one route whose rate counts.

A task, an application's messages and its answer put together piece by piece are about a third of what a notification
costs. Only whole requests that came in one piece go this way; all others, and those that the route does not want, are
the application's as ever, under the same limits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from flovify.common.correlation import HEADER, wanted_id
from flovify.common.listener.door import Door
from flovify.common.listener.protocol import GuardedProtocol
from flovify.common.uuid7 import uuid7

_CORRELATION = HEADER.lower().encode("ascii")


class DirectRoute(Protocol):
    """A path's POST without a query."""

    def begin(self, headers: list[tuple[bytes, bytes]], body: bytes, correlation_id: str) -> asyncio.Future[Any] | None:
        """What the answer waits for; None leaves the request to the application. Never raises."""

    def answer(self, done: asyncio.Future[Any], seconds: float) -> bytes:
        """Status line and headers, each line with its end, without the empty line, of an answer that has no body."""


class DirectProtocol(GuardedProtocol):
    """`routes` by path."""

    def __init__(self, *args: Any, door: Door, routes: Mapping[bytes, DirectRoute], **options: Any) -> None:
        super().__init__(*args, door=door, **options)
        self._routes = routes
        self._route: DirectRoute | None = None  # of the request whose head has just come
        # The request that was not given to its application yet.
        self._held: tuple[RequestResponseCycle, Any, DirectRoute] | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._let_go()

    def on_headers_complete(self) -> None:
        if self.parser.get_method() == b"POST":
            self._route = self._routes.get(self.url)
        try:
            super().on_headers_complete()
        finally:
            self._route = None

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._held is not None:
            cycle, _, route = self._held
            if self._is_begun(cycle, route):
                self._held = None
            else:
                self._let_go()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # A request that waited behind another has no route here: it is begun from outside of its own head.
        if self._route is not None:
            self._held = (cycle, app, self._route)
        else:
            super()._start_asgi_task(cycle, app)

    def _let_go(self) -> None:
        """The application's after all."""
        if self._held is not None:
            (cycle, app, _), self._held = self._held, None
            if not cycle.disconnected:
                super()._start_asgi_task(cycle, app)

    def _is_begun(self, cycle: RequestResponseCycle, route: DirectRoute) -> bool:
        headers: list[tuple[bytes, bytes]] = cycle.scope["headers"]  # type: ignore[assignment]
        began, correlation_id = self.loop.time(), wanted_id(headers) or str(uuid7())
        waiting = route.begin(headers, bytes(cycle.body), correlation_id)
        if waiting is None:
            return False

        def end(done: asyncio.Future[Any]) -> None:
            head = route.answer(done, self.loop.time() - began)
            self._end_directly(cycle, head + b"%b: %b\r\n" % (_CORRELATION, correlation_id.encode("ascii")))

        waiting.add_done_callback(end)
        return True

    def _end_directly(self, cycle: RequestResponseCycle, head: bytes) -> None:
        if cycle.disconnected or self.transport.is_closing():
            return
        cycle.response_started = cycle.response_complete = True
        own = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        self.transport.write(head + own + (b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
