"""What Graph's `@odata.type` says of a message and of an attachment.

Graph names the type of what is derived from the declared one (graph/api/resources/eventmessage, eventmessagerequest,
eventmessageresponse; fileattachment, itemattachment, referenceattachment).
"""

from __future__ import annotations

from collections.abc import Mapping

from flovify.api.messages.models import AttachmentKind, MessageKind

_NAMESPACE = "microsoft.graph."
_MESSAGES: Mapping[str, MessageKind] = {
    "eventmessage": "eventMessage",
    "eventmessagerequest": "eventMessageRequest",
    "eventmessageresponse": "eventMessageResponse",
}
_ATTACHMENTS: Mapping[str, AttachmentKind] = {
    "fileattachment": "file",
    "itemattachment": "item",
    "referenceattachment": "reference",
}


def message_kind(odata_type: object) -> MessageKind:
    """The kind of a message by its `@odata.type`; a plain message for one that is missing or not known here."""
    return _MESSAGES.get(_type_name(odata_type), "message")


def attachment_kind(odata_type: object) -> AttachmentKind:
    """The kind of an attachment by its `@odata.type`; a file for one that is missing or not known here."""
    return _ATTACHMENTS.get(_type_name(odata_type), "file")


def _type_name(odata_type: object) -> str:
    """`#microsoft.graph.fileAttachment` without its namespace, in lower case."""
    return odata_type.lower().removeprefix("#").removeprefix(_NAMESPACE) if isinstance(odata_type, str) else ""
