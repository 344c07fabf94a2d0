"""A folder's list of messages, as far as it takes to see which of them are stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from flovify.api.graph.times import format_time
from flovify.api.providers.errors import ProviderUnavailable
from flovify.api.providers.models import JsonObject, RecentMessage

# `/`, quotes and brackets stand in a resource as Graph writes it.
_SAFE = "/'()=-_"
FIELDS = "id,receivedDateTime,changeKey"


def resource_path(resource: str) -> str:
    """The path of what `normalize_resource` gave."""
    return f"/{quote(resource, safe=_SAFE)}"


def received_since(since: datetime) -> str:
    """The filter for messages received at `since` or later."""
    return f"$filter=receivedDateTime%20ge%20{quote(format_time(since))}"


def list_target(resource: str, since: datetime, top: int) -> str:
    """Messages received at `since` or later, the last first, `top` a page.

    What is sorted by must come first in the filter (user-list-messages).
    """
    order = "$orderby=receivedDateTime%20desc"
    return f"{resource_path(resource)}?{received_since(since)}&{order}&$select={FIELDS}&$top={top}"


def recent_messages(page: JsonObject) -> Iterator[RecentMessage]:
    """The messages of one page. Raises ProviderUnavailable when it is no list."""
    found = page.get("value")
    if not isinstance(found, list):
        raise ProviderUnavailable("Graph's answer is no list", code="not_a_list")
    for item in found:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            state = item.get("@odata.etag") or item.get("changeKey") or ""
            yield RecentMessage(item["id"], str(state))
