"""The log of changes as server-sent events (HTML Standard, 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

import msgspec

from flovify.api.live.hub import Follower, LiveHub
from flovify.api.live.models import LiveEvent, LiveKind

PING_SECONDS = 15.0
WARN_SECONDS = 60.0
RETRY_MILLISECONDS = 2000
_FOR_EVER = float("inf")
# While entered, calls what it was given once the one who follows may not do so any more.
Ending = Callable[[Callable[[], None]], AbstractContextManager[object]]


async def stream(
    hub: LiveHub, last_event_id: str | None, expires_at: datetime | None, ending: Ending = nullcontext
) -> AsyncGenerator[bytes, None]:
    """The stream's bytes, until the token ends, `ending` says so, or the process stops.

    Whoever stops reading frees everything.
    """
    after, known = _cursor(last_event_id)
    async with hub.follow(after) as follower:
        follower.resync = follower.resync or not known
        with ending(follower.end):
            # An id without data sets the place to come back to, also before anything has happened.
            yield f"retry: {RETRY_MILLISECONDS}\nid: {follower.sent}\n\n".encode()
            async for block in _blocks(follower, _Deadlines(expires_at)):
                yield block


async def _blocks(follower: Follower, deadlines: _Deadlines) -> AsyncGenerator[bytes, None]:
    while not deadlines.over() and not follower.ended:
        if follower.resync:
            follower.resync = False
            yield _event(None, LiveKind.RESYNC, None)
        try:
            async with asyncio.timeout(deadlines.until_next()):
                event = await follower.events.get()
        except TimeoutError:
            if deadlines.should_warn():
                yield _event(None, LiveKind.SESSION_EXPIRING, None)
            else:
                yield b": ping\n\n"
            continue
        if event is None:
            return
        if event.id > follower.sent:
            follower.sent = event.id
            yield _block(event)


class _Deadlines:
    """When to warn of the session's end, and when it has come. Times of the clock on the wall, as tokens have them."""

    def __init__(self, expires_at: datetime | None) -> None:
        left = (expires_at - datetime.now(UTC)).total_seconds() if expires_at else _FOR_EVER
        self._end = _now() + left
        self._warned = False

    def over(self) -> bool:
        return _now() >= self._end

    def until_next(self) -> float:
        next_one = self._end if self._warned else self._end - WARN_SECONDS
        return max(0.0, min(PING_SECONDS, next_one - _now()))

    def should_warn(self) -> bool:
        """Once, when the last minute has begun."""
        if self._warned or _now() < self._end - WARN_SECONDS:
            return False
        self._warned = True
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()


def _cursor(last_event_id: str | None) -> tuple[int | None, bool]:
    """(where to go on, whether that could be understood)."""
    if not last_event_id:
        return None, True
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 19:
        return int(last_event_id), True
    return None, False


def _block(event: LiveEvent) -> bytes:
    return _event(event.id, event.kind, event.ref)


def _event(event_id: int | None, kind: str, ref: str | None) -> bytes:
    data = msgspec.json.encode({"kind": str(kind), "ref": ref}).decode()
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {kind!s}\ndata: {data}\n\n".encode()
