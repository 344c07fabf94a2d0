"""What the sandbox remembers over a restart: every change is written through to one SQLite file.

A process that is killed loses nothing that it has acknowledged; only a power cut may (synchronous=NORMAL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from flovify.common.settings import SettingError

S = TypeVar("S", bound=msgspec.Struct)
MEMORY = ":memory:"


class Journal:
    """Structs by kind and key, and blobs by key. Not safe for threads: it lives on the event loop."""

    def __init__(self, path: Path | None) -> None:
        """Open or create the file; None keeps everything in memory only. Raises SettingError if it cannot be used."""
        self._path = path
        try:
            self._db = _open(path)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def put(self, kind: str, key: str, value: msgspec.Struct) -> None:
        """Keep `value`; what stood there is replaced and keeps its place in the order."""
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (kind, key, msgspec.msgpack.encode(value)),
        )

    def delete(self, kind: str, key: str) -> None:
        """Forget; nothing happens when there is no such entry."""
        self._db.execute("DELETE FROM entries WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str, type_: type[S]) -> Iterator[S]:
        """All values of a kind, in the order they were first put. Raises SettingError if one cannot be read."""
        rows = self._db.execute("SELECT value FROM entries WHERE kind = ? ORDER BY rowid", (kind,)).fetchall()
        try:
            return iter([msgspec.msgpack.decode(value, type=type_) for (value,) in rows])
        except msgspec.MsgspecError as error:
            raise self._unusable(error) from None

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

    @contextmanager
    def together(self) -> Iterator[None]:
        """All changes of the block are kept, or none of them; within another block it is part of that one.

        The block must not await: other requests' changes would become part of it.
        """
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def clear(self, *, keep_blobs: Collection[str] = ()) -> None:
        """Forget every value and every blob but the named ones."""
        self._db.execute("DELETE FROM entries")
        marks = ", ".join("?" for _ in keep_blobs)
        self._db.execute(f"DELETE FROM blobs WHERE key NOT IN ({marks})", tuple(keep_blobs))  # noqa: S608 - only marks

    def close(self) -> None:
        self._db.close()

    def _unusable(self, error: Exception) -> SettingError:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        return SettingError(
            f"FLOVIFY_DATA_DIR: the sandbox cannot use its state in {self._path} ({reason}); "
            "choose a folder that can be written, or move the file away to begin anew"
        )


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Tokens and the signing key are in it.
        path.touch(mode=0o600)
    database = sqlite3.connect(str(path) if path else MEMORY, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS entries (kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (kind, key))"
    )
    database.execute("CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, data BLOB NOT NULL)")
    return database
