"""The shapes of removal orders in the API."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class MessageRemovalOrder(BaseModel):
    """An order to delete an account's mail, as it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    label: str = Field(description="The account's address; empty when it was not known.")
    ordered_by: str
    ordered_at: datetime
    total: int | None = Field(description="How many messages it is about; null until they were counted.")
    deleted: int = Field(description="How many of them are deleted.")
    finished_at: datetime | None = Field(description="Null while it goes on.")
    last_error: str | None = Field(description="Why the last try failed; it is tried again.")


class RemovalList(BaseModel):
    """Open orders and those finished within the last day, the newest first."""

    items: list[MessageRemovalOrder]
