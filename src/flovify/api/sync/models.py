"""What a look into the mailbox came to."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class SyncResult(BaseModel):
    """`enqueued` are on their way to be stored; `already_stored` counts also those whose event waits already."""

    looked_at: int
    already_stored: int
    enqueued: int
    since: datetime
    truncated: bool = Field(description="There were more than were looked at; sync again after these are stored.")
