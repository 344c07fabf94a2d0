"""From a body to notifications (graph/api/resources/changenotificationcollection).

The batch as a whole must be what Graph sends; each item is then judged by itself, because one POST may mix
subscriptions and tenants and an odd item must not spoil the others.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

import msgspec

from flovify.api.intake.errors import Refused

MAX_ITEMS = 1000
MAX_TEXT_LENGTH = 1024
# No number of Graph's is longer. Beyond some thousand digits Python refuses to read an integer (CVE-2020-10735) and
# beyond some hundred thousand PostgreSQL does, so what was stored could not be shown any more.
MAX_NUMBER_LENGTH = 64
# Outside of texts a number follows one of these characters; ids and etags, which are texts, hardly ever look so.
_LONG_DIGITS = re.compile(rb"[:,\[\s][0-9.eE+-]{%d}" % (MAX_NUMBER_LENGTH + 1))
_LARGE_EXPONENT = re.compile(rb"[:,\[\s]-?[0-9][0-9.]*[eE][+]?[0-9]{3}")


class _Batch(msgspec.Struct):
    value: list[msgspec.Raw]


class Notification(msgspec.Struct):
    """One item. Every field may hold anything: what is wrong is found out when it is used."""

    client_state: Any = msgspec.field(name="clientState", default=None)
    subscription_id: Any = msgspec.field(name="subscriptionId", default=None)
    change_type: Any = msgspec.field(name="changeType", default=None)
    lifecycle_event: Any = msgspec.field(name="lifecycleEvent", default=None)
    tenant_id: Any = msgspec.field(name="tenantId", default=None)
    resource_data: Any = msgspec.field(name="resourceData", default=None)


class Item(msgspec.Struct):
    """A notification with its own JSON bytes, valid UTF-8."""

    notification: Notification
    raw: bytes


_BATCH = msgspec.json.Decoder(_Batch)
_NOTIFICATION = msgspec.json.Decoder(Notification)


def parse(body: bytes) -> tuple[list[Item], int]:
    """The items, and how many were no notification at all.

    Raises Refused(400) for what Graph never sends: no JSON, not UTF-8, no list of objects under `value`, more than
    1,000 items, a number too long or too large, or nested without end (msgspec raises RecursionError even inside
    fields nobody reads).
    """
    try:
        body.decode()  # msgspec does not look into the strings it skips
        raws = _BATCH.decode(body).value
        if _LONG_DIGITS.search(body) or _LARGE_EXPONENT.search(body):
            _refuse_odd_numbers(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Refused(400) from None
    if len(raws) > MAX_ITEMS:
        raise Refused(400)
    items: list[Item] = []
    for raw in raws:
        content = bytes(raw)
        if content[:1] != b"{":
            raise Refused(400)
        try:
            items.append(Item(_NOTIFICATION.decode(content), content))
        except (msgspec.DecodeError, RecursionError):
            continue
    return items, len(raws) - len(items)


def _refuse_odd_numbers(body: bytes) -> None:
    """Raise ValueError for a number that is too long or too large; the same characters in a text are harmless.

    Reading it all once more is slow, so it is done only where the bytes give reason to.
    """
    json.loads(body, parse_int=_checked_number, parse_float=_checked_number)


def _checked_number(literal: str) -> int:
    if len(literal) > MAX_NUMBER_LENGTH or not math.isfinite(float(literal)):
        _refuse_number()
    return 0


def _refuse_number() -> NoReturn:
    raise ValueError("a number too long or too large")


def text(value: object) -> str | None:
    """A usable text, or None: PostgreSQL takes no NUL, and no id of Graph's is longer than 1,024 characters."""
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT_LENGTH and "\x00" not in value:
        return value
    return None


def resource_id_and_etag(value: object) -> tuple[str | None, str | None]:
    """The changed item's id and etag from `resourceData`; the path in `resource` is never read."""
    if not isinstance(value, dict):
        return None, None
    return text(value.get("id")), text(value.get("@odata.etag"))


def stored_json(item: Item) -> str:
    """The item for the trace: without its secret, and without the NULs that jsonb refuses.

    Only for an item whose secret was right.
    """
    raw = item.raw
    secret = item.notification.client_state
    if isinstance(secret, str):
        # With its quotation marks, so that a secret whose first letters are written as escapes is no match.
        hidden = raw.replace(b'"%b"' % secret.encode(), b'"***"')
        raw = hidden if hidden != raw else _without_secret(raw)
    if b"\\u0000" in raw:
        raw = raw.replace(b"\\u0000", b"\\ufffd")
    return raw.decode()


def _without_secret(raw: bytes) -> bytes:
    """For a secret that stands in the JSON with escapes."""
    decoded: dict[str, Any] = msgspec.json.decode(raw)
    decoded["clientState"] = "***"
    return msgspec.json.encode(decoded)
