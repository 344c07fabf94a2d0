"""Headers that cross the front door: a new set is made, nothing is copied by default."""

from __future__ import annotations

import aiohttp
from starlette.requests import Request

_REQUEST = ("accept", "accept-language", "content-type", "if-none-match", "x-request-id")
_RESPONSE = (
    "content-type", "content-disposition", "content-length", "content-security-policy", "cache-control", "etag",
    "last-modified", "location", "retry-after", "www-authenticate", "x-content-type-options", "x-request-id", "allow",
    "referrer-policy",
)  # fmt: skip


def upstream_headers(request: Request, access_token: str = "") -> dict[str, str]:
    """What a service is told: content negotiation and, where there is a session, its access token."""
    found = {name: request.headers[name] for name in _REQUEST if name in request.headers}
    found["Accept-Encoding"] = "identity"
    if access_token:
        found["Authorization"] = f"Bearer {access_token}"
    return found


def answer_headers(response: aiohttp.ClientResponse, *, cookies: bool = False) -> list[tuple[str, str]]:
    """What the browser is told. Cookies pass only where auth sets the one of its flow."""
    found = [(name, value) for name in _RESPONSE for value in response.headers.getall(name, ())]
    if cookies:
        found += [("set-cookie", value) for value in response.headers.getall("Set-Cookie", ())]
    if "cache-control" not in dict(found):
        found.append(("cache-control", "no-store"))
    return found
