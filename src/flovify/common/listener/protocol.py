"""One connection: uvicorn's own protocol with deadlines, sizes and an orderly end.

A request's head is limited here, before a parser has it whole, and a body before any application sees it: neither
httptools nor uvicorn limits or times anything by itself.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from flovify.common.listener import refusals
from flovify.common.listener.door import Door
from flovify.common.listener.limits import BodyRule
from flovify.common.listener.phases import ANSWER, BODY, CLOSING, FRESH, HEAD, IDLE, LINGER
from flovify.common.listener.refusals import Refusal
from flovify.common.listener.targets import names_another_host

_HEALTH = (b"/health", b"/ready")
# What a refused client may still send before it is cut off.
_MAX_THROWN_AWAY = 256 * 1024


class _Refused(Exception):
    """Ends the parsing of this connection; `GuardedProtocol._wrong` says why."""


class GuardedProtocol(HttpToolsProtocol):
    """What it does by itself: 400, 408, 413, 414, 431 and 503, each followed by the end of the connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        door: Door,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.door = door
        self.phase = FRESH
        self.since = self.loop.time()  # when `phase` began; not kept for ANSWER
        self.share = ""
        self.reserved = False
        self._limits = door.limits
        self._rule: BodyRule = door.limits.body
        self._wrong: Refusal | None = None
        self._fed = 0  # bytes of the piece that is being parsed
        self._head = 0  # bytes of this head in earlier pieces
        self._begun = False  # this head began in this piece
        self._body = 0
        self._seen = 0.0  # when the door last looked at this body
        self._bare = 0  # bytes since the last one of a body: chunk extensions, trailers
        self._thrown_away = 0
        self._unsent = 0  # bytes of an answer that the client has not taken
        self._moved = 0.0  # when that was last another number

    @property
    def is_busy(self) -> bool:
        """Whether an answer is owed."""
        # Before the first request there is none, whatever uvicorn declares.
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    @property
    def is_busy_answering(self) -> bool:
        """Whether an answer has begun that must not be broken off."""
        return self.is_busy and self.cycle.response_started

    # What the event loop tells.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if refusal := self.door.admit(self):
            self.refuse(refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        self.door.release(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.phase >= LINGER:
            self._throw_away(len(data))
            return
        before, self._fed = self.phase, len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # an upgrade may be ignored (RFC 9110, 7.8); there is none here
        except httptools.HttpParserError:
            self.refuse(self._wrong or refusals.MALFORMED)
            return
        if self.phase == HEAD:
            self._check_part_of_head(before)
        elif self.phase == BODY:
            self._check_part_of_body(before)

    def eof_received(self) -> bool:  # type: ignore[override]
        """A client that has said all may still listen (RFC 9112, 9.6): it gets the answer it waits for.

        A stream that has begun has no end to wait for: its client is gone.
        """
        if self.phase != ANSWER or not self.is_busy or self.scheme == "https":
            return False
        if self.cycle.response_started and self.cycle.chunked_encoding:
            return False
        self.cycle.keep_alive = False
        return True

    # What the parser tells. All of these run for every request.

    def on_message_begin(self) -> None:
        self._begun = self.phase != FRESH
        self._head = 0
        self.phase = HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._check_head()
        super().on_headers_complete()
        # The parser would add trailers to these; they are no headers (RFC 9110, 6.5.1) and came after all checks.
        self.headers = []
        self._body, self._bare = 0, -self._fed
        self.phase = BODY
        if self.reserved:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        self._bare = -self._fed
        if self._body > self._rule.max_bytes and (not self._rule.own or self.cycle.response_complete):
            self._stop(refusals.body_large(self._rule.max_bytes))
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.phase = ANSWER
        if self.cycle.response_complete:
            self._begin(IDLE)

    # What the application's side tells.

    def on_response_complete(self) -> None:
        """As uvicorn's own, without its timer for each answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            self._begin(CLOSING)
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.phase == ANSWER:
            self._begin(IDLE)

    # What the door asks and tells.

    def is_late(self, now: float) -> bool:
        """Whether the present phase has lasted too long."""
        limits, phase = self._limits, self.phase
        if phase in (ANSWER, CLOSING):
            return self._is_stuck(now)
        if phase == BODY:
            return self._is_body_late(now)
        if phase in (FRESH, HEAD):
            return now - self.since >= limits.header_seconds and not self.is_busy
        return now - self.since >= (limits.idle_seconds if phase == IDLE else limits.linger_seconds)

    def expire(self) -> None:
        """End it, with words where a request has begun."""
        if self.phase == HEAD:
            self.refuse(refusals.HEADER_SLOW)
        elif self.phase == BODY:
            self.refuse(refusals.BODY_SLOW)
        elif self.phase == IDLE:
            self._begin(CLOSING)
            self.transport.close()
        else:
            if self.phase != LINGER:
                self.door.count(refusals.HEADER_SLOW.reason if self.phase == FRESH else refusals.ANSWER_SLOW)
            self.abort()

    def abort(self) -> None:
        """End it at once; what it has not taken yet is lost."""
        self._begin(CLOSING)
        self.door.release(self)
        self.transport.abort()

    def refuse(self, refusal: Refusal) -> None:
        """Answer, if that is possible, and end it. What an application has begun for this request hears of its end."""
        self.door.count(refusal.reason)
        if self.phase in (HEAD, ANSWER) and self.is_busy:
            self._end_after_the_answer()
        elif self.pipeline or self.is_busy_answering:
            self.abort()
        else:
            already = self.phase == BODY and not self.is_busy
            if self.is_busy:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self._end_with(b"" if already else self._rendered(refusal))

    def _check_head(self) -> None:
        limits = self._limits
        if len(self.url) > limits.max_target:
            self._stop(refusals.TARGET_LONG)
        if names_another_host(self.url, self.headers):
            self._stop(refusals.MALFORMED)
        if len(self.headers) > limits.max_headers or (
            self._head + self._fed > limits.max_head and self._head_size() > limits.max_head
        ):
            self._stop(refusals.HEADER_LARGE)
        path = self.url.partition(b"?")[0]
        if self.reserved and not path.endswith(_HEALTH):
            self._stop(refusals.FULL)
        rule = self._rule = self.door.rules.get(path, limits.body)
        if rule.own:
            return
        for name, value in self.headers:
            # What is no number the parser has refused already.
            if name == b"content-length" and int(value[:20]) > rule.max_bytes:
                self._stop(refusals.body_large(rule.max_bytes))

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def _stop(self, refusal: Refusal) -> None:
        self._wrong = refusal
        raise _Refused

    def _check_part_of_head(self, before: int) -> None:
        """The parser keeps a header's value to itself until it is whole, so bytes are counted as they came."""
        if self._begun:
            self._begun = False
            self.since = self.loop.time()
            # Behind another request in the same piece its share is unknown: one piece is not counted.
            self._head = self._fed if before == IDLE else 0
        else:
            self._head += self._fed
        if len(self.url) > self._limits.max_target:
            self.refuse(refusals.TARGET_LONG)
        elif self._head > self._limits.max_head or len(self.headers) > self._limits.max_headers:
            self.refuse(refusals.HEADER_LARGE)

    def _check_part_of_body(self, before: int) -> None:
        if before != BODY or self._begun:
            self._begun = False
            self.since = self.loop.time()
        self._bare += self._fed
        if self._bare > self._limits.max_head:
            self.refuse(refusals.HEADER_LARGE)

    def _is_body_late(self, now: float) -> bool:
        unseen, self._seen = now - max(self._seen, self.since), now
        if self.flow.read_paused:
            self.since += max(unseen, 0)  # it is we who do not read
            return False
        return now - self.since >= self._rule.seconds and not (self._rule.own and self.is_busy)

    def _is_stuck(self, now: float) -> bool:
        """Whether for too long nothing was taken of what waits to be sent; a slow client takes some."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._moved = unsent, now
        return unsent > 0 and now - self._moved >= self._limits.flush_seconds

    def _begin(self, phase: int) -> None:
        self.phase = phase
        self.since = self.loop.time()
        self._unsent = 0

    def _rendered(self, refusal: Refusal) -> bytes:
        own = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        return refusal.status_line + own + refusal.rest

    def _end_after_the_answer(self) -> None:
        """An earlier request is being answered, and this one is not to spoil that."""
        self.cycle.keep_alive = False
        self._begin(CLOSING)

    def _end_with(self, answer: bytes) -> None:
        """Close in two steps (RFC 9112, 9.6): with bytes unread, closing at once would take the answer away again."""
        if not self.door.linger(self):
            self.abort()
            return
        self._begin(LINGER)
        self.flow.resume_reading()
        if answer:
            self.transport.write(answer)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _throw_away(self, size: int) -> None:
        self._thrown_away += size
        if self.phase == LINGER and self._thrown_away > _MAX_THROWN_AWAY:
            self.abort()
