"""The shapes of connected accounts in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

AccountStatus = Literal[
    "connected",
    "first_sync",
    "degraded",
    "sign_in_required",
    "consent_revoked",
    "failing",
    "blocked",
    "disconnecting",
    "no_subscription",
]
Access = Literal["delegated", "application", "shared"]
LightState = Literal["ok", "warning", "failed", "off"]
ActionKind = Literal["reconnect", "consent", "test", "renew", "open_settings", "none"]
AccountSort = Literal["name", "-name", "status", "last_message", "-last_message", "connected", "-connected", "expiry"]


class _FromModel(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Light(_FromModel):
    """One of an account's four lights, with its evidence in a sentence."""

    state: LightState
    cause: str
    checked_at: datetime | None


class Lights(_FromModel):
    """Auth: its tokens. Subscription: Microsoft's announcements. Intake: their arrival. Processing: fetch and store."""

    auth: Light
    subscription: Light
    intake: Light
    processing: Light


class AccountAction(_FromModel):
    """What helps, as a button; `kind` says which page or call it is."""

    kind: ActionKind
    label: str


class Reason(_FromModel):
    """Why an account does not work, as Microsoft said it and in words."""

    code: str
    aadsts: int | None = None
    trace_id: str | None = None
    correlation_id: str | None = None
    at: datetime | None = None
    words: dict[str, Any]


class Blocked(_FromModel):
    """Nothing can be fetched since then; `reason` is a stable word, `waiting` counts the events that wait for it."""

    since: datetime
    reason: str
    waiting: int


class Account(_FromModel):
    """A connected account.

    `messages_24h` counts the messages stored in each of the last 24 hours, the oldest hour first. `next_expiry` is of
    its subscriptions, `app_credential_expires_at` of the app registration it is connected with. `blocked` comes some
    seconds after the status of that name, and goes with it.
    """

    id: uuid.UUID
    provider: str
    display_name: str
    account_email: str
    external_tenant_id: str
    external_account_id: str
    organization_name: str | None
    access: Access
    sandbox: bool
    cloud: str
    registration_id: uuid.UUID | None
    status: AccountStatus
    status_word: str
    cause: str | None
    who_must_act: str | None
    action: AccountAction | None
    reason: Reason | None
    blocked: Blocked | None
    lights: Lights
    connected_at: datetime
    last_refreshed_at: datetime | None
    token_expires_at: datetime | None
    last_message_at: datetime | None
    last_notification_at: datetime | None
    messages_24h: list[int]
    dead_letters: int
    waiting: int
    subscriptions: int
    next_expiry: datetime | None
    app_credential_expires_at: datetime | None


class AccountPage(BaseModel):
    """`total` and `attention_total` count what the filters leave. `stale_since`: auth is away since then."""

    items: list[Account]
    next: str | None
    total: int
    attention_total: int
    stale_since: datetime | None


class LastMessage(_FromModel):
    id: uuid.UUID
    subject: str | None
    received_at: datetime | None


class MailboxWait(_FromModel):
    """Nothing is fetched from the mailbox until then; `reason` is a stable word, for example throttled."""

    until: datetime
    reason: str


class AccountDetail(Account):
    """An account with its permissions and its newest messages."""

    granted_scopes: list[str]
    required_scopes: list[str]
    missing_scopes: list[str]
    extra_scopes: list[str]
    connected_by: str | None
    last_messages: list[LastMessage]
    mailbox_wait: MailboxWait | None
    stale_since: datetime | None


class StatusMeaning(BaseModel):
    """A status in words: what it means, and how to leave it."""

    status: AccountStatus
    word: str
    level: Literal["ok", "info", "warning", "error"]
    meaning: str
    who_acts: str


class StatusMeanings(BaseModel):
    items: list[StatusMeaning]
