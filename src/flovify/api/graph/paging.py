"""Links that Graph hands out are followed only where our own requests go.

A nextLink or deltaLink may come from a database row or from a hostile answer. Scheme, host, port and path prefix must
be those of the configured Graph before a bearer token is attached to it.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from flovify.api.providers.errors import ProviderBadRequest

_DEFAULT_PORTS = {"https": 443, "http": 80}


def check_link(link: object, base_url: str) -> str:
    """`link` itself, if it stays under `base_url` (for example `https://graph.microsoft.com/v1.0`).

    Raises ProviderBadRequest otherwise, without repeating the link.
    """
    if isinstance(link, str) and _allowed(link, base_url):
        return link
    raise ProviderBadRequest("Graph gave a link to another place than its own; it is not followed", code="foreign_link")


def _allowed(link: str, base_url: str) -> bool:
    if len(link) > 16_384 or any(ord(char) <= 0x20 or char in "\\\x7f" for char in link):
        return False
    try:
        given, base = urlsplit(link), urlsplit(base_url)
        same_port = _port(given.scheme, given.port) == _port(base.scheme, base.port)
    except ValueError:
        return False
    if given.scheme != base.scheme or given.hostname != base.hostname or not same_port:
        return False
    if given.username is not None or given.password is not None or given.fragment:
        return False
    prefix = base.path.rstrip("/") + "/"
    # Dot segments, encoded once or more, could climb out of the prefix.
    decoded = unquote(unquote(given.path))
    climbs = any(segment in (".", "..") for segment in decoded.replace("\\", "/").split("/"))
    return given.path.startswith(prefix) and not climbs


def _port(scheme: str, port: int | None) -> int | None:
    return port if port is not None else _DEFAULT_PORTS.get(scheme)
