"""Small messages for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flovify.api.graph.normalize import normalize
from flovify.api.messages.models import NormalizedMessage

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def graph_message(message_id: str, subject: str = "Hello", *, minutes: int = 0, **more: Any) -> dict[str, Any]:
    """A message as Graph gives it, last modified `minutes` after START; `etag` replaces the one made of that."""
    modified = (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    return {
        "id": message_id,
        "@odata.etag": more.pop("etag", f'W/"{minutes}"'),
        "subject": subject,
        "receivedDateTime": "2026-03-01T12:00:00Z",
        "lastModifiedDateTime": modified,
        "from": {"emailAddress": {"name": "Ada", "address": "ada@contoso.example"}},
        "toRecipients": [{"emailAddress": {"name": "Bob", "address": "bob@fabrikam.example"}}],
        "body": {"contentType": "html", "content": "<p>body of it</p>"},
        **more,
    }


def message(message_id: str, subject: str = "Hello", *, minutes: int = 0, **more: Any) -> NormalizedMessage:
    return normalize(graph_message(message_id, subject, minutes=minutes, **more))
