"""Attachments as Graph shows them (graph/api/resources/attachment and those derived from it)."""

from __future__ import annotations

import base64
from typing import Any

from flovify.sandbox.graph.errors import bad_request
from flovify.sandbox.graph.exchange import rfc3339
from flovify.sandbox.graph.views import FIELDS, MessageView
from flovify.sandbox.mail import ids
from flovify.sandbox.mail.mime import convert
from flovify.sandbox.mail.models import StoredMessage
from flovify.sandbox.mail.parts import Attachment

_ATTACHMENT_FIELDS = {"id", "lastmodifieddatetime", "name", "contenttype", "size", "isinline"}
_FILE_FIELDS = {"contentid", "contentlocation", "contentbytes"}
# By the type that stands before a property's name, in lower case; empty for the type the collection is declared as.
_FIELDS_BY_TYPE = {
    "": _ATTACHMENT_FIELDS,
    "microsoft.graph.fileattachment": _ATTACHMENT_FIELDS | _FILE_FIELDS,
    "microsoft.graph.itemattachment": _ATTACHMENT_FIELDS,
    "microsoft.graph.referenceattachment": _ATTACHMENT_FIELDS,
}


def attachment_json(
    message: StoredMessage, number: int, attachment: Attachment, select: tuple[str, ...] | None, *, expand_item: bool
) -> dict[str, Any]:
    """An attachment with its type; an attached message itself is included when asked for.

    Where a link leads is not shown: v1.0 has no property for it (META: referenceAttachment).
    """
    wanted = _wanted(attachment.kind, select)
    shown: dict[str, Any] = {
        "id": ids.attachment_id(message.key, number),
        "lastModifiedDateTime": rfc3339(message.created_at),
        "name": attachment.name,
        "contentType": None if attachment.is_message else attachment.content_type or None,
        "size": len(attachment.content),
        "isInline": attachment.inline,
    }
    if attachment.kind == "file":
        shown |= {"contentId": attachment.content_id, "contentLocation": None}
        if wanted is None or "contentbytes" in wanted:
            shown["contentBytes"] = base64.b64encode(attachment.content).decode()
    chosen = {name: value for name, value in shown.items() if wanted is None or name.lower() in wanted}
    if attachment.kind == "item" and expand_item:
        chosen["item"] = _embedded_message(message, attachment)
    return {"@odata.type": f"#microsoft.graph.{attachment.kind}Attachment", **chosen}


def _wanted(kind: str, select: tuple[str, ...] | None) -> set[str] | None:
    """The properties, in lower case, that are selected of an attachment of this kind; None for all."""
    if select is None:
        return None
    named = [name.lower().rpartition("/") for name in select]
    return {"id"} | {name for cast, _, name in named if cast in ("", f"microsoft.graph.{kind}attachment")}


def check_attachment_select(select: tuple[str, ...] | None, *, one: bool = False) -> None:
    """Raises GraphError 400 for a property that attachments do not have.

    In a collection a fileAttachment's own are selected with that type before them
    (`microsoft.graph.fileAttachment/contentId`). Observed: microsoft-graph-explorer-v4 issue 3916, code and words. For
    a single attachment (`one`) nothing was observed, and both are taken.
    """
    for name in select or ():
        cast, _, last = name.lower().rpartition("/")
        known = _FIELDS_BY_TYPE.get(cast, set())
        if last not in (known | _FILE_FIELDS if one and not cast else known):
            kind = name.rpartition("/")[0] or "microsoft.graph.attachment"
            raise bad_request(
                f"Could not find a property named '{name.rpartition('/')[2]}' on type '{kind}'.",
                "RequestBroker--ParseUri",
            )


def _embedded_message(outer: StoredMessage, attachment: Attachment) -> dict[str, Any]:
    content = convert(attachment.content)
    view = MessageView(outer, lambda: content, immutable=False, body_type=None)
    hidden = {"changeKey", "categories", "parentFolderId", "inferenceClassification", "uniqueBody", "conversationIndex"}
    shown = {name: read(view) for name, read in FIELDS.items() if name not in hidden}
    own = {
        "id": "",
        "internetMessageId": content.internet_message_id,
        "hasAttachments": content.has_attachments,
        "isRead": False,
    }
    return {"@odata.type": "#microsoft.graph.message", **shown, **own}
