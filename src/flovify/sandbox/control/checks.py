"""What the control routes refuse, so that nothing impossible at Microsoft gets into the directory."""

from __future__ import annotations

from urllib.parse import urlsplit

from flovify.common.errors import InvalidRequest

MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3 without the angle brackets
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_address(address: str) -> str:
    """The address without spaces around it. Raises InvalidRequest."""
    address = address.strip()
    local, _, domain = address.rpartition("@")
    if (
        not (local and domain)
        or "@" in local
        or len(address) > MAX_ADDRESS
        or not address.isprintable()
        or any(character.isspace() or character in '"<>/\\' for character in address)
    ):
        raise InvalidRequest("address must look like name@domain.example")
    return address


def check_redirect_uri(uri: str) -> None:
    """Absolute, https, http only for this machine, no fragment and no wildcard (Entra: reply-url).

    Raises InvalidRequest.
    """
    try:
        parts = urlsplit(uri)
        good = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        good = good and bool(parts.hostname) and "#" not in uri and "*" not in uri and uri.isprintable()
    except ValueError:
        good = False
    if not good or " " in uri or len(uri) > 256:
        raise InvalidRequest(
            f"the redirect URI {uri!r} cannot be registered: it must be https, or http on localhost, with no fragment"
        )
