"""All mailboxes of the sandbox: mail comes in, is read, changed, moved and deleted, and every change is told.

State is kept in memory and in the journal; raw messages are blobs there and are parsed when first read.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail import ids
from flovify.sandbox.mail.changes import apply_changes
from flovify.sandbox.mail.mailbox import Mailbox
from flovify.sandbox.mail.mime import MailContent, convert, derived_type, thread_ids
from flovify.sandbox.mail.models import Change, Folder, Reference, StoredMessage, UnknownMailbox
from flovify.sandbox.mail.parts import Attachment
from flovify.sandbox.mail.sync import SyncLog

_KIND = "message"
_PARSED_KEPT = 2048
_PARSED_MAX_BYTES = 2**20


class MailStore:
    """Mailboxes by user id. Not safe for threads: it lives on the event loop."""

    def __init__(self, journal: Journal, clock: SandboxClock, directory: Directory) -> None:
        self._journal = journal
        self._clock = clock
        self._directory = directory
        self._mailboxes: dict[str, Mailbox] = {}
        self._listeners: list[Callable[[Change], None]] = []
        self._parsed: OrderedDict[str, MailContent] = OrderedDict()
        self.sync = SyncLog(journal)
        self._last_version = self.sync.last_version
        self._last_number = 0
        for message in journal.load(_KIND, StoredMessage):
            self.mailbox(message.user_id).add(message)
            self._last_version = max(self._last_version, message.version)
            self._last_number = max(self._last_number, message.number)

    def clear(self) -> None:
        """Forget all mail without telling anybody; the journal is cleared by the caller."""
        self._mailboxes.clear()
        self._parsed.clear()
        self.sync.clear()

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Have `listener` called, on the event loop and at once, for every change from now on."""
        self._listeners.append(listener)

    def has_mailbox(self, address: str) -> bool:
        user = self._directory.user_by_address(address)
        return user is not None and user.kind != "unlicensed"

    def mailbox(self, user_id: str) -> Mailbox:
        """The mailbox of a user, empty at first. Not checked: that the directory knows the user."""
        if user_id not in self._mailboxes:
            self._mailboxes[user_id] = Mailbox(user_id)
        return self._mailboxes[user_id]

    def deliver(
        self, address: str, raw: bytes, *, received_at: datetime | None = None, derived_type: str = ""
    ) -> StoredMessage:
        """Put a message into the Inbox of the user with this address. Raises UnknownMailbox.

        `derived_type` makes it that kind of eventMessage whatever the source says.
        """
        user = self._directory.user_by_address(address)
        if user is None or user.kind == "unlicensed":
            raise UnknownMailbox(address)
        mailbox = self.mailbox(user.id)
        message = self._new_message(mailbox, mailbox.folder("inbox"), raw, received_at)
        message.derived_type = derived_type or message.derived_type
        return self._add(message, raw)

    def add_draft(self, user_id: str, folder: str, raw: bytes) -> StoredMessage:
        """Put a draft into a folder. Raises FolderNotFound."""
        mailbox = self.mailbox(user_id)
        message = self._new_message(mailbox, mailbox.folder(folder), raw, None)
        message.is_draft = message.is_read = True
        return self._add(message, raw)

    def _add(self, message: StoredMessage, raw: bytes) -> StoredMessage:
        self.mailbox(message.user_id).add(message)
        with self._journal.together():
            self._journal.put_blob(message.source_hash, raw)
            self._save(message)
            self._tell(Change.of("created", message))
        return message

    def _new_message(self, mailbox: Mailbox, folder: Folder, raw: bytes, received_at: datetime | None) -> StoredMessage:
        now, version = self._now(), self._next_version()
        own_id, answered = thread_ids(raw)
        key = secrets.token_hex(16)
        message_id = own_id or f"<{key}@sandbox.flovify.local>"
        thread = answered[0] if answered else message_id
        self._last_number += 1
        return StoredMessage(
            key=key,
            user_id=mailbox.user_id,
            folder_id=folder.id,
            regular_id=ids.new_regular_id(mailbox.user_id, folder.id),
            immutable_id=ids.new_immutable_id(mailbox.user_id),
            source_hash=hashlib.sha256(raw).hexdigest(),
            source_bytes=len(raw),
            internet_message_id=message_id,
            conversation_id=mailbox.conversation(answered) or ids.conversation_id(mailbox.user_id, thread),
            received_at=(received_at or now).replace(microsecond=0),
            created_at=now,
            modified_at=now,
            number=self._last_number,
            version=version,
            entered_version=version,
            derived_type=derived_type(raw),
        )

    def source(self, message: StoredMessage) -> bytes:
        """The message exactly as it came in."""
        return self._journal.get_blob(message.source_hash)

    def content(self, message: StoredMessage) -> MailContent:
        """What the source says; the last two thousand answers are kept."""
        known = self._parsed.get(message.source_hash)
        if known is not None:
            self._parsed.move_to_end(message.source_hash)
            return known
        content = convert(self.source(message))
        if message.source_bytes <= _PARSED_MAX_BYTES:
            self._parsed[message.source_hash] = content
            if len(self._parsed) > _PARSED_KEPT:
                self._parsed.popitem(last=False)
        return content

    def attachments(self, message: StoredMessage) -> list[Attachment]:
        """Those of the source, then the links."""
        return [*self.content(message).attachments, *(one.attachment() for one in message.references)]

    def attach(self, message: StoredMessage, reference: Reference) -> None:
        """Add a link to the attachments."""
        message.references = [*message.references, reference]
        with self._journal.together():
            self._touch(message)
            self._tell(Change.of("updated", message))

    def update(self, message: StoredMessage, changes: dict[str, Any]) -> None:
        """Set isRead, categories, flag, importance or inferenceClassification. Raises InvalidChange."""
        apply_changes(message, changes)
        with self._journal.together():
            self._touch(message)
            self._tell(Change.of("updated", message))

    def move(self, message: StoredMessage, id_or_name: str) -> None:
        """Put the message into another folder; its regular id changes. Raises FolderNotFound."""
        mailbox = self.mailbox(message.user_id)
        folder = mailbox.folder(id_or_name)
        left_folder, left_id = message.folder_id, message.regular_id
        mailbox.rename(message, folder, ids.new_regular_id(message.user_id, folder.id))
        message.entered_version = self._next_version()
        with self._journal.together():
            self._touch(message, message.entered_version)
            self.sync.record(message, left_folder, left_id, "changed")
            self._tell(Change.of("moved", message, left_folder, left_id))

    def delete(self, message: StoredMessage) -> None:
        """Remove the message for good."""
        self.mailbox(message.user_id).remove(message)
        message.version = self._next_version()
        with self._journal.together():
            self._journal.delete(_KIND, message.key)
            self.sync.record(message, message.folder_id, message.regular_id, "deleted")
            self._tell(Change.of("deleted", message))

    @property
    def last_version(self) -> int:
        """The version of the last change anywhere; every later change has a higher one."""
        return self._last_version

    def _touch(self, message: StoredMessage, version: int | None = None) -> None:
        message.version = version or self._next_version()
        message.modified_at = self._now()
        self._save(message)

    def _save(self, message: StoredMessage) -> None:
        self._journal.put(_KIND, message.key, message)

    def _next_version(self) -> int:
        """Grows over restarts too, so that an etag never comes back: it starts from the time."""
        self._last_version = max(self._last_version + 1, int(self._clock.now().timestamp() * 1000))
        return self._last_version

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)
