"""What the sandbox remembers over a restart: every change is written through to one SQLite file.

A process that is killed loses nothing that it has acknowledged; only a power cut may (synchronous=NORMAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
MEMORY = ":memory:"


class Journal:
    """Structs by kind and key, and blobs by key. Not safe for threads: it lives on the event loop."""

    def __init__(self, path: Path | None) -> None:
        """Open or create the file; None keeps everything in memory only."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(str(path) if path else MEMORY, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS entries (kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, key))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, data BLOB NOT NULL)")

    def put(self, kind: str, key: str, value: msgspec.Struct) -> None:
        """Keep `value`, replacing what stood there."""
        self._db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", (kind, key, msgspec.msgpack.encode(value)))

    def delete(self, kind: str, key: str) -> None:
        """Forget; nothing happens when there is no such entry."""
        self._db.execute("DELETE FROM entries WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str, type_: type[S]) -> Iterator[S]:
        """All values of a kind, in the order they were first put."""
        rows = self._db.execute("SELECT value FROM entries WHERE kind = ? ORDER BY rowid", (kind,)).fetchall()
        return (msgspec.msgpack.decode(value, type=type_) for (value,) in rows)

    def put_blob(self, key: str, data: bytes) -> None:
        """Keep bytes under a key; the same key means the same bytes."""
        self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (key, data))

    def get_blob(self, key: str) -> bytes:
        """Raises KeyError when there are none."""
        row = self._db.execute("SELECT data FROM blobs WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        data: bytes = row[0]
        return data

    def clear_entries(self) -> None:
        """Forget all values; blobs stay, being found only by what was forgotten."""
        self._db.execute("DELETE FROM entries")

    def close(self) -> None:
        self._db.close()
