"""At most four requests at once for one mailbox: Outlook's limit per app and mailbox (graph/throttling-limits)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

SLOTS_PER_MAILBOX = 4


@dataclass
class _Mailbox:
    free: int = SLOTS_PER_MAILBOX
    users: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


class MailboxSlots:
    """Counts this process's requests a mailbox. A batch takes as many slots as it has items, four at most.

    Other processes count for themselves; the queue's mailbox lease keeps two workers from one mailbox.
    """

    def __init__(self) -> None:
        self._mailboxes: dict[str, _Mailbox] = {}

    @asynccontextmanager
    async def take(self, mailbox: str, count: int = 1) -> AsyncIterator[None]:
        """Hold `count` slots of `mailbox`, waiting for them if need be."""
        wanted = max(1, min(count, SLOTS_PER_MAILBOX))
        entry = self._mailboxes.setdefault(mailbox, _Mailbox())
        entry.users += 1
        try:
            async with entry.changed:
                await entry.changed.wait_for(lambda: entry.free >= wanted)
                entry.free -= wanted
            try:
                yield
            finally:
                await asyncio.shield(self._give_back(entry, wanted))
        finally:
            entry.users -= 1
            if entry.users == 0:
                self._mailboxes.pop(mailbox, None)

    @staticmethod
    async def _give_back(entry: _Mailbox, count: int) -> None:
        async with entry.changed:
            entry.free += count
            entry.changed.notify_all()
