"""Walks an audit log and its seals, and says what is not as it was."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from flovify.common.audit.chain import BEFORE_THE_FIRST, Link, LoggedEntry, LogKeys, Seal, entry_digest, head_digits
from flovify.common.audit.findings import Finding, Kind, Report
from flovify.common.audit.store import CheckedSeal, EntryMark, SealStore

BATCH = 1000
# Sealing takes seconds; what has no seal after this long was put past the sealer, or nothing seals.
DUE_SECONDS = 60.0

# How far it is: seals checked so far, and seals in all.
Progress = Callable[[int, int], None]


@dataclass
class Chain:
    """Follows the seals by their positions. What breaks once is said once: the walk goes on from what is found."""

    keys: LogKeys
    pruned_through: int = 0
    at_least: Mapping[int, str] = field(default_factory=dict)
    position: int = 0
    # What the next seal may be tied to; empty when that is not known, after a gap.
    _before: tuple[bytes, ...] = (BEFORE_THE_FIRST,)

    def follow(self, one: CheckedSeal, report: Report) -> None:
        """Check the next seal with its entry."""
        report.add(self._gap(one.seal))
        report.add(self._seal(one, report))
        report.add(self._head(one.seal))
        report.add(self._entry(one, report))
        self.position = one.seal.position
        report.head = Link(one.seal.position, one.seal.mac)

    def ended(self) -> Iterator[Finding]:
        """What should have come."""
        for position in self.at_least:
            if position > self.position:
                text = f"the chain ends at {self.position}, before {position}: the last entries were removed"
                yield Finding(Kind.HEAD, text)

    def _gap(self, seal: Seal) -> Iterator[Finding]:
        if seal.position == self.position + 1:
            return
        self._before = ()
        first, last = self.position + 1, seal.position - 1
        yield Finding(Kind.GAP, f"positions {first} to {last}" if first < last else f"position {first}")
        for position in self.at_least:
            if first <= position <= last:
                yield Finding(Kind.HEAD, f"position {position} is missing")

    def _seal(self, one: CheckedSeal, report: Report) -> Iterator[Finding]:
        seal, key = one.seal, self.keys.find(one.seal.key_id)
        if key is None:
            report.unknown_keys[seal.key_id] += 1
            self._before = (seal.mac,)
            return
        expected = [key.mac(before, seal) for before in self._before]
        if not expected or any(hmac.compare_digest(mac, seal.mac) for mac in expected):
            self._before = (seal.mac,)
            return
        # The next one may be tied to what stands here now, or to what should.
        self._before = (seal.mac, *expected)
        yield _of(one, Kind.SEAL, f"position {seal.position}")

    def _head(self, seal: Seal) -> Iterator[Finding]:
        wanted = self.at_least.get(seal.position)
        if wanted is not None and wanted != head_digits(seal.mac):
            yield Finding(Kind.HEAD, f"position {seal.position} is {head_digits(seal.mac)}, not {wanted}")

    def _entry(self, one: CheckedSeal, report: Report) -> Iterator[Finding]:
        if one.entry is None and one.seal.entry_id <= self.pruned_through:
            report.pruned += 1
        elif one.entry is None:
            yield _of(one, Kind.MISSING, f"sealed at position {one.seal.position}")
        elif entry_digest(one.entry) != one.seal.digest:
            yield _of(one, Kind.CHANGED, f"sealed at position {one.seal.position}")


async def check(
    store: SealStore, keys: LogKeys, at_least: Mapping[int, str] | None = None, progress: Progress | None = None
) -> Report:
    """Read everything once, in batches. `at_least`: earlier heads by position. Raises what asyncpg raises."""
    report = Report(store.log, permissions=await store.permissions())
    total = (await store.state()).head.position
    chain = Chain(keys, pruned_through(report.permissions), at_least or {})
    while batch := await store.seals(chain.position, BATCH):
        for one in batch:
            chain.follow(one, report)
        if progress:
            progress(chain.position, total)
    report.add(chain.ended())
    await _look_for_unsealed(store, report)
    return report


def pruned_through(permissions: list[LoggedEntry]) -> int:
    """Up to which id entries may be missing: never further than the entry that says so. 0 for none."""
    return max((min(_through(entry), entry.id - 1) for entry in permissions), default=0)


async def _look_for_unsealed(store: SealStore, report: Report) -> None:
    last = 0
    while batch := await store.entries(last, BATCH, DUE_SECONDS):
        report.entries += len(batch)
        report.add(_unsealed(mark) for mark in batch if mark.due and not mark.sealed)
        last = batch[-1].id


def _unsealed(mark: EntryMark) -> Finding:
    return Finding(Kind.UNSEALED, "older than a minute", mark.id, mark.at, mark.action)


def _of(one: CheckedSeal, kind: Kind, detail: str) -> Finding:
    at: datetime = one.entry.at if one.entry else one.seal.sealed_at
    return Finding(kind, detail, one.seal.entry_id, at, one.entry.action if one.entry else None)


def _through(entry: LoggedEntry) -> int:
    try:
        found = msgspec.json.decode(entry.details)
    except msgspec.DecodeError:
        return 0
    through = found.get("through_id") if isinstance(found, dict) else None
    return through if isinstance(through, int) and not isinstance(through, bool) else 0
