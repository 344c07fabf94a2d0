"""A subscription as Flovify keeps it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flovify.common.errors import InvalidRequest

CHANGE_TYPES = ("created", "updated", "deleted")
DEFAULT_RESOURCE = "me/mailFolders('inbox')/messages"


class Status(StrEnum):
    """`creating`: a create call is (or was, when it crashed) under way. `failed`: wanted, but Graph has none now.

    `polled`: Graph would announce nothing, so none is wanted; `expires_at` is when to look whether that is still so.
    """

    CREATING = "creating"
    ACTIVE = "active"
    FAILED = "failed"
    POLLED = "polled"


@dataclass(frozen=True)
class Subscription:
    """One row. `subscription_id` is Graph's and None until Graph has answered; `expires_at` is what Graph granted."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_id: str | None
    resource: str
    change_types: tuple[str, ...]
    status: Status
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    last_renewed_at: datetime | None
    next_renewal_at: datetime | None
    renewal_failures: int
    notification_url: str
    last_error: str | None
    last_error_at: datetime | None
    client_state_key_id: str | None = None


@dataclass(frozen=True)
class Removal:
    """What became of a tenant's subscriptions: Graph ids removed, and those left to end by themselves."""

    removed: tuple[str, ...]
    left_to_expire: tuple[str, ...]


def normalize_change_types(given: list[str]) -> tuple[str, ...]:
    """The change types in Graph's order, each once. Raises InvalidRequest for an unknown one and for none."""
    wanted = {item.strip().lower() for item in given}
    if not wanted or not wanted <= set(CHANGE_TYPES):
        raise InvalidRequest(f"`change_types` must be one or more of {', '.join(CHANGE_TYPES)}")
    return tuple(item for item in CHANGE_TYPES if item in wanted)
