"""The usual request in one strict pass: changes of known subscriptions, whole and as Graph writes them today.

Whatever is in any way different takes the long way (`parse`, `events`), which judges each field by itself and comes to
the same events. A struct of texts that allows no further field leaves no room for odd numbers, nesting or bytes that
are no UTF-8, so that none of these has to be looked for.
"""

from __future__ import annotations

import msgspec

from flovify.api.intake.events import CHANGE_TYPES, event_key
from flovify.api.intake.parse import MAX_ITEMS, MAX_TEXT_LENGTH
from flovify.api.intake.verified import Verified, VerifiedSecrets
from flovify.api.intake_log.models import EventRow
from flovify.api.queue.models import EventKind
from flovify.common.uuid7 import uuid7_texts

_Optional = str | None | msgspec.UnsetType
_UNSET = msgspec.UNSET


class _ResourceData(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    etag: str = msgspec.field(name="@odata.etag")
    odata_type: _Optional = msgspec.field(name="@odata.type", default=_UNSET)
    odata_id: _Optional = msgspec.field(name="@odata.id", default=_UNSET)


class _Change(msgspec.Struct, forbid_unknown_fields=True):
    subscription_id: str = msgspec.field(name="subscriptionId")
    client_state: str = msgspec.field(name="clientState")
    change_type: str = msgspec.field(name="changeType")
    resource_data: _ResourceData = msgspec.field(name="resourceData")
    id: _Optional = _UNSET
    tenant_id: _Optional = msgspec.field(name="tenantId", default=_UNSET)
    resource: _Optional = _UNSET
    expires: _Optional = msgspec.field(name="subscriptionExpirationDateTime", default=_UNSET)


class _Request(msgspec.Struct, forbid_unknown_fields=True):
    value: list[_Change]


_decode = msgspec.json.Decoder(_Request).decode
_encode = msgspec.json.Encoder().encode
# NUL, which PostgreSQL does not take, and the log's separator; raw, both are no JSON.
_ODD = (b"\\u0000", b"\\u001e", b"\\u001E")
_HIDDEN = "***"


def usual_rows(body: bytes, verified: VerifiedSecrets, correlation_id: str) -> list[EventRow] | None:
    """The request's events; None where anything about it has to be looked at more closely. Touches nothing."""
    for odd in _ODD:
        if odd in body:
            return None
    try:
        changes = _decode(body).value
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if not 0 < len(changes) <= MAX_ITEMS:
        return None
    rows: list[EventRow] = []
    for event_id, change in zip(uuid7_texts(len(changes)), changes, strict=True):
        secret = change.client_state
        found = verified.get(secret)
        if found is None or not _is_usual(change, found):
            return None
        row = _row(event_id, change, found, correlation_id)
        if secret in row.item:  # in another field
            return None
        rows.append(row)
    return rows


def _is_usual(change: _Change, found: Verified) -> bool:
    data, tenant_id = change.resource_data, change.tenant_id
    return (
        change.change_type in CHANGE_TYPES
        and change.subscription_id == found.subscription_id
        and 0 < len(data.id) <= MAX_TEXT_LENGTH
        and 0 < len(data.etag) <= MAX_TEXT_LENGTH
        and (not tenant_id or not found.external_tenant_id or tenant_id.lower() == found.external_tenant_id)
    )


def _row(event_id: str, change: _Change, found: Verified, correlation_id: str) -> EventRow:
    data, change_type = change.resource_data, change.change_type
    change.client_state = _HIDDEN
    return EventRow(
        event_id,
        found.tenant_id,
        found.known.provider,
        event_key(found.key_prefix, data.id, change_type, data.etag),
        found.row_id,
        change.subscription_id,
        EventKind.CHANGE.value,
        change_type,
        data.id,
        _encode(change).decode(),
        correlation_id,
    )
