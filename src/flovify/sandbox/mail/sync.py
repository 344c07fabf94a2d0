"""What delta queries need beside the messages themselves: what left a folder, and which tokens are still good."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal

import msgspec

from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.models import StoredMessage

_TOMBSTONE = "tombstone"
_STATE = "sync state"
Reason = Literal["deleted", "changed"]


class Tombstone(msgspec.Struct, frozen=True):
    """A message that left a folder at `version`: deleted for good, or moved (`changed`, it may come back).

    The ids are those it had there. A regular id is never given again, so it tells one stay in a folder from the next.
    """

    user_id: str
    folder_id: str
    regular_id: str
    immutable_id: str
    received_at: datetime
    version: int
    reason: Reason


class SyncState(msgspec.Struct, frozen=True):
    """Delta tokens of `generation` are good; all others of this mailbox are answered with `status`."""

    user_id: str
    generation: str
    status: int = 410


class SyncLog:
    """By mailbox, in memory and in the journal. What is there is told by the messages' own versions."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._left: dict[tuple[str, str], list[Tombstone]] = {}
        self.last_version = 0
        for tombstone in journal.load(_TOMBSTONE, Tombstone):
            self._keep(tombstone)
        self._states = {state.user_id: state for state in journal.load(_STATE, SyncState)}

    def clear(self) -> None:
        """Forget all; the journal is cleared by the caller. Tokens handed out before are not good any more."""
        self._left.clear()
        self._states.clear()

    def record(self, message: StoredMessage, folder_id: str, regular_id: str, reason: Reason) -> None:
        """Keep that the message, now at a new version, left a folder where it had this regular id."""
        tombstone = Tombstone(
            user_id=message.user_id,
            folder_id=folder_id,
            regular_id=regular_id,
            immutable_id=message.immutable_id,
            received_at=message.received_at,
            version=message.version,
            reason=reason,
        )
        self._journal.put(_TOMBSTONE, regular_id, tombstone)
        self._keep(tombstone)

    def _keep(self, tombstone: Tombstone) -> None:
        self._left.setdefault((tombstone.user_id, tombstone.folder_id), []).append(tombstone)
        self.last_version = max(self.last_version, tombstone.version)

    def left_since(self, user_id: str, folder_id: str, version: int) -> list[Tombstone]:
        """What left a folder after a version, in that order."""
        return [one for one in self._left.get((user_id, folder_id), []) if one.version > version]

    def state(self, user_id: str) -> SyncState:
        """Which tokens of the mailbox are good; its first generation begins with the first question."""
        return self._states.get(user_id) or self._begin(user_id, 410)

    def expire(self, user_id: str, status: int) -> None:
        """Make all delta tokens of the mailbox bad; they are answered with `status` from now on."""
        self._begin(user_id, status)

    def _begin(self, user_id: str, status: int) -> SyncState:
        state = SyncState(user_id, secrets.token_hex(8), status)
        self._states[user_id] = state
        self._journal.put(_STATE, user_id, state)
        return state
