"""The shapes of an audit log in the API; those of auth and of the api are the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from flovify.common.audit.models import Entry


class AuditEntry(BaseModel):
    """Who did what to which thing, and how it ended. `id` is the service's name with a number that grows: `api-123`."""

    id: str
    at: datetime
    actor: str
    actor_kind: Literal["user", "command line", "system"]
    action: str
    subject: str
    subject_kind: str
    outcome: Literal["success", "failure", "denied"]
    address: str | None
    details: dict[str, Any]
    correlation_id: str | None


class AuditPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[AuditEntry]
    next: str | None


def entry_id(service: str, entry: Entry) -> str:
    """What an entry is called outside of its own service."""
    return f"{service}-{entry.id}"


def audit_entry(service: str, entry: Entry) -> AuditEntry:
    return AuditEntry.model_validate({**vars(entry), "id": entry_id(service, entry)})
