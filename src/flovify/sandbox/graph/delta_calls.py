"""GET …/mailFolders/{folder}/messages/delta (G21: message-delta.md, GC: concepts/delta-query-messages.md).

The first round shows what the folder holds, newest first; each later one what came, changed or left since the round
before, in that order. What happens while a client follows a round's pages is in the next round at the latest.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import urlencode

import msgspec

from flovify.sandbox.graph import views
from flovify.sandbox.graph.access import READ_BASIC, require
from flovify.sandbox.graph.context import MailboxCall
from flovify.sandbox.graph.delta_tokens import SyncToken, folder_mark, link, read_token, sync_state_gone
from flovify.sandbox.graph.errors import GraphError, bad_request, item_not_found
from flovify.sandbox.graph.exchange import GraphResponse, rfc3339
from flovify.sandbox.graph.message_calls import message_options, shown_message, view_of
from flovify.sandbox.graph.options import Options, request_option
from flovify.sandbox.mail.models import FolderNotFound, StoredMessage
from flovify.sandbox.mail.sync import Tombstone

MAX_FILTERED = 5000  # of the first round with a filter (GC: concepts/delta-query-messages.md)
_TYPE = "#microsoft.graph.message"
_TAKEN = ("$select", "$filter", "$orderby", "$top", "$expand", "changetype")
_CHANGE_TYPES = ("created", "updated", "deleted")
_FILTER = re.compile(r"\s*receivedDateTime\s+(?:ge|gt)\s+\S+\s*", re.IGNORECASE)
_ORDER = re.compile(r"\s*receivedDateTime\s+desc\s*", re.IGNORECASE)
_TOKENS = ("$deltatoken", "$skiptoken")

Place: TypeAlias = tuple[int, int]
# What a round shows, each at its place in it.
Items: TypeAlias = list[tuple[Place, StoredMessage | Tombstone]]


async def list_changes(call: MailboxCall) -> GraphResponse:
    """One page of a round. Raises GraphError 400, 403, 404, and 410 or 400 for a token that is not good any more."""
    require(call.caller, READ_BASIC)
    folder_id = _folder(call)
    token = _token(call, folder_id)
    options = _options(call, token)
    fields = views.chosen_fields(options.select, basic=call.basic)
    items = _first(call, folder_id, token, options) if token.first else _later(call, folder_id, token, options)
    page = items[: options.top]
    body: dict[str, Any] = {"@odata.context": f"{call.request.base}/$metadata#Collection(message)"}
    body |= _link(call, token, page, more=len(items) > len(page))
    body["value"] = [_json(call, item, fields, options) for _, item in page]
    return GraphResponse(200, body)


def _link(call: MailboxCall, token: SyncToken, page: Items, *, more: bool) -> dict[str, str]:
    if more:
        following = msgspec.structs.replace(token, after=page[-1][0])
        return {"@odata.nextLink": link(_address(call), "$skiptoken", following)}
    # A later round has shown all there is; the first one began at `since`, and what came meanwhile is for the next.
    since = token.since if token.first else call.parts.mail.last_version
    following = msgspec.structs.replace(token, first=False, since=since, after=None)
    return {"@odata.deltaLink": link(_address(call), "$deltatoken", following)}


def _address(call: MailboxCall) -> str:
    return f"{call.request.base}/{call.request.path.strip('/')}"


def _folder(call: MailboxCall) -> str:
    try:
        return call.parts.mail.mailbox(call.user.id).folder(call.ids["folder"]).id
    except FolderNotFound:
        raise item_not_found() from None


def _token(call: MailboxCall, folder_id: str) -> SyncToken:
    """The token given, or that of a new round."""
    mail, state = call.parts.mail, call.parts.mail.sync.state(call.user.id)
    mark, given = folder_mark(call.user.id, folder_id), _given(call)
    text = next((given[name] for name in _TOKENS if name in given), None)
    if text is None:
        options = _checked(given)
        return SyncToken(generation=state.generation, folder=mark, options=options, first=True, since=mail.last_version)
    token = read_token(text)
    if token is None or (token.generation, token.folder) != (state.generation, mark):
        raise sync_state_gone(state.status, _address(call), token)
    return token


def _given(call: MailboxCall) -> dict[str, str]:
    """The options by name in lower case, OData's with their dollar sign."""
    given = call.request.options
    return {f"${name}" if request_option(f"${name}") else name: value for name, value in given.items()}


