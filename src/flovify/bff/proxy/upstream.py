"""One service behind the front door."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from flovify.bff.errors import UpstreamAway, UpstreamSlow
from flovify.common.caller import HOP_HEADER
from flovify.common.errors import FlovifyError
from flovify.common.http import KEEPALIVE_SECONDS, ResponseTooLarge, read_capped

ANSWER_SECONDS = 35.0
CONNECT_SECONDS = 5.0
HEALTH_SECONDS = 1.5
MAX_OWN_ANSWER = 2**20


def create_upstream_session(limit: int) -> aiohttp.ClientSession:
    """Connections to the services, at most `limit` at once; deadlines are each caller's own.

    Nothing is taken from the environment, and no cookie is kept.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=limit, keepalive_timeout=KEEPALIVE_SECONDS),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


class Upstream:
    """A fixed base URL; paths are built here and never taken from the outside as they came."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        name: str,
        base_url: str,
        answer_seconds: float = ANSWER_SECONDS,
        *,
        hop_secret: str = "",
    ) -> None:
        self.name = name
        # By it the service knows that the front door asks, and believes what that says of the caller.
        self._hop = {HOP_HEADER: hop_secret} if hop_secret else {}
        self._session = session
        self._base = base_url
        self._answer_seconds = answer_seconds

    def url(self, path: str, raw_query: bytes = b"") -> URL:
        """An address of this service; `raw_query` is kept byte for byte."""
        query = f"?{raw_query.decode('latin-1')}" if raw_query else ""
        return URL(f"{self._base}{path}{query}", encoded=True)

    async def send(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None = None, seconds: float | None = None
    ) -> aiohttp.ClientResponse:
        """The answer, its body unread; the caller closes it. Redirects are not followed.

        Raises UpstreamAway and, after `seconds` (default 35) without an answer, UpstreamSlow.
        """
        try:
            async with asyncio.timeout(seconds or self._answer_seconds):
                told = {**headers, **self._hop}
                return await self._session.request(method, url, headers=told, data=body, allow_redirects=False)
        except TimeoutError as error:
            # A connection that is not made in time never carried the request.
            raise (UpstreamAway if isinstance(error, aiohttp.ClientError) else UpstreamSlow)(self.name) from None
        except (aiohttp.ClientError, OSError):
            raise UpstreamAway(self.name) from None

    async def post_json(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """A JSON call of our own. Raises the problem that the service answers, UpstreamAway or UpstreamSlow."""
        told = {"Content-Type": "application/json", **(headers or {})}
        response = await self.send("POST", self.url(path), told, msgspec.json.encode(body))
        try:
            async with asyncio.timeout(self._answer_seconds), response:
                content = await read_capped(response, MAX_OWN_ANSWER)
        except (aiohttp.ClientError, OSError, ResponseTooLarge):
            raise UpstreamAway(self.name) from None
        if response.status >= 300:
            raise _problem(self.name, response, _fields(content))
        return _fields(content)

    async def check(self, path: str) -> None:
        """Raises UpstreamAway or UpstreamSlow unless a GET answers 200."""
        response = await self.send("GET", self.url(path), {}, seconds=HEALTH_SECONDS)
        response.close()
        if response.status != 200:
            raise UpstreamAway(self.name)


def _fields(content: bytes) -> dict[str, Any]:
    if not content:
        return {}
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _problem(service: str, response: aiohttp.ClientResponse, fields: dict[str, Any]) -> FlovifyError:
    if not isinstance(fields.get("code"), str):
        return UpstreamAway(service)  # no problem of ours: something else answers in its place
    headers = {"Retry-After": response.headers["Retry-After"]} if "Retry-After" in response.headers else None
    return FlovifyError(
        str(fields.get("detail", "")), code=fields["code"], http_status=response.status, headers=headers
    )
