"""A folder's list of messages, as far as it takes to see which of them are stored."""

from __future__ import annotations

from collections.abc import Iterator

from flovify.api.providers.errors import ProviderUnavailable
from flovify.api.providers.models import JsonObject, RecentMessage


def recent_messages(page: JsonObject) -> Iterator[RecentMessage]:
    """The messages of one page. Raises ProviderUnavailable when it is no list."""
    found = page.get("value")
    if not isinstance(found, list):
        raise ProviderUnavailable("Graph's answer is no list", code="not_a_list")
    for item in found:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            state = item.get("@odata.etag") or item.get("changeKey") or ""
            yield RecentMessage(item["id"], str(state))
