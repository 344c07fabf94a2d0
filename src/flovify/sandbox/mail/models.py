"""What a mailbox holds and what can happen to it."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from flovify.sandbox.mail import ids
from flovify.sandbox.mail.parts import Attachment

ROOT = "msgfolderroot"
WELL_KNOWN_FOLDERS = {
    "archive": "Archive",
    "deleteditems": "Deleted Items",
    "drafts": "Drafts",
    "inbox": "Inbox",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
    "sentitems": "Sent Items",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of one mailbox; `well_known` is the name it can be addressed by besides its id."""

    id: str
    well_known: str
    display_name: str
    parent_id: str


class Reference(msgspec.Struct, frozen=True):
    """A link to a file elsewhere that hangs on a message like an attachment."""

    name: str
    source_url: str

    def attachment(self) -> Attachment:
        """Its type follows from its name; the size is that of the link."""
        kind = mimetypes.guess_type(self.name)[0] or ""
        link = self.source_url.encode()
        return Attachment(
            self.name, kind, link, inline=False, content_id=None, is_message=False, source_url=self.source_url
        )


class StoredMessage(msgspec.Struct):
    """A message's mailbox state; everything else is in its source. Times are UTC, to the second.

    `version` is that of its last change, `entered_version` that with which it came into its folder. `derived_type` is
    the kind of eventMessage it is, empty for an ordinary message.
    """

    key: str
    user_id: str
    folder_id: str
    regular_id: str
    immutable_id: str
    source_hash: str
    source_bytes: int
    internet_message_id: str
    conversation_id: str
    received_at: datetime
    created_at: datetime
    modified_at: datetime
    number: int
    version: int
    is_read: bool = False
    is_draft: bool = False
    categories: list[str] = []
    flag: dict[str, object] = msgspec.field(default_factory=lambda: {"flagStatus": "notFlagged"})
    importance: str | None = None
    inference: str = "focused"
    entered_version: int = 0
    derived_type: str = ""
    references: list[Reference] = []

    def shown_id(self, *, immutable: bool) -> str:
        return self.immutable_id if immutable else self.regular_id

    @property
    def change_key(self) -> str:
        return ids.change_key(self.user_id, self.version)

    @property
    def etag(self) -> str:
        return f'W/"{self.change_key}"'


ChangeKind = Literal["created", "updated", "deleted", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change in a mailbox, with the ids and the etag as they were right after it.

    `left_folder_id` and `left_regular_id` are set for a move: where the message was and what it was called there.
    """

    kind: ChangeKind
    user_id: str
    folder_id: str
    regular_id: str
    immutable_id: str
    etag: str
    left_folder_id: str | None = None
    left_regular_id: str | None = None

    @classmethod
    def of(
        cls, kind: ChangeKind, message: StoredMessage, left_folder_id: str | None = None, left_id: str | None = None
    ) -> Change:
        """What has just happened to a message."""
        return cls(
            kind=kind,
            user_id=message.user_id,
            folder_id=message.folder_id,
            regular_id=message.regular_id,
            immutable_id=message.immutable_id,
            etag=message.etag,
            left_folder_id=left_folder_id,
            left_regular_id=left_id,
        )


class UnknownMailbox(LookupError):
    """No user of the directory has this address."""


class MessageNotFound(LookupError):
    """No message has this id in this mailbox, or not any more."""


class FolderNotFound(LookupError):
    """No folder has this id or well-known name in this mailbox."""


class InvalidChange(Exception):
    """A value a message cannot take; the text says which."""
