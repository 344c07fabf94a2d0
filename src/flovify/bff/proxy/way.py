"""One allowed call, and the checks that make its path from what the console sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from flovify.common.errors import NotFound

Service = Literal["auth", "api"]
# A stream stays open until one side ends; a page is shown in a frame of the console under the service's own policy.
Kind = Literal["answer", "stream", "page"]
# Microsoft's ids are base64 with - and _, or with + and =; a slash or a dot never is part of one.
_ATTACHMENT_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+=")
_MAX_ATTACHMENT_ID = 1024
_CODE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_MAX_CODE = 64


@dataclass(frozen=True)
class Way:
    """One allowed call. `path` is both the pattern under /bff and, filled in, the path at the service.

    `at` is the path under /bff where that differs; `seconds` is how long the service may take to begin its answer.
    """

    method: str
    service: Service
    path: str
    public: bool = False
    kind: Kind = "answer"
    at: str = ""
    seconds: float = 35.0

    @property
    def outside(self) -> str:
        """The pattern at the front door."""
        return f"/bff{self.at or self.path}"


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
