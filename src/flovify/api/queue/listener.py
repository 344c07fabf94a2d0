"""LISTEN on a connection of its own, made anew whenever it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flovify.common.db import DATABASE_ERRORS, Connection, Pool
from flovify.common.logs import get_logger
from flovify.common.pace import wait

RECONNECT_SECONDS = 1.0
CHECK_SECONDS = 15.0


class Listener:
    """Calls `on_notify(payload)` for each NOTIFY on `channel`, and `on_gap()` whenever some may have been missed.

    A hint, never the only way to learn something: whoever uses it looks for himself now and then.
    """

    def __init__(
        self,
        pool: Pool,
        channel: str,
        on_notify: Callable[[str], None],
        on_gap: Callable[[], None] | None = None,
        *,
        reconnect_seconds: float = RECONNECT_SECONDS,
    ) -> None:
        """`reconnect_seconds`: how long to wait before a lost connection is made anew."""
        self._pool = pool
        self._channel = channel
        self._on_notify = on_notify
        self._on_gap = on_gap or (lambda: on_notify(""))
        self._reconnect_seconds = reconnect_seconds
        self.listening = False

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                get_logger().warning("listener_lost", channel=self._channel, error=type(error).__name__)
            await asyncio.sleep(self._reconnect_seconds)

    async def _listen(self) -> None:
        async with self._pool.acquire(timeout=5) as connection:
            cut = asyncio.Event()
            connection.add_termination_listener(lambda _connection: cut.set())
            await connection.add_listener(self._channel, self._heard)
            self.listening = True
            self._on_gap()
            try:
                while not cut.is_set():
                    await connection.execute("SELECT 1", timeout=5)
                    await wait(cut, CHECK_SECONDS)
            finally:
                self.listening = False
                self._on_gap()
                if not connection.is_closed():
                    await connection.remove_listener(self._channel, self._heard)

    def _heard(self, _connection: Connection, _pid: int, _channel: str, payload: object) -> None:
        self._on_notify(str(payload))
