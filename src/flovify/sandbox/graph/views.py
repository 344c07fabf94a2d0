"""Messages, attachments and folders as Graph shows them (graph/api/resources/message, attachment, mailfolder)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flovify.sandbox.graph.errors import bad_request
from flovify.sandbox.graph.exchange import rfc3339
from flovify.sandbox.mail import ids
from flovify.sandbox.mail.mailbox import Mailbox as UserMailbox
from flovify.sandbox.mail.mime import Mailbox, MailContent, convert
from flovify.sandbox.mail.models import Folder, StoredMessage
from flovify.sandbox.mail.parts import Attachment

_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
# With Mail.ReadBasic alone these are left out (graph/permissions-reference, Mail.ReadBasic).
BODY_FIELDS = frozenset({"body", "bodyPreview", "uniqueBody"})
_ON_SELECT_ONLY = frozenset({"internetMessageHeaders", "uniqueBody"})


@dataclass(frozen=True)
class MessageView:
    """One message for one request: `content` is called only when a field needs the source."""

    message: StoredMessage
    content: Callable[[], MailContent]
    immutable: bool
    body_type: str | None

    @property
    def id(self) -> str:
        return self.message.shown_id(immutable=self.immutable)

    def read(self, path: str) -> Any:
        """A property by path, for filters and ordering. Raises GraphError 400 for an unknown one."""
        first, *rest = path.split("/")
        value = FIELDS[canonical(first)](self)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def json(self, names: tuple[str, ...]) -> dict[str, Any]:
        return {"@odata.etag": self.message.etag, **{name: FIELDS[name](self) for name in names}}


def canonical(name: str) -> str:
    """The property's own spelling, whatever the case it was asked in. Raises GraphError 400."""
    try:
        return _BY_LOWER_NAME[name.lower()]
    except KeyError:
        raise bad_request(
            f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
            "on type 'microsoft.graph.message'."
        ) from None


def chosen_fields(select: tuple[str, ...] | None, *, basic: bool) -> tuple[str, ...]:
    """The fields to show: those selected and the id, or all that are shown without asking. `basic` hides bodies."""
    if select is None:
        names = [name for name in FIELDS if name not in _ON_SELECT_ONLY]
    else:
        wanted = {canonical(name) for name in select} | {"id"}
        names = [name for name in FIELDS if name in wanted]
    return tuple(name for name in names if not (basic and name in BODY_FIELDS))


def _recipient(mailbox: Mailbox | None) -> dict[str, Any] | None:
    return None if mailbox is None else {"emailAddress": {"name": mailbox.name, "address": mailbox.address}}


def _recipients(mailboxes: tuple[Mailbox, ...]) -> list[dict[str, Any] | None]:
    return [_recipient(one) for one in mailboxes]


def _body(view: MessageView) -> dict[str, str]:
    kind, content = view.content().body(view.body_type)
    return {"contentType": kind, "content": content}


def _conversation_index(view: MessageView) -> str:
    """What Outlook would write for the first message of a thread: a mark, five bytes of time, sixteen of the thread."""
    known = view.content().thread_index
    if known:
        return known
    ticks = int((view.message.received_at - _FILETIME_EPOCH).total_seconds() * 10**7)
    data = b"\x01" + (ticks >> 24).to_bytes(5, "big") + ids.digest(view.message.conversation_id)
    return base64.b64encode(data).decode()


def _web_link(view: MessageView) -> str:
    item = quote(view.message.regular_id, safe="")
    return f"https://outlook.office365.com/owa/?ItemID={item}&exvsurl=1&viewmodel=ReadMessageItem"


def _headers(view: MessageView) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in view.content().headers]


