"""An order to delete an account's mail, and how far it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RemovalRow:
    """An order as it stands. What was stored up to `through` goes; `total` and `deleted` count messages.

    `total` is None until they were counted; `last_error` is None when the last try went well.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    label: str
    ordered_by: str
    ordered_at: datetime
    through: datetime
    total: int | None
    deleted: int
    finished_at: datetime | None
    last_error: str | None
