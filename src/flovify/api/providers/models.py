"""What a provider hands back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from flovify.api.providers.errors import ProviderError

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Fetched:
    """A message as the provider gave it; it may still hold NULs, lone surrogates and odd types."""

    message: JsonObject


@dataclass(frozen=True)
class FetchFailure:
    """Why one message could not be had, while others of the same call may have come."""

    error: ProviderError


FetchResult: TypeAlias = Fetched | FetchFailure


@dataclass(frozen=True)
class SubscriptionWish:
    """What to watch, and where to say so. `minutes` None asks for the longest life the provider gives."""

    resource: str
    change_types: tuple[str, ...]
    notification_url: str
    lifecycle_url: str
    client_state: str = field(repr=False)
    minutes: int | None = None


@dataclass(frozen=True)
class GrantedSubscription:
    """A subscription as the provider describes it. `expires_at` is aware; it was granted, perhaps not asked."""

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


@dataclass(frozen=True)
class InlineContent:
    """A file that came with a message and may be shown in its text. `content_id` is empty when it has none."""

    content_id: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class RecentMessage:
    """A message in a folder. `state` is another string whenever the message is in another state."""

    id: str
    state: str


@dataclass(frozen=True)
class Changes:
    """One page of what changed in a folder; `removed` have left it, and perhaps the mailbox.

    `cursor` is where to go on: to the next page while there is `more`, else to the next round. None: from a time on.
    """

    messages: tuple[RecentMessage, ...]
    removed: tuple[str, ...]
    cursor: str | None
    more: bool


@dataclass(frozen=True)
class Recent:
    """Messages of a folder, the last received first; `truncated` when there were more."""

    messages: tuple[RecentMessage, ...]
    truncated: bool
