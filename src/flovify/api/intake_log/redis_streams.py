"""Redis Streams as the log: one stream, one consumer group, and a second stream for what was refused.

Durable only with an append-only file that is synced before each answer; `check` refuses everything else. Beside the
stream stands how many events are in it, changed together with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from flovify.api.intake_log.encoding import encode
from flovify.api.intake_log.errors import EngineAway, NotStored
from flovify.api.intake_log.fronts import WRITE_SECONDS, refused_rows
from flovify.api.intake_log.models import EventRow, LogDepth
from flovify.api.intake_log.protocol import Delivery
from flovify.common.settings import SettingError

NAME = "Redis"
STREAM, REFUSED, EVENTS = "flovify:intake", "flovify:refused", "flovify:intake:events"
GROUP = "flovify"
# What a worker has not acknowledged for so long is another's, and how often that is looked for.
IDLE_SECONDS = 60.0
CLAIM_SECONDS = 5.0
# And after how many times as long nobody expects it back.
_LONG_IDLE = 10
# How long it is believed how many replicas there are, and how long they have to confirm.
_REPLICA_SECONDS = 1.0
_CONFIRM_SECONDS = 1.5
_CALL_SECONDS = 5.0
_NEEDED = {
    "appendonly": ("yes", "or all is lost when Redis ends"),
    "appendfsync": ("always", "or the last second is lost when the machine ends"),
    "maxmemory-policy": ("noeviction", "or what waits is thrown away when memory is short"),
}
_ADD = """
redis.call('XADD', KEYS[1], '*', 'group', ARGV[1], 'events', ARGV[2])
redis.call('INCRBY', KEYS[2], ARGV[2])
"""
# A group is counted out once, however many acknowledge it.
_ACKNOWLEDGE = """
local events = 0
for i = 2, #ARGV, 2 do
    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
    if redis.call('XDEL', KEYS[1], ARGV[i]) == 1 then events = events + ARGV[i + 1] end
end
if events > 0 then redis.call('DECRBY', KEYS[2], events) end
"""
_REFUSE = """
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if redis.call('XDEL', KEYS[1], ARGV[2]) == 1 then
    redis.call('XADD', KEYS[2], '*', 'group', ARGV[3], 'events', ARGV[4], 'reason', ARGV[5])
end
"""
# At once, for what is given to a name between the look and its removal would be given to nobody ever again.
_FORGET = """
for _, one in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local found = {}
    for i = 1, #one, 2 do found[one[i]] = one[i + 1] end
    local meant = ARGV[3] == '' or ARGV[3] == found['name']
    if meant and found['pending'] == 0 and found['idle'] >= tonumber(ARGV[2]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], found['name'])
    end
