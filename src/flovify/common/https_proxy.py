"""The way out through a company's proxy: FLOVIFY_HTTPS_PROXY.

Only this setting names a proxy. HTTPS_PROXY, ALL_PROXY and NO_PROXY are not looked at: what some shell profile says
must not decide where tokens go.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, SecretStr

PROXY_HELP = "the proxy for calls to Microsoft, http://host:port or http://user:password@host:port; default: none"
_HINT = "must look like http://proxy.example:3128 or http://user:password@proxy.example:3128, without a path or query"
# aiohttp takes longer texts, no proxy does; a control character would end the header line.
_MAX_CREDENTIAL = 1024


@dataclass(frozen=True)
class HttpsProxy:
    """`url` is without user name and password; `authorization` is the header's value, empty without them."""

    url: str
    authorization: SecretStr


def read_proxy(value: SecretStr) -> HttpsProxy | None:
    """What the setting says; None when it is empty. Raises ValueError, without repeating the value."""
    text = value.get_secret_value()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        user, password = unquote(parts.username or "", errors="strict"), unquote(parts.password or "", errors="strict")
    except ValueError:
        raise ValueError(_HINT) from None
    host = parts.hostname or ""
    extra = parts.path not in ("", "/") or parts.query or parts.fragment or "?" in text or "#" in text
    if parts.scheme not in {"http", "https"} or not host or extra or not _printable(text):
        raise ValueError(_HINT)
    where = f"[{host}]" if ":" in host else host
    url = f"{parts.scheme}://{where}:{port or (443 if parts.scheme == 'https' else 80)}"
    return HttpsProxy(url, _authorization(user, password) if "@" in parts.netloc else SecretStr(""))


def _checked(value: SecretStr) -> SecretStr:
    read_proxy(value)
    return value


def _authorization(user: str, password: str) -> SecretStr:
    if ":" in user or not _printable(user + password) or len(user + password) > _MAX_CREDENTIAL:
        raise ValueError(f"{_HINT}; a colon cannot stand in the user name")
    # RFC 7617, in UTF-8. The settings load this file, and the settings load without an HTTP client.
    return SecretStr(f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}")


def _printable(text: str) -> bool:
    return all(char.isprintable() and not char.isspace() for char in text)


HttpsProxyUrl = Annotated[SecretStr, AfterValidator(_checked)]
