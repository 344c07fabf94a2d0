"""A Graph request and its answer, freed from HTTP so that a batch item is handled like a request of its own."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from flovify.sandbox.graph.errors import unreadable_body

_KEY_SYNTAX = re.compile(r"([A-Za-z$.]+)\('((?:[^']|'')*)'\)")
_PREFERENCE = re.compile(r'\s*([\w.\-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;"\s]*)))?[^,]*(?:,|$)')


@dataclass(frozen=True)
class GraphRequest:
    """`path` is what follows /v1.0, still percent-encoded; header names are lower case.

    `base` is the address this request reached Graph by, with the version: links in the answer begin with it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def segments(self) -> list[str]:
        """Decoded path segments, OData keys in parentheses as segments of their own."""
        found: list[str] = []
        for raw in self.path.strip("/").split("/"):
            segment = unquote(raw)
            key = _KEY_SYNTAX.fullmatch(segment)
            found += [key[1], key[2].replace("''", "'")] if key else [segment]
        return [segment for segment in found if segment]

    @property
    def options(self) -> dict[str, str]:
        """Query parameters, the last of each name; names in lower case, with or without their dollar sign."""
        return {name.lower(): value for name, value in parse_qsl(self.query, keep_blank_values=True)}

    @property
    def preferences(self) -> dict[str, str]:
        """The Prefer header as name (lower case) to value."""
        found = _PREFERENCE.findall(self.headers.get("prefer", ""))
        return {name.lower(): quoted or bare for name, quoted, bare in found}

    @property
    def immutable_ids(self) -> bool:
        return self.preferences.get("idtype", "").lower() == "immutableid"

    @property
    def client_request_id(self) -> str:
        return self.headers.get("client-request-id") or self.request_id

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises GraphError 400."""
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise unreadable_body() from None
        if not isinstance(value, dict):
            raise unreadable_body()
        return value

    def inner_error(self, now: datetime) -> dict[str, str]:
        return {
            "date": now.strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": self.request_id,
            "client-request-id": self.client_request_id,
        }


@dataclass(frozen=True)
class GraphResponse:
    """A status with a JSON value, raw bytes, or nothing as the body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = (
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    )


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
