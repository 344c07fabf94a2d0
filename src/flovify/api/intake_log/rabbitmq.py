"""RabbitMQ as the log: one quorum queue, publisher confirms, and a second queue for what was refused.

It says how many groups are in a queue and nothing more: its depth is counted in groups.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import (
    CONNECTION_EXCEPTIONS,
    AuthenticationError,
    ChannelPreconditionFailed,
    ProbableAuthenticationError,
)
from pamqp.common import FieldValue
from yarl import URL

from flovify.api.intake_log.encoding import encode
from flovify.api.intake_log.errors import EngineAway, NotStored
from flovify.api.intake_log.fronts import WRITE_SECONDS, refused_rows
from flovify.api.intake_log.models import EventRow, LogDepth
from flovify.api.intake_log.protocol import Delivery
from flovify.common.settings import SettingError

NAME = "RabbitMQ"
QUEUE, REFUSED = "flovify.intake", "flovify.refused"
# What a worker has in hand before it acknowledges.
PREFETCH = 16
# A connection that was cut off without a word is given up after two of these.
_HEARTBEAT_SECONDS = 5
_CONNECT_SECONDS = 2.0
_CALL_SECONDS = 5.0
_ARGUMENTS: dict[str, FieldValue] = {
    "x-queue-type": "quorum",
    # Were somebody to limit its length, the intake is to be told, not the oldest thrown away.
    "x-overflow": "reject-publish",
    # While the database is away a group may be given out any number of times; from version 4 on 20 would be the end.
    "x-delivery-limit": 2_000_000_000,
}


class RabbitEngine:
    """`Engine` at one or several `amqp://` or `amqps://` URLs, by commas: the nodes of one cluster."""

    def __init__(self, urls: Sequence[str]) -> None:
        # What matters of it we say ourselves; the libraries repeat whole frames.
        for name in ("aiormq", "aio_pika"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._urls = urls
        self._link = _Link(urls)
        self._source = RabbitSource(urls)

    async def check(self) -> None:
        """See `Engine`: the queues, durable and of the one kind that survives the loss of a node."""
        try:
            async with self._link.open(_CALL_SECONDS):
                return
        except EngineAway as error:
            if error.cause in (AuthenticationError, ProbableAuthenticationError):
                raise SettingError("QUEUE_URL: RabbitMQ refuses its user, password or virtual host") from None
            if error.cause is ChannelPreconditionFailed:
                raise SettingError(
                    f"QUEUE_URL: RabbitMQ has a queue {QUEUE} or {REFUSED} of another kind; empty it, then delete it"
                ) from None
            raise

    async def ready(self) -> None:
        await self._source.depth()

    async def depth(self) -> LogDepth:
        return await self._source.depth()

    def front(self) -> RabbitFront:
        return RabbitFront(self._urls)

    def source(self) -> RabbitSource:
        return RabbitSource(self._urls)

    async def close(self) -> None:
        await self._source.close()
        await self._link.close()


class RabbitFront:
    """`Front`: persistent, and confirmed by most of the queue's nodes."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._link = _Link(urls)

    async def write(self, rows: Sequence[EventRow]) -> None:
        with refused_rows():
            body = encode(rows)
        try:
            async with self._link.open(WRITE_SECONDS) as channel:
                await _publish(channel, QUEUE, body, {"events": len(rows)})
        except EngineAway as error:
            raise NotStored(error.cause.__name__) from None

    async def close(self) -> None:
        await self._link.close()