FIELDS: dict[str, Callable[[MessageView], Any]] = {
    "id": lambda view: view.id,
    "createdDateTime": lambda view: rfc3339(view.message.created_at),
    "lastModifiedDateTime": lambda view: rfc3339(view.message.modified_at),
    "changeKey": lambda view: view.message.change_key,
    "categories": lambda view: view.message.categories,
    "receivedDateTime": lambda view: rfc3339(view.message.received_at),
    "sentDateTime": lambda view: rfc3339(view.content().sent_at or view.message.received_at),
    "hasAttachments": lambda view: view.content().has_attachments,
    "internetMessageId": lambda view: view.message.internet_message_id,
    "subject": lambda view: view.content().subject,
    "bodyPreview": lambda view: view.content().preview,
    "importance": lambda view: view.message.importance or view.content().importance,
    "parentFolderId": lambda view: view.message.folder_id,
    "conversationId": lambda view: view.message.conversation_id,
    "conversationIndex": _conversation_index,
    "isDeliveryReceiptRequested": lambda view: view.content().wants_delivery_receipt,
    "isReadReceiptRequested": lambda view: view.content().wants_read_receipt,
    "isRead": lambda view: view.message.is_read,
    "isDraft": lambda view: view.message.is_draft,
    "webLink": _web_link,
    "inferenceClassification": lambda view: view.message.inference,
    "internetMessageHeaders": _headers,
    "body": _body,
    "uniqueBody": _body,
    "sender": lambda view: _recipient(view.content().sender),
    "from": lambda view: _recipient(view.content().author),
    "toRecipients": lambda view: _recipients(view.content().to),
    "ccRecipients": lambda view: _recipients(view.content().cc),
    "bccRecipients": lambda view: _recipients(view.content().bcc),
    "replyTo": lambda view: _recipients(view.content().reply_to),
    "flag": lambda view: view.message.flag,
}
_BY_LOWER_NAME = {name.lower(): name for name in FIELDS}
_ATTACHMENT_FIELDS = {"id", "lastmodifieddatetime", "name", "contenttype", "size", "isinline"}
_FILE_FIELDS = {"contentid", "contentlocation", "contentbytes"}


def attachment_json(
    message: StoredMessage, number: int, attachment: Attachment, select: tuple[str, ...] | None, *, expand_item: bool
) -> dict[str, Any]:
    """A fileAttachment, or an itemAttachment for an attached message, its message included when asked for."""
    shown: dict[str, Any] = {
        "id": ids.attachment_id(message.key, number),
        "lastModifiedDateTime": rfc3339(message.created_at),
        "name": attachment.name,
        "contentType": None if attachment.is_message else attachment.content_type,
        "size": len(attachment.content),
        "isInline": attachment.inline,
    }
    if not attachment.is_message:
        shown |= {"contentId": attachment.content_id, "contentLocation": None}
        if select is None or "contentbytes" in {name.lower() for name in select}:
            shown["contentBytes"] = base64.b64encode(attachment.content).decode()
    kind = "item" if attachment.is_message else "file"
    chosen = {name: value for name, value in shown.items() if _is_selected(name, select)}
    if attachment.is_message and expand_item:
        chosen["item"] = _embedded_message(message, attachment)
    return {"@odata.type": f"#microsoft.graph.{kind}Attachment", **chosen}


def _is_selected(name: str, select: tuple[str, ...] | None) -> bool:
    return select is None or name == "id" or name.lower() in {one.lower().rpartition("/")[2] for one in select}


def check_attachment_select(select: tuple[str, ...] | None) -> None:
    """Raises GraphError 400 for a property no attachment has."""
    for name in select or ():
        if name.lower().rpartition("/")[2] not in _ATTACHMENT_FIELDS | _FILE_FIELDS:
            raise bad_request(
                f"Parsing OData Select and Expand failed: Could not find a property named '{name}' "
                "on type 'microsoft.graph.attachment'."
            )


def _embedded_message(outer: StoredMessage, attachment: Attachment) -> dict[str, Any]:
    content = convert(attachment.content)
    view = MessageView(outer, lambda: content, immutable=False, body_type=None)
    hidden = {"changeKey", "categories", "parentFolderId", "inferenceClassification", "uniqueBody", "conversationIndex"}
    shown = {name: read(view) for name, read in FIELDS.items() if name not in hidden}
    own = {"id": "", "internetMessageId": content.internet_message_id, "isRead": False}
    return {"@odata.type": "#microsoft.graph.message", **shown, **own}


def folder_json(folder: Folder, mailbox: UserMailbox) -> dict[str, Any]:
    total, unread = mailbox.counts(folder.id)
    children = len(mailbox.folders) if folder.id == mailbox.root_id else 0
    return {
        "id": folder.id,
        "displayName": folder.display_name,
        "parentFolderId": folder.parent_id,
        "childFolderCount": children,
        "unreadItemCount": unread,
        "totalItemCount": total,
        "isHidden": False,
    }
