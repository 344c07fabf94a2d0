"""One service behind the front door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from flovify.bff.errors import UpstreamAway
from flovify.common.errors import FlovifyError

DEADLINE = aiohttp.ClientTimeout(total=35, connect=5)
AWAY = (aiohttp.ClientError, TimeoutError, OSError)


class Upstream:
    """A fixed base URL; paths are built here and never taken from the outside as they came."""

    def __init__(self, session: aiohttp.ClientSession, name: str, base_url: str) -> None:
        self.name = name
        self._session = session
        self._base = base_url

    def url(self, path: str, raw_query: str = "") -> URL:
        """An address of this service; `raw_query` is kept byte for byte."""
        return URL(f"{self._base}{path}{'?' + raw_query if raw_query else ''}", encoded=True)

    async def send(
        self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None = None
    ) -> aiohttp.ClientResponse:
        """The answer, its body unread; the caller releases it. Redirects are not followed. Raises UpstreamAway."""
        try:
            return await self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False, timeout=DEADLINE
            )
        except AWAY:
            raise UpstreamAway(self.name) from None

    async def post_json(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A JSON call of our own. Raises the problem that the service answers, or UpstreamAway."""
        headers = {"Content-Type": "application/json"}
        response = await self.send("POST", self.url(path), headers, msgspec.json.encode(body))
        try:
            content = await response.read()
        except AWAY:
            raise UpstreamAway(self.name) from None
        finally:
            response.release()
        if response.status >= 500:
            raise UpstreamAway(self.name)
        fields = _fields(content) if content else {}
        if response.status >= 400:
            raise _problem(response, fields)
        return fields

    async def status(self, path: str) -> int:
        """The status of a GET. Raises UpstreamAway."""
        response = await self.send("GET", self.url(path), {})
        response.release()
        return response.status


def _fields(content: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _problem(response: aiohttp.ClientResponse, fields: dict[str, Any]) -> FlovifyError:
    headers = {"Retry-After": response.headers["Retry-After"]} if "Retry-After" in response.headers else None
    return FlovifyError(
        str(fields.get("detail", "the request was refused")),
        code=str(fields.get("code", "refused")),
        http_status=response.status,
        headers=headers,
    )
