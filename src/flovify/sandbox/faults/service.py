"""Failures on demand, and a memory of what was asked."""

from __future__ import annotations

import fnmatch
import random
import re
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import unquote_plus

import msgspec

MAX_REMEMBERED = 5000
_SECRETS = {
    "access_token",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "id_token_hint",
    "password",
    "refresh_token",
}


class Fault(msgspec.Struct, kw_only=True):
    """What happens to requests that match. `times` counts down to the end of the fault; without it the fault stays.

    `drop` closes the connection without an answer: "before" the request is handled, or "after", when it has had its
    effect and only the reply is lost.
    """

    method: str = "*"
    path: str = "*"
    times: int | None = None
    probability: float | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    body: str | None = None
    delay_ms: int = 0
    drop: Literal["before", "after"] | None = None
    id: str = msgspec.field(default_factory=lambda: uuid.uuid4().hex[:12])
    hits: int = 0


class Faults:
    """The faults in force, oldest first; the first one that matches is taken."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._random = random.Random(0)  # noqa: S311 - repeatable chance, no secret

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def all(self) -> list[Fault]:
        return list(self._faults)

    def remove(self, fault_id: str | None = None) -> int:
        """Remove one, or all; says how many were removed."""
        before = len(self._faults)
        self._faults = [fault for fault in self._faults if fault_id is not None and fault.id != fault_id]
        return before - len(self._faults)

    def match(self, method: str, path: str) -> Fault | None:
        """The fault for this request, counted as used; None when it is to go well."""
        for fault in self._faults:
            if _matches(fault, method, path) and self._chance(fault):
                self._use(fault)
                return fault
        return None

    def _chance(self, fault: Fault) -> bool:
        return fault.probability is None or self._random.random() < fault.probability

    def _use(self, fault: Fault) -> None:
        fault.hits += 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)


class SeenRequest(msgspec.Struct):
    """One request, without anything secret."""

    at: datetime
    method: str
    path: str
    query: str
    status: int
    ms: float
    client_request_id: str = ""
    fault: str = ""


class RequestLog:
    """The last few thousand requests, oldest first."""

    def __init__(self) -> None:
        self._seen: deque[SeenRequest] = deque(maxlen=MAX_REMEMBERED)

    def add(self, request: SeenRequest) -> None:
        """Remember a request; values of its query that are secret are not kept."""
        request.query = _masked(request.query)
        self._seen.append(request)

    def find(self, method: str = "*", path: str = "*") -> list[SeenRequest]:
        wanted = Fault(method=method or "*", path=path or "*")
        return [one for one in self._seen if _matches(wanted, one.method, one.path)]

    def clear(self) -> None:
        self._seen.clear()


def _masked(query: str) -> str:
    """The query string, with `***` for every secret, however its name is written."""
    return "&".join(
        f"{name}=***" if unquote_plus(name).lower() in _SECRETS else part
        for part in query.split("&")
        for name in [part.partition("=")[0]]
    )


def _matches(fault: Fault, method: str, path: str) -> bool:
    return fnmatch.fnmatchcase(method.upper(), fault.method.upper()) and _wild(fault.path, path)


def _wild(pattern: str, path: str) -> bool:
    """Only `*` is special; OData paths are full of brackets and question marks."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), path, re.DOTALL) is not None


def header_list(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
