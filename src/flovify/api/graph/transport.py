"""One HTTP exchange with Graph: token, deadline, size cap, translation of errors, metrics."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
from prometheus_client import Counter, Histogram
from yarl import URL

from flovify.api.graph.errors import from_response
from flovify.api.graph.mailbox_slots import MailboxSlots
from flovify.api.providers.errors import ProviderError, ProviderTooLarge, ProviderUnavailable
from flovify.api.providers.models import Download
from flovify.common.http import DEFAULT_RESPONSE_BYTES, ResponseTooLarge, read_capped
from flovify.common.microsoft_errors import words
from flovify.common.outbound import outbound_failure

DEADLINE_SECONDS = 30.0
DOWNLOAD_SECONDS = 300.0
# Exchange Online takes messages of at most 150 MB, and base64 adds a third.
MAX_DOWNLOAD_BYTES = 200 * 2**20
IMMUTABLE_IDS = 'IdType="ImmutableId"'
_JSON = {"Content-Type": "application/json"}

GRAPH_REQUESTS = Counter("flovify_graph_requests", "Calls to Graph by operation and outcome.", ("operation", "outcome"))
GRAPH_SECONDS = Histogram("flovify_graph_request_seconds", "Duration of calls to Graph.", ("operation",))


@dataclass(frozen=True)
class Call:
    """What to ask. `target` is a path under the base URL or a link already checked against it, fully encoded.

    `mailbox` names the mailbox whose slots the call takes; empty for calls that Outlook does not count. `prefer` is
    added to the Prefer header.
    """

    operation: str
    method: str
    target: str
    body: Mapping[str, object] | None = None
    mailbox: str = ""
    slots: int = 1
    prefer: str = ""


class Transport:
    """Carries calls to one Graph host. Redirects are not followed, so the token stays with that host."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, cloud: str, deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._session = session
        self.base_url = base_url.rstrip("/") + "/v1.0"
        self._cloud = cloud
        self._deadline = deadline_seconds
        self._slots = MailboxSlots()

    async def json(self, call: Call, token: str) -> Any:
        """The decoded answer, None when it is empty.

        At most 20 MiB and 30 s, waiting for a slot of the mailbox included. Raises ProviderError.
        """
        with GRAPH_SECONDS.labels(call.operation).time(), _counted(call.operation):
            try:
                async with asyncio.timeout(self._deadline), self._slot(call), self._send(call, token) as response:
                    content = await read_capped(response, DEFAULT_RESPONSE_BYTES)
                    return _answer(response, content)
            except ResponseTooLarge:
                raise ProviderTooLarge("Graph's answer is longer than 20 MiB", code="answer_too_large") from None
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise _away(error) from None

    @asynccontextmanager
    async def download(self, call: Call, token: str) -> AsyncIterator[Download]:
        """An answer to be streamed. Raises ProviderError before the first byte; later failures are ResponseTooLarge or
        aiohttp's own, because the receiver's answer has then begun.
        """
        limits = aiohttp.ClientTimeout(total=DOWNLOAD_SECONDS, sock_connect=10, sock_read=self._deadline)
        async with self._slot(call):
            response = await self._opened(call, token, limits)
            try:
                yield Download(
                    content_type=response.headers.get("Content-Type", "application/octet-stream"),
                    content_length=response.content_length,
                    chunks=lambda: _chunks(response),
                )
            finally:
                response.close()

    async def _opened(self, call: Call, token: str, limits: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        with _counted(call.operation):
            try:
                async with asyncio.timeout(self._deadline):
                    response = await self._send(call, token, limits)
                    if response.status == 200:
                        return response
                    async with response:
                        content = await read_capped(response, DEFAULT_RESPONSE_BYTES)
                        raise from_response(response.status, response.headers, decode(content))
            except ResponseTooLarge:
                raise ProviderTooLarge("Graph's answer is longer than 20 MiB", code="answer_too_large") from None
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise _away(error) from None

    @asynccontextmanager
    async def _slot(self, call: Call) -> AsyncIterator[None]:
        if not call.mailbox:
            yield
            return
        async with self._slots.take(call.mailbox, call.slots):
            yield

    def _send(
        self, call: Call, token: str, limits: aiohttp.ClientTimeout | None = None
    ) -> aiohttp.client._RequestContextManager:
        target = call.target if "://" in call.target.partition("?")[0] else self.base_url + call.target
        options: dict[str, Any] = {"timeout": limits} if limits else {}
        return self._session.request(
            call.method,
            URL(target, encoded=True),
            data=None if call.body is None else msgspec.json.encode(call.body),
            headers={
                "Authorization": f"Bearer {token}",
                "Prefer": ", ".join(filter(None, (IMMUTABLE_IDS, call.prefer))),
                **({} if call.body is None else _JSON),
            },
            allow_redirects=False,
            trace_request_ctx=self._cloud,
            **options,
        )


def decode(content: bytes) -> Any:
    """JSON, read leniently: invalid UTF-8 and lone surrogates, which msgspec refuses, are let through. None if none."""
    if not content.strip():
        return None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _away(error: BaseException) -> ProviderUnavailable:
    name = outbound_failure(error)
    return ProviderUnavailable(f"Graph does not answer ({name})", code=name if words(name) else "")


def _answer(response: aiohttp.ClientResponse, content: bytes) -> Any:
    body = decode(content)
    if not 200 <= response.status < 300:
        raise from_response(response.status, response.headers, body)
    if body is None and content.strip():
        # A proxy's HTML page with status 200 is no answer of Graph's.
        raise ProviderUnavailable("Graph's answer is not JSON", status=response.status, code="not_json")
    return body


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > MAX_DOWNLOAD_BYTES:
            response.close()
            raise ResponseTooLarge(f"download longer than {MAX_DOWNLOAD_BYTES} bytes")
        yield chunk


class _counted:  # noqa: N801 - used like a function
    """Counts one call by how it ended."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        outcome = "ok" if error is None else error.kind if isinstance(error, ProviderError) else type(error).__name__
        GRAPH_REQUESTS.labels(self._operation, outcome).inc()
