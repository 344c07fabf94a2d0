"""Rows that are about to be deleted, as compressed JSON Lines."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path


class Archive:
    """A folder with one file a batch: `<kind>/<year>/<month>/<kind>-<first id>-<last id>.jsonl.gz`.

    A batch that is archived and, after a crash, taken again gets the same name; nothing stands in it twice.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, kind: str, day: datetime, ids: tuple[object, object], lines: Iterable[str]) -> Path:
        """Returns when the file is on the disk, mode 600. Raises OSError; then nothing may be deleted."""
        path = self._folder / kind / f"{day:%Y}" / f"{day:%m}" / f"{kind}-{ids[0]}-{ids[1]}.jsonl.gz"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
                packed.writelines(f"{line}\n".encode() for line in lines)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path


def archive_in(folder: str) -> Archive | None:
    """None for no folder."""
    return Archive(Path(folder)) if folder else None
