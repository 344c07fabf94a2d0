"""What the client hands back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from flovify.api.graph.errors import GraphError

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Fetched:
    """A message as Graph gave it; it may still hold NULs, lone surrogates and odd types."""

    message: JsonObject


@dataclass(frozen=True)
class FetchFailure:
    """Why one message could not be had, while others of the same batch may have come."""

    error: GraphError


FetchResult: TypeAlias = Fetched | FetchFailure


@dataclass(frozen=True)
class GraphSubscription:
    """A subscription as Graph describes it. `expires_at` is aware and is what Graph granted, not what was asked."""

    id: str
    resource: str
    expires_at: datetime
    notification_url: str = ""
    change_type: str = ""
    application_id: str = ""


@dataclass(frozen=True)
class Download:
    """An answer being streamed. `chunks` may be read once, while the context that gave this is open."""

    content_type: str
    content_length: int | None
    chunks: Callable[[], AsyncIterator[bytes]]
    headers: Mapping[str, str] = field(default_factory=dict)
