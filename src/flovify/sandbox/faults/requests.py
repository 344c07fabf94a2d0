"""The fault as it is asked for: everything that could break the answer is refused here."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from flovify.sandbox.faults.service import Fault

MAX_DELAY_MS = 600_000
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# The server sets these itself from the body it sends.
_FRAMING = {"connection", "content-length", "transfer-encoding"}


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /_sandbox/faults. A `body` that is not a string is sent as JSON."""

    method: Annotated[str, Meta(max_length=20)] = "*"
    path: Annotated[str, Meta(max_length=2000)] = "*"
    times: Annotated[int, Meta(ge=1)] | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] | None = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    headers: dict[str, str | int | float] = {}
    body: object = None
    delay_ms: Annotated[int, Meta(ge=0, le=MAX_DELAY_MS)] = 0
    drop: Literal["before", "after"] | None = None


def read_fault(wanted: NewFault) -> Fault:
    """The fault to put in force. Raises ValueError saying what is wrong."""
    if wanted.status is None and wanted.drop is None and not wanted.delay_ms:
        raise ValueError("a fault needs at least one of status, drop, delay_ms")
    if wanted.status is not None and wanted.drop is not None:
        raise ValueError("a fault has either a status or a drop, not both")
    if wanted.status is None and (wanted.headers or wanted.body is not None):
        raise ValueError("headers and body need a status")
    return Fault(
        method=wanted.method,
        path=wanted.path,
        times=wanted.times,
        probability=wanted.probability,
        status=wanted.status,
        headers={name: _header(name, str(value)) for name, value in wanted.headers.items()},
        body=_text(wanted.body),
        delay_ms=wanted.delay_ms,
        drop=wanted.drop,
    )


def _header(name: str, value: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in _FRAMING:
        raise ValueError(f"the header {name!r} cannot be set")
    if not value.isascii() or any(not 0x20 <= ord(character) < 0x7F for character in value):
        raise ValueError(f"the value of the header {name} must be printable ASCII")
    return value


def _text(body: object) -> str | None:
    return body if body is None or isinstance(body, str) else msgspec.json.encode(body).decode()
