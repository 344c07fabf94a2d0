"""Messages and folders as Graph shows them (graph/api/resources/message, mailfolder)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flovify.sandbox.graph import event_views
from flovify.sandbox.graph.errors import bad_request
from flovify.sandbox.graph.exchange import rfc3339
from flovify.sandbox.mail import ids
from flovify.sandbox.mail.mailbox import Mailbox as UserMailbox
from flovify.sandbox.mail.mime import Mailbox, MailContent
from flovify.sandbox.mail.models import Folder, StoredMessage

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
        """The named properties; those of derived types only where the message is of one that has them."""
        shown = {"@odata.etag": self.message.etag, **{name: FIELDS[name](self) for name in names if name in FIELDS}}
        derived = self.message.derived_type
        if not derived:
            return shown
        own = event_views.event_json(derived, self.content(), [name for name in names if name not in FIELDS])
        return {"@odata.type": f"#microsoft.graph.{derived}", **shown, **own}


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
    """The fields to show: those selected and the id, or all that are shown without asking. `basic` hides bodies.

    A property of a derived type is selected with the type before it (`microsoft.graph.eventMessage/isAllDay`).
    """
    if select is None:
        names = [name for name in FIELDS if name not in _ON_SELECT_ONLY] + event_views.all_names()
    else:
        derived = {event_views.canonical(name) for name in select if "/" in name}
        wanted = {canonical(name) for name in select if "/" not in name} | {"id"}
        names = [name for name in FIELDS if name in wanted] + [
            name for name in event_views.all_names() if name in derived
        ]
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
    "hasAttachments": lambda view: bool(view.message.references) or view.content().has_attachments,
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
