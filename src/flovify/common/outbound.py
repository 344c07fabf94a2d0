"""Where a session may call. Every HTTP call of auth, api and worker passes here before a name is looked up.

A session of `microsoft_session` reaches the hosts of one cloud at a time: each call names its cloud, by
`trace_request_ctx=cloud`, and is refused without one. A session of `own_session` reaches the addresses it was given.
Neither follows a redirect, whatever the caller says.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Literal, TypeAlias

import aiohttp
from pydantic import SecretStr
from yarl import URL

from flovify.common.clouds import CLOUDS, graph_url, login_url
from flovify.common.http import create_session
from flovify.common.https_proxy import read_proxy
from flovify.common.logs import get_logger

Part: TypeAlias = Literal["login", "graph"]
_Origin: TypeAlias = tuple[str, str, int]


class CallRefused(aiohttp.ClientError):
    """A call to a place the session may not reach, or a redirect. Nothing was sent there.

    A client error, so that callers treat it as they treat an answer that does not come. The text names host and reason.
    """


def outbound_failure(error: BaseException) -> str:
    """A short name of what kept a call from being answered: a code of `microsoft_errors` where that has words for it.

    It never holds a text of the error's own, in which an address or a header may stand.
    """
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return "proxy_login_refused" if error.status == 407 else "proxy_refused"
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "proxy_unreachable"
    return type(error).__name__


@dataclass(frozen=True)
class Sessions:
    """A service's two ways out: to the others of this installation, and to Microsoft."""

    own: aiohttp.ClientSession
    microsoft: aiohttp.ClientSession

    async def close(self) -> None:
        await self.own.close()
        await self.microsoft.close()


def microsoft_session(parts: tuple[Part, ...], *, stand_in: str = "", proxy: SecretStr) -> aiohttp.ClientSession:
    """A session for the login hosts, Graph's hosts or both, through `proxy` where one is set.

    `stand_in` plays Microsoft, "" for nobody; it is on our side of any proxy and so is called directly.
    """
    hosts = {cloud: frozenset(_origins(cloud, parts, stand_in)) for cloud in CLOUDS}
    way = None if stand_in else read_proxy(proxy)
    return create_session(traces=[_guard(hosts)], proxy=way, tls=_machine_trusts())


def own_session(*addresses: str) -> aiohttp.ClientSession:
    """A session for services of this installation, by their addresses (empty ones are left out); never by a proxy."""
    hosts = frozenset(_origin(URL(address)) for address in addresses if address)
    return create_session(traces=[_guard({"": hosts})])


def _machine_trusts() -> ssl.SSLContext:
    """Read now, so that SSL_CERT_FILE counts (a proxy may show certificates of its own), not when aiohttp is loaded."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _origins(cloud: str, parts: tuple[Part, ...], stand_in: str) -> list[_Origin]:
    found = {"login": login_url(cloud, stand_in), "graph": graph_url(cloud, stand_in)}
    return [_origin(URL(found[part])) for part in parts]


def _guard(hosts: Mapping[str, frozenset[_Origin]]) -> aiohttp.TraceConfig:
    """Called by aiohttp with each address as the caller gave it, before anything else is done with that."""

    async def started(
        _session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams
    ) -> None:
        allowed = hosts.get(context.trace_request_ctx or "", frozenset())
        if _origin(params.url) not in allowed:
            raise _refused(params.url, "no place for this call")
        # aiohttp would make a credential of it; and what stands before the @ looks like the host to a reader.
        if params.url.raw_user is not None or params.url.raw_password is not None:
            raise _refused(params.url, "a user name in the address")

    async def redirected(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestRedirectParams
    ) -> None:
        params.response.close()
        raise _refused(params.url, "it redirects")

    config = aiohttp.TraceConfig()
    config.on_request_start.append(started)
    config.on_request_redirect.append(redirected)
    return config


def _origin(url: URL) -> _Origin:
    """Exact: a trailing dot, an IP literal, another port or scheme make another place."""
    return url.scheme, url.raw_host or "", url.port or 0


def _refused(url: URL, why: str) -> CallRefused:
    host = (url.raw_host or "")[:255]
    get_logger().error("call_refused", host=host, scheme=url.scheme[:16], reason=why)
    return CallRefused(f"{host}: {why}")