def _checked(given: dict[str, str]) -> dict[str, str]:
    """What a delta query takes of the options. Raises GraphError 400 for OData's others."""
    refused = [name for name in given if request_option(name) and name not in (*_TAKEN, "$format")]
    if given.get("$filter") and not _FILTER.fullmatch(given["$filter"]):
        refused.append("$filter")
    if given.get("$orderby") and not _ORDER.fullmatch(given["$orderby"]):
        refused.append("$orderby")
    if refused:
        raise _unsupported(refused)
    if given.get("changetype", "created").lower() not in _CHANGE_TYPES:
        raise bad_request(f"Invalid value '{given['changetype'][:100]}' for the query option changeType.")
    return {name: given[name] for name in _TAKEN if given.get(name)}


def _unsupported(names: list[str]) -> GraphError:
    return bad_request(
        "The following parameters are not supported with change tracking over the 'Messages' resource: "
        f"'{', '.join(names)}'.",
        "ErrorInvalidUrlQuery",
    )


def _options(call: MailboxCall, token: SyncToken) -> Options:
    """The options of the first call; the page size of this one's Prefer header, unless that had $top."""
    query = urlencode({name: value for name, value in token.options.items() if name.startswith("$")})
    return message_options(replace(call, request=replace(call.request, query=query)))


def _first(call: MailboxCall, folder_id: str, token: SyncToken, options: Options) -> Items:
    """What the folder holds, newest first, as far as it was not shown yet."""
    listed = call.parts.mail.mailbox(call.user.id).newest_first(folder_id)
    found = [one for one in listed if _matches(one, options)]
    if options.filter is not None:
        found = found[:MAX_FILTERED]
    items: Items = [((int(one.received_at.timestamp()), one.number), one) for one in found]
    return [item for item in items if token.after is None or item[0] < token.after]


def _later(call: MailboxCall, folder_id: str, token: SyncToken, options: Options) -> Items:
    """What happened since the round before, oldest first, as far as it was not shown yet.

    With immutable ids what is in the folder again did not leave it.
    """
    listed = call.parts.mail.mailbox(call.user.id).newest_first(folder_id)
    here = {one.immutable_id for one in listed} if call.immutable else set()
    left = call.parts.mail.sync.left_since(call.user.id, folder_id, token.since)
    # A move within the folder has one version: the old id leaves before the new one comes.
    items: Items = [((one.version, 0), one) for one in left if one.immutable_id not in here]
    items += [((one.version, 1), one) for one in listed if one.version > token.since]
    kind = token.options.get("changetype", "").lower()
    return sorted(
        (
            (place, item)
            for place, item in items
            if (token.after is None or place > token.after)
            and kind in ("", _kind(item, token.since))
            and _matches(item, options)
        ),
        key=lambda item: item[0],
    )


def _kind(item: StoredMessage | Tombstone, since: int) -> str:
    if isinstance(item, Tombstone):
        return "deleted"
    return "created" if item.entered_version > since else "updated"


def _matches(item: StoredMessage | Tombstone, options: Options) -> bool:
    """Whether the filter lets it through; it can only ask for the time of receipt."""
    return options.filter is None or options.filter.matches(lambda _path: rfc3339(item.received_at))


def _json(
    call: MailboxCall, item: StoredMessage | Tombstone, fields: tuple[str, ...], options: Options
) -> dict[str, Any]:
    if isinstance(item, Tombstone):
        shown_id = item.immutable_id if call.immutable else item.regular_id
        return {"@odata.type": _TYPE, "id": shown_id, "@removed": {"reason": item.reason}}
    return {"@odata.type": _TYPE, **shown_message(call, view_of(call, item), fields, options)}
