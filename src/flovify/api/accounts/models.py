"""A connected account as auth describes it, and the api's figures of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec


class ToldBlocked(msgspec.Struct, frozen=True, kw_only=True):
    """What the worker told auth of a mailbox it cannot serve; the words for it are auth's."""

    since: datetime
    reason: str
    waiting: int = 0


class AuthTenant(msgspec.Struct, frozen=True, kw_only=True):
    """What auth tells other services of an account. What an older auth does not tell is empty."""

    id: uuid.UUID
    provider: str
    external_tenant_id: str
    external_account_id: str
    account_email: str
    display_name: str
    status: str
    created_at: datetime
    updated_at: datetime
    status_reason: dict[str, Any] | None = None
    token_type: str | None = None
    registration_id: uuid.UUID | None = None
    cloud: str = "global"
    scopes: list[str] = []
    required_scopes: list[str] = []
    missing_scopes: list[str] = []
    extra_scopes: list[str] = []
    token_expires_at: datetime | None = None
    last_refreshed_at: datetime | None = None
    organization_name: str | None = None
    connected_by: str | None = None
    app_credential_expires_at: datetime | None = None
    blocked: ToldBlocked | None = None


@dataclass(frozen=True)
class Known:
    """The accounts auth knew when it was last asked. `stale_since`: it is away since then."""

    tenants: Mapping[uuid.UUID, AuthTenant]
    stale_since: datetime | None


@dataclass(frozen=True)
class Figures:
    """What the api's own tables say of one account.

    `waiting` counts events in the queue, `retrying` those of them that failed before, `dead_recent` the dead letters of
    the last day. `messages_24h` has 24 numbers, the oldest hour first. `block_reason` stands while nothing is fetched
    until `blocked_until`; `failures` counts such waits in a row. `gap_error` stands while looking through one of its
    folders has failed several times in a row.
    """

    subscriptions: int = 0
    active: int = 0
    polled: int = 0
    expired: int = 0
    failing: int = 0
    subscription_error: str | None = None
    gap_error: str | None = None
    next_expiry: datetime | None = None
    last_renewed_at: datetime | None = None
    waiting: int = 0
    retrying: int = 0
    dead_letters: int = 0
    dead_recent: int = 0
    last_died_at: datetime | None = None
    last_error: str | None = None
    blocked_until: datetime | None = None
    block_reason: str | None = None
    failures: int = 0
    last_message_at: datetime | None = None
    last_notification_at: datetime | None = None
    missed_at: datetime | None = None
    messages_24h: tuple[int, ...] = (0,) * 24

    @property
    def only_polled(self) -> bool:
        """Microsoft announces nothing of it, and is not to: its folders are looked at instead."""
        return self.polled > 0 and not self.active