end
"""


class RedisEngine:
    """`Engine` at one `redis://` or `rediss://` URL."""

    def __init__(self, url: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._url = url
        self._idle_seconds = idle_seconds
        self._link = _Link(url)
        self._source = RedisSource(url)

    async def check(self) -> None:
        """See `Engine`. What is wrong is named with its mend."""
        async with self._link.open() as redis:
            await _check(redis)
            await _make_group(redis)

    async def ready(self) -> None:
        async with self._link.open() as redis:
            await redis.ping()

    async def depth(self) -> LogDepth:
        return await self._source.depth()

    def front(self) -> RedisFront:
        return RedisFront(self._url)

    def source(self) -> RedisSource:
        return RedisSource(self._url, idle_seconds=self._idle_seconds)

    async def close(self) -> None:
        await self._source.close()
        await self._link.close()


class RedisFront:
    """`Front`: each group in one script, confirmed by every replica that is connected."""

    def __init__(self, url: str) -> None:
        self._link = _Link(url)
        self._replicas = 0
        self._asked_at = float("-inf")

    async def write(self, rows: Sequence[EventRow]) -> None:
        with refused_rows():
            body = encode(rows)
        try:
            async with asyncio.timeout(WRITE_SECONDS), self._link.open() as redis:
                await self._count_replicas(redis)
                # No pipeline: that has a connection of its own, and WAIT asks for the writes of its own connection.
                await redis.eval(_ADD, 2, STREAM, EVENTS, body, str(len(rows)))
                if self._replicas and await redis.wait(self._replicas, int(_CONFIRM_SECONDS * 1000)) < self._replicas:
                    self._asked_at = float("-inf")
                    raise NotStored("replicas")
        except (EngineAway, TimeoutError) as error:
            await self.close()
            raise NotStored(error.cause.__name__ if isinstance(error, EngineAway) else "TimeoutError") from None

    async def _count_replicas(self, redis: Redis) -> None:
        if time.monotonic() - self._asked_at > _REPLICA_SECONDS:
            self._replicas = (await redis.info("replication"))["connected_slaves"]
            self._asked_at = time.monotonic()

    async def close(self) -> None:
        self._asked_at = float("-inf")
        await self._link.close()


class RedisSource:
    """`Source`: each process is a consumer of its own."""

    def __init__(self, url: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._link = _Link(url, made=_make_group)
        # Beside the first one, which may be waiting for something to come.
        self._asking = _Link(url)
        self._consumer = uuid.uuid4().hex
        self._idle_seconds = idle_seconds
        self._claimed_at = float("-inf")
        self._has_read = False

    async def read(self, most: int, seconds: float) -> list[Delivery]:
        async with self._link.open() as redis:
            self._has_read = True
            if claimed := await self._claim(redis, most):
                return claimed
            # Redis takes 0 for as long as it takes.
            block = max(int(seconds * 1000), 1)
            found: Any = await redis.xreadgroup(GROUP, self._consumer, {STREAM: ">"}, count=most, block=block)
        return [one for _, entries in found for one in _deliveries(entries)]

    async def _claim(self, redis: Redis, most: int) -> list[Delivery]:
        """What somebody else was given long ago, and has not acknowledged."""
        if time.monotonic() - self._claimed_at < min(CLAIM_SECONDS, self._idle_seconds):
            return []
        idle = int(self._idle_seconds * 1000)
        found: Any = await redis.xautoclaim(STREAM, GROUP, self._consumer, idle, count=most)
        if not found[1]:
            # Only then: there may be more.
            self._claimed_at = time.monotonic()
            await self._forget(redis, self._idle_seconds * _LONG_IDLE)
        return _deliveries(found[1])

    async def _forget(self, redis: Redis, idle_seconds: float, name: str = "") -> None:
        """Names of workers that have nothing in hand: this one, or all that were not heard of for so long."""
        await redis.eval(_FORGET, 1, STREAM, GROUP, str(int(idle_seconds * 1000)), name)

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for stream in (STREAM, REFUSED):
            mine = [one for one in deliveries if one.refused == (stream == REFUSED)]
            if mine:
                pairs = [value for one in mine for value in (one.handle, one.events)]
                async with self._asking.open() as redis:
                    await redis.eval(_ACKNOWLEDGE, 2, stream, EVENTS, GROUP, *pairs)  # type: ignore[arg-type]

    async def refuse(self, delivery: Delivery, reason: str) -> None:
        if not delivery.refused:
            given = (GROUP, delivery.handle, delivery.body, delivery.events, reason)
            async with self._asking.open() as redis:
                await redis.eval(_REFUSE, 2, STREAM, REFUSED, *given)  # type: ignore[arg-type]

    async def refused(self, most: int) -> list[Delivery]:
        async with self._asking.open() as redis:
            return _deliveries(await redis.xrange(REFUSED, count=most), refused=True)

    async def depth(self) -> LogDepth:
        async with self._asking.open() as redis:
            events, aside = int(await redis.get(EVENTS) or 0), await redis.xlen(REFUSED)
            oldest = _deliveries(await redis.xrange(STREAM, count=1))
            now: Any = await redis.time()
        # An entry is named by its time in milliseconds.
        ages = [now[0] - int(str(one.handle).partition("-")[0]) / 1000 for one in oldest]
        return LogDepth(events, max([0.0, *ages]), aside)

    async def close(self) -> None:
        """Leave the group in good order where nothing is left in hand."""
        with contextlib.suppress(EngineAway):
            if self._has_read:
                async with self._link.open() as redis:
                    await self._forget(redis, 0, self._consumer)
        await self._link.close()
        await self._asking.close()


# What is done on each new connection.
Made = Callable[[Redis], Awaitable[None]]


class _Link:
    """One connection, made when it is needed, and anew after any error."""

    def __init__(self, url: str, made: Made | None = None) -> None:
        self._url = url
        self._made = made
        self._redis: Redis | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Redis]:
        """Raises EngineAway, naming the driver's error by its class alone."""
        try:
            if self._redis is None:
                self._redis = _client(self._url)
                if self._made:
                    await self._made(self._redis)
            yield self._redis
        except (RedisError, OSError) as error:
            await self.close()
            raise EngineAway(NAME, type(error)) from None
        except asyncio.CancelledError:
            # An answer may be on its way to nobody.
            await self.close()
            raise

    async def close(self) -> None:
        redis, self._redis = self._redis, None
        if redis is not None:
            with contextlib.suppress(RedisError, OSError):
                await redis.aclose()


def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        single_connection_client=True,
        protocol=2,
        socket_connect_timeout=WRITE_SECONDS,
        socket_timeout=_CALL_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


async def _make_group(redis: Redis) -> None:
    """From the stream's beginning: what came before the first worker is carried too."""
    try:
        await redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise


async def _check(redis: Redis) -> None:
    try:
        found = {name: (await redis.config_get(name)).get(name) for name in _NEEDED}
    except AuthenticationError:
        raise SettingError("QUEUE_URL: Redis refuses its user or password") from None
    except ResponseError:
        raise SettingError("QUEUE_URL: Redis must let us see CONFIG GET, or we cannot know what it keeps") from None
    for name, (value, why) in _NEEDED.items():
        if found[name] != value:
            raise SettingError(f"QUEUE_URL: Redis must have {name} {value}, {why}; it has {found[name]}")


def _deliveries(entries: Any, *, refused: bool = False) -> list[Delivery]:
    """Entries as Redis gives them: names with fields. One that somebody else wrote is refused later as unreadable."""
    return [
        Delivery(name.decode(), fields.get(b"group", b""), _number(fields.get(b"events", b"")), refused)
        for name, fields in entries
        if fields
    ]


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() else 0
