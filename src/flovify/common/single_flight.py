"""One question for all who ask the same at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SingleFlight(Generic[K, V]):
    """Whoever asks while a question of the same key is under way gets its answer, or its error."""

    def __init__(self) -> None:
        self._flights: dict[K, asyncio.Task[V]] = {}
        self._tasks: set[asyncio.Task[V]] = set()

    async def ask(self, key: K, question: Callable[[], Coroutine[Any, Any, V]]) -> V:
        """The answer of the question under way, or of this one, which is begun if there is none."""
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(question())
            self._flights[key] = flight
            self._tasks.add(flight)
            flight.add_done_callback(lambda done: self._landed(key, done))
        # Shielded: one caller that gives up must not take the answer from the others.
        return await asyncio.shield(flight)

    def forget(self, key: K) -> None:
        """Let the next one ask anew; those who wait get the answer of the question under way all the same."""
        self._flights.pop(key, None)

    def wanted(self, key: K) -> bool:
        """Within a question: whether it was not forgotten meanwhile, so that its answer may be kept."""
        return self._flights.get(key) is asyncio.current_task()

    def _landed(self, key: K, done: asyncio.Task[V]) -> None:
        self._tasks.discard(done)
        if self._flights.get(key) is done:
            del self._flights[key]
        if not done.cancelled():
            done.exception()  # looked at, so that a failure all callers gave up on is no "never retrieved" warning
