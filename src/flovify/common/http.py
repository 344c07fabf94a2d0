"""The HTTP client for calls to Microsoft and between services."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import aiohttp
from aiohttp import hdrs

from flovify.common.https_proxy import HttpsProxy

DEFAULT_RESPONSE_BYTES = 20 * 2**20


class ResponseTooLarge(Exception):
    """An answer is longer than the caller is ready to hold."""


# Less than our listeners keep an idle connection (`listener.limits`): a request that is sent while the other side
# closes is lost, and only some may be sent again.
KEEPALIVE_SECONDS = 10.0


def create_session(
    *,
    total_seconds: float = 30,
    limit: int = 100,
    tls: ssl.SSLContext | None = None,
    traces: Sequence[aiohttp.TraceConfig] = (),
    proxy: HttpsProxy | None = None,
) -> aiohttp.ClientSession:
    """A session with a deadline over the whole call and no proxy or netrc taken from the environment.

    A per-read time-out alone lets a trickled body run for minutes, hence `total`. Callers pass
    `allow_redirects=False`, so that a bearer token never leaves the host it is meant for. `tls` says whose certificates
    are accepted; None: those the machine trusts. Services take theirs from `outbound`, which says where it may call.
    """
    timeout = aiohttp.ClientTimeout(total=total_seconds, connect=min(10.0, total_seconds))
    connector = aiohttp.TCPConnector(
        limit=limit, limit_per_host=0, keepalive_timeout=KEEPALIVE_SECONDS, ssl=tls or True
    )
    return aiohttp.ClientSession(
        timeout=timeout,
        connector=connector,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=True,
        trace_configs=[*traces],
        proxy=proxy.url if proxy else None,
        middlewares=[_proxy_login(proxy)] if proxy else [],
    )


def _proxy_login(proxy: HttpsProxy) -> aiohttp.ClientMiddlewareType:
    """Sent with CONNECT only. Not a part of the proxy's address, which aiohttp's errors hold and print."""
    login = proxy.authorization.get_secret_value()

    async def send(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if login and request.is_ssl():
            request.update_proxy(request.proxy, None, {hdrs.PROXY_AUTHORIZATION: login})
        return await handler(request)

    return send


async def read_capped(response: aiohttp.ClientResponse, max_bytes: int = DEFAULT_RESPONSE_BYTES) -> bytes:
    """The decoded body, at most `max_bytes` long. Raises ResponseTooLarge and closes the connection otherwise."""
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > max_bytes:
            response.close()
            raise ResponseTooLarge(f"answer longer than {max_bytes} bytes")
        parts.append(chunk)
    return b"".join(parts)
