"""Subscriptions in memory, so that a notification usually costs no read."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from flovify.api.intake.errors import OverBudget
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake_log.errors import NotStored

# A change is announced by NOTIFY, so these matter only when an announcement is lost.
LISTENING_SECONDS = 60.0
DEAF_SECONDS = 2.0
# Ids that exist nowhere are remembered for a moment, and not too many of them: they cost a stranger nothing to make up.
UNKNOWN_SECONDS = 5.0
MAX_UNKNOWN = 10_000
MAX_KNOWN = 100_000
# Where notifications are kept without the database: for how long what was known before is believed while it is away,
# and how often it is asked meanwhile.
STALE_SECONDS = 3600.0
AWAY_SECONDS = 2.0
# Announced changes that are read together.
_MOST_READ = 1000

_PAST = float("-inf")

Value = TypeVar("Value")
# Whether so many ids that nobody here has heard of may be looked up.
MayLookUp = Callable[[int], bool]
Read = Callable[[Sequence[uuid.UUID]], Awaitable[list[KnownSubscription]]]
# Everything there is.
ReadAll = Callable[[], Awaitable[list[KnownSubscription]]]
# What is known, until when it may be believed, and when it was last sure. One that is read again is another object.
Entry = tuple[KnownSubscription, float, float]


class KnownSubscriptions:
    """Subscriptions by our row id. Everybody who asks for unknown ids at one moment shares one read.

    While the database is away, what was known is believed for `stale_seconds` since it was last sure, unless a change
    of it was announced.
    """

    def __init__(
        self, read: Read, monotonic: Callable[[], float] = time.monotonic, *, stale_seconds: float = 0.0
    ) -> None:
        self._read = read
        self._monotonic = monotonic
        self._entries: dict[uuid.UUID, Entry] = {}
        self._unknown: OrderedDict[uuid.UUID, float] = OrderedDict()
        # Announced, and not read yet.
        self._heard: OrderedDict[uuid.UUID, None] = OrderedDict()
        self._asked: dict[uuid.UUID, asyncio.Future[KnownSubscription | None]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._changes = 0
        self._stale_seconds = stale_seconds
        # Since when reads fail, None while they do not, and until when none is tried.
        self._away_since: float | None = None
        self._away_until = _PAST
        # Announced while all of them are being read.
        self._changed: set[uuid.UUID] | None = None
        self.listening = False

    async def find(
        self, row_ids: Iterable[uuid.UUID], may_look_up: MayLookUp = lambda _number: True
    ) -> dict[uuid.UUID, KnownSubscription | None]:
        """Each id with its subscription or None. Raises NotStored when it takes a read and the database is away.

        For ids that nobody here has heard of `may_look_up` is asked first, with their number: OverBudget if it says no.
        What is known, or was announced, is read again at no charge.
        """
        now = self._monotonic()
        found: dict[uuid.UUID, KnownSubscription | None] = {}
        missing: list[uuid.UUID] = []
        for row_id in row_ids:
            entry = self.entry(row_id)
            if entry is not None:
                found[row_id] = entry[0]
            elif self._unknown.get(row_id, 0.0) > now:
                found[row_id] = None
            else:
                missing.append(row_id)
        strange = sum(row_id not in self._entries and row_id not in self._heard for row_id in missing)
        if strange and not may_look_up(strange):
            raise OverBudget("unknown_ids")
        if missing:
            found |= dict(zip(missing, await asyncio.gather(*map(self._ask_or_believe, missing)), strict=True))
        return found

    def entry(self, row_id: uuid.UUID) -> Entry | None:
        """What `find` would say without any read, and how long it holds; None when it would have to read."""
        entry, now = self._entries.get(row_id), self._monotonic()
        if entry is None:
            return None
        return entry if entry[1] > now or (self._away_until > now and self._is_believed(entry, now)) else None

    async def read_again(self, row_id: uuid.UUID) -> KnownSubscription | None:
        """The subscription as it is in the database now. Raises NotStored."""
        self._changes += 1
        self._unknown.pop(row_id, None)
        if (entry := self._entries.get(row_id)) is not None:
            # It stays for when the database is away, but is no longer taken without asking.
            self._entries[row_id] = self._outdated(entry)
        return await self._ask(row_id)

    async def learn_all(self, read_all: ReadAll) -> None:
        """`learn` what `read_all` finds, but for what is announced meanwhile. Raises NotStored."""
        changed = self._changed = set[uuid.UUID]()
        try:
            rows = await read_all()
            if self._changed is changed:  # else announcements may have been missed
                self.learn(row for row in rows if row.id not in changed)
        finally:
            self._changed = None

    async def read_heard(self) -> bool:
        """Read what was announced and nobody has asked for yet; whether there is more. Raises NotStored."""
        await asyncio.gather(*map(self._ask, list(self._heard)[:_MOST_READ]))
        return bool(self._heard)

    def learn(self, rows: Iterable[KnownSubscription]) -> None:
        """What there is, before the first notification comes."""
        self._remember((), {row.id: row for row in rows})

    def forget(self, row_id: uuid.UUID) -> None:
        """Read this one again when it is next asked for: something changed, or it is new."""
        self._changes += 1
        if self._changed is not None:
            self._changed.add(row_id)
        self._entries.pop(row_id, None)
        self._unknown.pop(row_id, None)
        _keep(self._heard, row_id, None, MAX_KNOWN)

    def forget_all(self) -> None:
        """Read everything again, after announcements may have been missed."""
        self._changes += 1
        self._changed = None
        self._entries = {row_id: self._outdated(entry) for row_id, entry in self._entries.items()}
        self._unknown.clear()

    def _outdated(self, entry: Entry) -> Entry:
        """The same, to be read before it is taken, and sure until this moment if it was followed until now."""
        return entry[0], _PAST, self._monotonic() if self._is_followed(entry) else entry[2]

    def _is_followed(self, entry: Entry) -> bool:
        """Whether a change would have been heard, so that it is sure however long ago it was read."""
        return self.listening and entry[1] != _PAST

    def _is_believed(self, entry: Entry, now: float) -> bool:
        """Whether it may stand for what cannot be read."""
        away = now - (self._away_since if self._away_since is not None else now)
        return away < self._stale_seconds and (self._is_followed(entry) or now - entry[2] < self._stale_seconds)

    async def _ask_or_believe(self, row_id: uuid.UUID) -> KnownSubscription | None:
        try:
            return await self._ask(row_id)
        except NotStored:
            entry = self._entries.get(row_id)
            if entry is None or not self._is_believed(entry, self._monotonic()):
                raise
            return entry[0]

    async def _ask(self, row_id: uuid.UUID) -> KnownSubscription | None:
        future = self._asked.get(row_id)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._asked[row_id] = future
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read_asked())
        # Shielded: one request that runs out of time must not take the answer from the others.
        return await asyncio.shield(future)

    async def _read_asked(self) -> None:
        while self._asked:
            await asyncio.sleep(0)  # let the requests of this moment join in
            asked, self._asked = self._asked, {}
            changes = self._changes
            try:
                rows = await self._read(list(asked))
            except NotStored as error:
                self._note_away()
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # looked at, should nobody wait for it any more
                continue
            self._away_since, self._away_until = None, _PAST
            found = {row.id: row for row in rows}
            if changes == self._changes:
                # Otherwise something changed while we read, and what we have may be the state before.
                self._remember(asked, found)
            for row_id, future in asked.items():
                future.set_result(found.get(row_id))

    def _note_away(self) -> None:
        now = self._monotonic()
        self._away_until = now + AWAY_SECONDS
        if self._away_since is None:
            self._away_since = now

    def _remember(self, asked: Iterable[uuid.UUID], found: dict[uuid.UUID, KnownSubscription]) -> None:
        now = self._monotonic()
        if len(self._entries) + len(found) > MAX_KNOWN:
            self._entries.clear()
        life = LISTENING_SECONDS if self.listening else DEAF_SECONDS
        for row_id, row in found.items():
            self._entries[row_id] = (row, now + life, now)
            self._heard.pop(row_id, None)
        for row_id in asked:
            if row_id not in found:
                _keep(self._unknown, row_id, now + UNKNOWN_SECONDS, MAX_UNKNOWN)
                self._entries.pop(row_id, None)
                self._heard.pop(row_id, None)


def _keep(kept: OrderedDict[uuid.UUID, Value], row_id: uuid.UUID, value: Value, most: int) -> None:
    """Of too many the oldest goes."""
    kept[row_id] = value
    kept.move_to_end(row_id)
    if len(kept) > most:
        kept.popitem(last=False)
