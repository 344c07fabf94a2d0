"""One user's folders and messages, in memory."""

from __future__ import annotations

from collections.abc import Iterator

from flovify.sandbox.mail import ids
from flovify.sandbox.mail.models import ROOT, WELL_KNOWN_FOLDERS, Folder, FolderNotFound, MessageNotFound, StoredMessage


class Mailbox:
    """Finds messages by either id and lists them in order; knows nothing of clocks, listeners or files."""

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.root_id = ids.folder_id(user_id, ROOT)
        self.folders: dict[str, Folder] = {}
        self._names: dict[str, str] = {ROOT: self.root_id}
        self._messages: dict[str, StoredMessage] = {}
        self._keys: dict[str, str] = {}
        self._threads: dict[str, str] = {}
        self._sorted: dict[str | None, list[StoredMessage]] = {}
        for name, shown in WELL_KNOWN_FOLDERS.items():
            folder = Folder(ids.folder_id(user_id, name), name, shown, self.root_id)
            self.folders[folder.id] = folder
            self._names[name] = folder.id

    def folder(self, id_or_name: str) -> Folder:
        """By id (case sensitive) or well-known name (not). Raises FolderNotFound."""
        found = self._names.get(id_or_name.lower(), id_or_name)
        if found == self.root_id:
            return Folder(self.root_id, ROOT, "Top of Information Store", self.root_id)
        try:
            return self.folders[found]
        except KeyError:
            raise FolderNotFound(id_or_name) from None

    def message(self, message_id: str) -> StoredMessage:
        """By regular or immutable id. Raises MessageNotFound."""
        try:
            return self._messages[self._keys[message_id]]
        except KeyError:
            raise MessageNotFound(message_id) from None

    def add(self, message: StoredMessage) -> None:
        self._messages[message.key] = message
        self._keys[message.regular_id] = self._keys[message.immutable_id] = message.key
        self._threads.setdefault(message.internet_message_id, message.conversation_id)
        self._sorted.clear()

    def remove(self, message: StoredMessage) -> None:
        del self._messages[message.key]
        self._keys.pop(message.regular_id, None)
        self._keys.pop(message.immutable_id, None)
        self._sorted.clear()

    def rename(self, message: StoredMessage, folder: Folder, regular_id: str) -> None:
        """Put the message into another folder under a new regular id; the old one is gone."""
        self._keys.pop(message.regular_id, None)
        message.folder_id, message.regular_id = folder.id, regular_id
        self._keys[regular_id] = message.key
        self._sorted.clear()

    def conversation(self, thread_ids: list[str]) -> str | None:
        """The conversation of the first of these Message-IDs that this mailbox knows."""
        return next((self._threads[one] for one in thread_ids if one in self._threads), None)

    def newest_first(self, folder_id: str | None = None) -> list[StoredMessage]:
        """Messages of one folder or of all, by time of receipt, newest first. The caller does not change the list."""
        if folder_id not in self._sorted:
            chosen = (one for one in self._messages.values() if folder_id in (None, one.folder_id))
            self._sorted[folder_id] = sorted(chosen, key=lambda one: (one.received_at, one.number), reverse=True)
        return self._sorted[folder_id]

    def counts(self, folder_id: str) -> tuple[int, int]:
        """(messages, unread messages) of a folder."""
        listed = self.newest_first(folder_id)
        return len(listed), sum(not one.is_read for one in listed)

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(tuple(self._messages.values()))

    def __len__(self) -> int:
        return len(self._messages)
