"""A message as a list shows it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Order(StrEnum):
    """By the time of receiving."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class SummaryFilter:
    """None switches a condition off. Times are of receiving, `since` included, `until` not.

    `query` is words, an address or an internetMessageId. `deleted`: those removed at the provider, or the others.
    """

    tenant_id: uuid.UUID | None = None
    query: str | None = None
    has_attachments: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    deleted: bool | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended: the time it is ordered by, and the id for those of one time."""

    at: datetime
    id: uuid.UUID
