"""One page of a folder's changes (concepts/delta-query-messages, 2024-11; message-delta)."""

from __future__ import annotations

from datetime import datetime

from flovify.api.graph.paging import check_link
from flovify.api.graph.recent import FIELDS, list_target, received_since, recent_messages, resource_path
from flovify.api.providers.errors import ProviderUnavailable
from flovify.api.providers.models import Changes, JsonObject

_PAGE = 200
# Links hold every option but the headers, which must be given anew with each of them.
PREFER = f"odata.maxpagesize={_PAGE}"


def tracks_changes(resource: str) -> bool:
    """Whether there is a delta query for it: of one folder, not of a whole mailbox."""
    return "/mailfolders(" in resource.lower()


def first_target(resource: str, since: datetime) -> str:
    """Where a round begins; the filter stays in all that follows it. Without change tracking, a list from then on."""
    if not tracks_changes(resource):
        return list_target(resource, since, _PAGE)
    return f"{resource_path(resource)}/delta?$select={FIELDS}&{received_since(since)}"


def read_page(page: JsonObject, resource: str, base_url: str) -> Changes:
    """What a page tells, and where to go on. Raises ProviderUnavailable for what is no such page.

    A `nextLink` must be followed even after an empty page; a `deltaLink` ends the round and begins the next one.
    """
    found = page.get("value")
    removed = tuple(
        item["id"]
        for item in (found if isinstance(found, list) else [])
        if isinstance(item, dict) and "@removed" in item and isinstance(item.get("id"), str)
    )
    messages = tuple(one for one in recent_messages(page) if one.id not in removed)
    following, end = page.get("@odata.nextLink"), page.get("@odata.deltaLink")
    if following:
        return Changes(messages, removed, check_link(following, base_url), more=True)
    if end:
        return Changes(messages, removed, check_link(end, base_url), more=False)
    if tracks_changes(resource):
        raise ProviderUnavailable("Graph's page of changes says neither where it goes on nor its end", code="no_link")
    return Changes(messages, removed, None, more=False)
