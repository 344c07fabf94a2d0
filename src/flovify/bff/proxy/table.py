"""What the console may ask of auth and api: a fixed list. Whatever is not here does not exist (404)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from flovify.common.errors import NotFound

Service = Literal["auth", "api"]
# Microsoft's ids are base64 with - and _, or with + and =; a slash or a dot never is part of one.
_ATTACHMENT_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+=")
_MAX_ATTACHMENT_ID = 1024
_CODE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_MAX_CODE = 64


@dataclass(frozen=True)
class Way:
    """One allowed call. `path` is both the pattern under /bff and, filled in, the path at the service."""

    method: str
    service: Service
    path: str
    public: bool = False


TABLE = (
    Way("POST", "auth", "/auth/setup", public=True),
    Way("GET", "auth", "/auth/me"),
    Way("GET", "auth", "/auth/tenants"),
    Way("GET", "auth", "/auth/tenants/{id}"),
    Way("DELETE", "auth", "/auth/tenants/{id}"),
    Way("POST", "auth", "/auth/tenants/{id}/refresh"),
    Way("GET", "auth", "/auth/apps"),
    Way("POST", "auth", "/auth/apps"),
    Way("GET", "auth", "/auth/apps/{id}"),
    Way("PATCH", "auth", "/auth/apps/{id}"),
    Way("DELETE", "auth", "/auth/apps/{id}"),
    Way("POST", "auth", "/auth/apps/{id}/credentials"),
    Way("DELETE", "auth", "/auth/apps/{id}/credentials/{cid}"),
    Way("GET", "auth", "/auth/connect-links"),
    Way("POST", "auth", "/auth/connect-links"),
    Way("DELETE", "auth", "/auth/connect-links/{id}"),
    Way("GET", "auth", "/auth/organizations"),
    Way("POST", "auth", "/auth/organizations"),
    Way("GET", "auth", "/auth/organizations/{id}"),
    Way("DELETE", "auth", "/auth/organizations/{id}"),
    Way("POST", "auth", "/auth/organizations/{id}/check"),
    Way("GET", "auth", "/auth/organizations/{id}/mailboxes"),
    Way("POST", "auth", "/auth/organizations/{id}/tenants"),
    Way("GET", "auth", "/auth/error-words/{code}"),
    Way("POST", "api", "/api/tenants/{id}/test"),
    Way("GET", "api", "/api/ms365/subscriptions"),
    Way("POST", "api", "/api/ms365/subscriptions"),
    Way("GET", "api", "/api/ms365/subscriptions/{id}"),
    Way("DELETE", "api", "/api/ms365/subscriptions/{id}"),
    Way("POST", "api", "/api/ms365/subscriptions/{id}/renew"),
    Way("GET", "api", "/api/messages"),
    Way("GET", "api", "/api/messages/{id}"),
    Way("GET", "api", "/api/messages/{id}/raw"),
    Way("GET", "api", "/api/messages/{id}/attachments/{aid}"),
    Way("GET", "api", "/api/events"),
    Way("GET", "api", "/api/dead-letters"),
    Way("GET", "api", "/api/dead-letters/{id}"),
    Way("POST", "api", "/api/dead-letters/{id}/replay"),
)


def fill(way: Way, values: dict[str, str]) -> str:
    """The path at the service, built from checked values only. Raises NotFound for a value that cannot be one."""
    path = way.path
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", CHECKS[name](value))
    return path


def _identifier(value: str) -> str:
    """Written the usual way only: UUID() alone would take braces, urn: and digits without dashes too."""
    try:
        parsed = str(UUID(value))
    except ValueError:
        parsed = ""
    if parsed != value.lower():
        raise NotFound("there is nothing with this id")
    return parsed


def _attachment(value: str) -> str:
    if not 0 < len(value) <= _MAX_ATTACHMENT_ID or not _ATTACHMENT_LETTERS.issuperset(value):
        raise NotFound("there is no such attachment")
    return quote(value, safe="")


def _code(value: str) -> str:
    if not 0 < len(value) <= _MAX_CODE or not _CODE_LETTERS.issuperset(value):
        raise NotFound("there is no such code")
    return value


CHECKS: dict[str, Callable[[str], str]] = {
    "id": _identifier,
    "cid": _identifier,
    "aid": _attachment,
    "code": _code,
}