class RabbitSource:
    """`Source`: one consumer, which is given so many groups before it acknowledges."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._given: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._link = _Link(urls, self._consume)
        # What is asked beside the consumer's way: a refusal there must not end the consumer.
        self._asking = _Link(urls)

    async def read(self, most: int, seconds: float) -> list[Delivery]:
        async with self._link.open():
            found: list[AbstractIncomingMessage] = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    found.append(await self._given.get())
            while len(found) < most and not self._given.empty():
                found.append(self._given.get_nowait())
        return [_delivery(one) for one in found]

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        async with _translated():
            for one in deliveries:
                await _message(one).ack()

    async def refuse(self, delivery: Delivery, reason: str) -> None:
        """Published anew and then acknowledged: an end in between makes two of it, never none."""
        headers: dict[str, FieldValue] = {"events": delivery.events, "reason": reason, "at": int(time.time())}
        async with self._asking.open(_CALL_SECONDS) as channel:
            await _publish(channel, REFUSED, delivery.body, headers)
        await self.acknowledge([delivery])

    async def refused(self, most: int) -> list[Delivery]:
        async with self._asking.open(_CALL_SECONDS) as channel:
            queue = await _declare(channel, REFUSED)
            count = min(most, queue.declaration_result.message_count or 0)
            found = [await queue.get(fail=False) for _ in range(count)]
        return [_delivery(one, refused=True) for one in found if one is not None]

    async def depth(self) -> LogDepth:
        """In groups. What workers have in hand is not among them."""
        async with self._asking.open(_CALL_SECONDS) as channel:
            waiting, aside = [
                (await _declare(channel, name)).declaration_result.message_count or 0 for name in (QUEUE, REFUSED)
            ]
        return LogDepth(waiting + aside, 0.0, aside)

    async def close(self) -> None:
        await self._link.close()
        await self._asking.close()

    async def _consume(self, channel: AbstractChannel) -> None:
        # What an earlier connection gave out is given out again.
        self._given = given = asyncio.Queue[AbstractIncomingMessage]()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await _declare(channel, QUEUE)
        await queue.consume(given.put)


# What is done on each new channel.
Made = Callable[[AbstractChannel], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Open:
    connection: AbstractConnection
    channel: AbstractChannel


class _Link:
    """One connection with one channel, made when it is needed, and anew after any error: then at the next node."""

    def __init__(self, urls: Sequence[str], made: Made | None = None) -> None:
        self._urls = list(urls)
        self._made = made
        self._open: _Open | None = None
        self._turn = asyncio.Lock()
        self._closing = set[asyncio.Task[None]]()

    @contextlib.asynccontextmanager
    async def open(self, seconds: float | None = None) -> AsyncIterator[AbstractChannel]:
        """Raises EngineAway when it cannot be had, and for all that fails meanwhile or takes longer than `seconds`."""
        try:
            async with _translated(), asyncio.timeout(seconds):
                yield await self._channel()
        except (EngineAway, asyncio.CancelledError):
            self._let_go()
            self._urls.append(self._urls.pop(0))
            raise

    async def close(self) -> None:
        self._let_go()
        await asyncio.gather(*self._closing)

    def _let_go(self) -> None:
        found, self._open = self._open, None
        if found is not None:
            self._close_later(found.connection)

    def _close_later(self, connection: AbstractConnection) -> None:
        """Closing takes an answer, which nobody is to wait for who was given none."""
        task = asyncio.create_task(_close(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _channel(self) -> AbstractChannel:
        async with self._turn:
            found = self._open
            if found is None or found.channel.is_closed or found.connection.is_closed:
                self._let_go()
                self._open = found = await self._connect()
            return found.channel

    async def _connect(self) -> _Open:
        url = URL(self._urls[0]).update_query(heartbeat=_HEARTBEAT_SECONDS)
        connection = aio_pika.Connection(url)
        try:
            await connection.connect(timeout=_CONNECT_SECONDS)
            channel = connection.channel(publisher_confirms=True, on_return_raises=True)
            await channel.initialize()
            for name in (QUEUE, REFUSED):
                await _declare(channel, name)
            if self._made:
                await self._made(channel)
        except BaseException:
            self._close_later(connection)
            raise
        return _Open(connection, channel)


async def _close(connection: AbstractConnection) -> None:
    with contextlib.suppress(TimeoutError, *CONNECTION_EXCEPTIONS):
        async with asyncio.timeout(_CONNECT_SECONDS):
            await connection.close()


@contextlib.asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """All of the driver's ways to say that it did not work, as EngineAway."""
    try:
        yield
    except CONNECTION_EXCEPTIONS as error:  # a deadline's TimeoutError is an OSError, and among them
        raise EngineAway(NAME, type(error)) from None
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # The driver cancels what waits on a connection that is lost.
        raise EngineAway(NAME, type(error)) from None


async def _declare(channel: AbstractChannel, name: str) -> AbstractQueue:
    """Made, or known to be there just so."""
    return await channel.declare_queue(name, durable=True, arguments=dict(_ARGUMENTS))


async def _publish(channel: AbstractChannel, queue: str, body: bytes, headers: dict[str, FieldValue]) -> None:
    """Return once it is confirmed. A queue that is gone, or refuses, raises."""
    message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, headers=dict(headers))
    await channel.default_exchange.publish(message, queue, mandatory=True)


def _message(delivery: Delivery) -> AbstractIncomingMessage:
    if not isinstance(delivery.handle, AbstractIncomingMessage):
        raise TypeError("a delivery of another engine")
    return delivery.handle


def _delivery(message: AbstractIncomingMessage, *, refused: bool = False) -> Delivery:
    events = message.headers.get("events")
    return Delivery(message, message.body, events if isinstance(events, int) else 0, refused)
