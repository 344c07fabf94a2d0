"""The shapes of the sandbox panel in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

BreakageName = Literal[
    "throttle",
    "drop_notifications",
    "expire_subscription",
    "remove_subscription",
    "revoke_consent",
    "poison_message",
    "graph_down",
]


class _FromModel(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SandboxMailbox(_FromModel):
    """A mailbox of the stand-in; `tenant_id` when it is connected."""

    address: str
    display_name: str
    tenant_id: uuid.UUID | None


class Breakage(_FromModel):
    """Something broken on purpose that can be undone."""

    id: uuid.UUID
    kind: BreakageName
    account_id: uuid.UUID | None
    title: str
    what_will_happen: str
    since: datetime
    undo_label: str


class BreakageKind(_FromModel):
    kind: BreakageName
    title: str
    what_will_happen: str
    undo_label: str
    needs_account: bool


class SmtpAddress(_FromModel):
    host: str
    port: int


class SandboxState(_FromModel):
    mailboxes: list[SandboxMailbox]
    breakages: list[Breakage]
    kinds: list[BreakageKind]
    smtp: SmtpAddress | None


class SendTestMessage(BaseModel):
    """A message to be delivered to a mailbox of the stand-in; what is left out is filled in."""

    model_config = ConfigDict(extra="forbid")

    address: Annotated[str, Field(min_length=3, max_length=320)]
    subject: Annotated[str | None, Field(max_length=500)] = None
    text: Annotated[str | None, Field(max_length=100_000)] = None
    html: Annotated[str | None, Field(max_length=500_000)] = None
    attachment: bool = False


class SentTestMessage(BaseModel):
    """`id` is the one the stand-in gave the message."""

    id: str
    internet_message_id: str


class Break(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: BreakageName
    account_id: uuid.UUID | None = None


class Undone(BaseModel):
    """What still has to be done by somebody, if anything; `link` is a path of the console."""

    detail: str
    link: str | None
