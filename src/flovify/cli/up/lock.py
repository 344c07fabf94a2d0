"""One supervisor a data directory, and an end for the children of one that was killed."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from flovify.cli.up import processes
from flovify.cli.up.errors import UpError

MARKER = "FLOVIFY_UP_DATA_DIR"  # in every child's environment, so that a later supervisor knows its own


class DataDirLock:
    """Held while the supervisor lives; the kernel releases it however the process ends."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "up.lock"
        self._descriptor = -1

    def __enter__(self) -> Self:
        """Raises UpError naming the process that holds the lock."""
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            raise UpError(
                f"flovify is already running in {self._path.parent} (process {holder}): stop it first, "
                "or give this one its own FLOVIFY_DATA_DIR and FLOVIFY_PORT"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def end_stale_children(data_dir: Path, drain_seconds: float = 10.0) -> int:
    """Ends the processes a killed supervisor of this data directory left; returns how many there were.

    Call it only with the lock held: every process with our marker then belongs to nobody.
    """
    stale = [pid for pid in processes.all_pids() if _is_stale(pid, str(data_dir))]
    for pid in stale:
        processes.send(pid, signal.SIGTERM)
        processes.send(pid, signal.SIGCONT)
    deadline = time.monotonic() + drain_seconds
    for pid in stale:
        if not processes.wait_gone(pid, deadline - time.monotonic()):
            processes.send(pid, signal.SIGKILL)
            processes.wait_gone(pid, 5.0)
    return len(stale)


def _is_stale(pid: int, data_dir: str) -> bool:
    return pid != os.getpid() and processes.environment_value(pid, MARKER) == data_dir
