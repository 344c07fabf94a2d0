"""Headers that cross the front door: a new set is made, nothing is copied by default (RFC 9700, 4.13)."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
from starlette.requests import Request

from flovify.bff.proxy.way import Kind
from flovify.common import correlation

# Hop-by-hop headers, Cookie, Authorization, Forwarded, X-Forwarded-*, X-Service-Token and all the rest stay here.
_REQUEST = ("accept", "content-type", "if-none-match", "last-event-id")
# Policies and caching are the front door's own; see security_headers.
_ANSWER = ("content-type", "content-length", "content-disposition", "etag", "retry-after")
# A page brings the policy it is to be shown under; without one it gets ours, which shows it nowhere.
_OF_KIND: dict[Kind, tuple[str, ...]] = {
    "answer": (),
    "stream": ("x-accel-buffering",),
    "page": ("content-security-policy", "x-blocked-images", "x-inline-images"),
}
_MAX_USER_AGENT = 300


def upstream_headers(request: Request, access_token: str = "") -> dict[str, str]:
    """What a service is told: content negotiation, who asks from where and, where there is a session, its token."""
    found = {name: request.headers[name] for name in _REQUEST if name in request.headers}
    found |= {"Accept-Encoding": "identity", **caller_headers(request)}
    if access_token:
        found["Authorization"] = f"Bearer {access_token}"
    return found


def caller_headers(request: Request) -> dict[str, str]:
    """The caller as found out here, never as it was claimed; its browser's name; the id of all this request causes."""
    browser = request.headers.get("user-agent", "")
    found = {
        "X-Forwarded-For": request.scope["client_address"],
        "User-Agent": "".join(letter for letter in browser if " " <= letter <= "~")[:_MAX_USER_AGENT],
        correlation.HEADER: correlation.current() or "",
    }
    return {name: value for name, value in found.items() if value}


def answer_headers(response: aiohttp.ClientResponse, kind: Kind = "answer") -> list[tuple[bytes, bytes]]:
    """What the browser is told of an ordinary answer."""
    return _pairs([(name, response.headers[name]) for name in (*_ANSWER, *_OF_KIND[kind]) if name in response.headers])


def flow_headers(response: aiohttp.ClientResponse, tx_name: str) -> list[tuple[bytes, bytes]]:
    """What the OAuth flow needs besides: where to go, the one cookie of auth's, and the policy of auth's own pages."""
    policies = [("content-security-policy", value) for value in response.headers.getall("Content-Security-Policy", ())]
    cookies = [value for value in response.headers.getall("Set-Cookie", ()) if value.startswith(f"{tx_name}=")]
    found = [("location", value) for value in response.headers.getall("Location", ())]
    return answer_headers(response) + _pairs([*found, *policies, *(("set-cookie", value) for value in cookies)])


def _pairs(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    # aiohttp reads header bytes as UTF-8 with surrogateescape; this gives the same bytes back.
    return [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers]
