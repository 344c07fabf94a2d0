"""State tokens of delta queries: opaque to clients, and all a round needs to go on (GC: delta-query-messages)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote, urlencode

import msgspec

from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.mail import ids

_CHECK_BYTES = 6


class SyncToken(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Where a client is. `first` is its first round, which shows what the folder holds; later ones show changes.

    `since` is the version after which changes are news: for the next round while this one is the first. `after` is the
    place in the round of what was shown last, None at its beginning. `options` are those of the first call.
    """

    generation: str
    folder: bytes
    options: dict[str, str]
    first: bool
    since: int
    after: tuple[int, int] | None = None


def write_token(token: SyncToken) -> str:
    """Letters, digits, dash and underscore only."""
    data = msgspec.msgpack.encode(token)
    return base64.urlsafe_b64encode(_check(data) + data).rstrip(b"=").decode()


def read_token(text: str) -> SyncToken | None:
    """None for what was not written here, or not as it is."""
    try:
        data = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        check, data = data[:_CHECK_BYTES], data[_CHECK_BYTES:]
        return msgspec.msgpack.decode(data, type=SyncToken) if check == _check(data) else None
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None


def _check(data: bytes) -> bytes:
    return ids.digest(data, size=_CHECK_BYTES)


def folder_mark(user_id: str, folder_id: str) -> bytes:
    """Which folder a token is for."""
    return ids.digest(user_id, folder_id, size=8)


def link(address: str, name: str, token: SyncToken) -> str:
    """The address of the next page (`$skiptoken`) or of the next round (`$deltatoken`)."""
    return f"{address}?{name}={write_token(token)}"


def sync_state_gone(status: int, address: str, token: SyncToken | None) -> GraphError:
    """410 with a `Location` to start anew from, or another status without.

    Source: L: graph/delta-query-overview (410 Gone, Location), GC: delta-query-messages (a 40X with
    syncStateNotFound); the words are observed.
    """
    options = urlencode(token.options, quote_via=quote, safe="$(),':/") if token else ""
    fresh = f"{address}?{options}" if options else address
    return GraphError(
        status,
        "SyncStateNotFound",
        "The sync state generation is not found; generation=1;[highest=2][2].",
        headers={"Location": fresh} if status == 410 else None,
    )
